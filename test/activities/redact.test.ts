import { describe, expect, it } from 'vitest';
import { redact } from '../../activities/redact.js';

describe('output of hosts', () => {
  it.each([
    ['password=swordfish', 'password=[redacted]'],
    ['admin_pass = swordfish', 'admin_pass = [redacted]'],
    ['"OS_PASSWORD": "sword fish", "x": 1', '"OS_PASSWORD": [redacted], "x": 1'],
    ["{'token': 'abc'}", "{'token': [redacted]}"],
    ['X-Auth-Token: gAAAAAB', 'X-Auth-Token: [redacted]'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [redacted]'],
    ['password="cut off', 'password=[redacted]'],
    ['password="a\\"REST" x', 'password=[redacted] x'],
    ['{\\"password\\": \\"a b\\", \\"x\\": 1}', '{\\"password\\": [redacted], \\"x\\": 1}'],
    ['{\\"password\\": \\"a\\\\\\"REST\\"}', '{\\"password\\": [redacted]}'],
    ['{\\"Authorization\\": \\"Bearer abc\\"}', '{\\"Authorization\\": \\"Bearer [redacted]"}'],
    ['password=a;REST x', 'password=[redacted] x'],
    ['password=a,REST x', 'password=[redacted] x'],
    ['password=a&REST x', 'password=[redacted] x'],
    ['password=a"REST)REST x', 'password=[redacted] x'],
    ['(password=a), ["token=b", 1]', '(password=[redacted]), ["token=[redacted]", 1]'],
    ['secret_key = swordfish', 'secret_key = [redacted]'],
    ['memcache_secret_key=swordfish', 'memcache_secret_key=[redacted]'],
    ['auth_encryption_key=swordfish', 'auth_encryption_key=[redacted]'],
    ["'password' => 'sword fish',", "'password' => [redacted],"],
    ['mysql+pymysql://nova:swordfish@db/nova', 'mysql+pymysql://nova:[redacted]@db/nova'],
    [
      'transport_url = rabbit://nova:one@mq1:5672,nova:two@mq2:5672/',
      'transport_url = rabbit://nova:[redacted]@mq1:5672,nova:[redacted]@mq2:5672/',
    ],
    ['rabbit://u:p@REST@mq1/ to a@b', 'rabbit://u:[redacted]@mq1/ to a@b'],
    ['rabbit://u:p@REST,REST@mq1:5672,u:p@REST@mq2', 'rabbit://u:[redacted]@mq1:5672,u:[redacted]@mq2'],
    ['(using password: [redacted])', '(using password: [redacted])'],
    ['mongodb://u:p@h1:27017,h2:27017/db', 'mongodb://u:[redacted]@h1:27017,h2:27017/db'],
  ])('loses its credentials: %s', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it('loses a token of thousands of characters as a whole', () => {
    expect(redact(`X-Auth-Token: ${'MII'.repeat(2_000)} x`)).toBe('X-Auth-Token: [redacted] x');
  });

  it('keeps everything else', () => {
    const text = 'nova-compute.service: Main process exited, code=exited, status=1/FAILURE (see http://docs/10:20)';
    expect(redact(text)).toBe(text);
  });

  it('is cleaned in time however long and hostile it is', () => {
    const fillers = ['a-', ',a:', 'password', '"', '//', ',a:@,', '//a:@', '\\', '@', ')'];
    for (const before of ['', 'password=', 'password="', '\\"token\\": \\"', 'x://y:'])
      for (const filler of fillers) expect(redact(before + filler.repeat(200_000)).length).toBeGreaterThan(0);
  });
});
