import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { newKey } from '../../../lab/sim/keys.js';

describe('a new key', () => {
  it('is one that ssh2 reads, whatever its bytes, and that signs what its public half verifies', () => {
    for (let count = 0; count < 600; count++) {
      const pair = newKey();
      const secret = ssh2.utils.parseKey(pair.private);
      const shared = ssh2.utils.parseKey(pair.public);
      if (secret instanceof Error || shared instanceof Error) throw new Error(`unreadable key: ${pair.private}`);
      const data = Buffer.from('data');
      expect(shared.verify(data, secret.sign(data) as Buffer)).toBe(true);
    }
  });
});
