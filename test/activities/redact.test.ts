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
    ['mysql+pymysql://nova:swordfish@db/nova', 'mysql+pymysql://nova:[redacted]@db/nova'],
    [
      'transport_url = rabbit://nova:one@mq1:5672,nova:two@mq2:5672/',
      'transport_url = rabbit://nova:[redacted]@mq1:5672,nova:[redacted]@mq2:5672/',
    ],
  ])('loses its credentials: %s', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it('keeps everything else', () => {
    const text = 'nova-compute.service: Main process exited, code=exited, status=1/FAILURE (see http://docs/10:20)';
    expect(redact(text)).toBe(text);
  });

  it('is cleaned in time however long and hostile it is', () => {
    for (const filler of ['a-', ',a:', 'password', '"', '//'])
      expect(redact(filler.repeat(200_000))).toContain(filler.slice(0, 1));
  });
});
