import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseNodeAnswer } from '../../../activities/audit/node-script.js';
import { shellWord } from '../../../activities/ssh/quote.js';
import { scriptOf } from '../../../bench/audit/script.js';
import { replaying } from '../../../bench/audit/stand-in.js';
import { siteOf } from '../../../inventory/load.js';
import { aNode, anInventory } from '../../domain/samples.js';

const site = siteOf(anInventory([aNode('c1'), aNode('c2')]), '/etc/ostler/ostler.yaml');

const recorded = (nonce: string, text: string): string =>
  `-- ${nonce} loadavg --\n${text}\n-- ${nonce} exit 0 --\n-- ${nonce} end --\n`;

describe('a host that answers at once', () => {
  it('says what was recorded, to whichever script asks', async () => {
    const [first, second] = [await scriptOf(site), await scriptOf(site)];
    expect(second.nonce).not.toBe(first.nonce);
    const text = `it's 5 % of "$HOME" \\n \`id\` -- ${first.nonce.slice(1)} end --`;
    const { stdout } = spawnSync('/bin/sh', ['-c', replaying(recorded(first.nonce, text), first.nonce)], {
      encoding: 'utf8',
      env: { SSH_ORIGINAL_COMMAND: `/bin/sh -c ${shellWord(second.script)}` },
    });
    expect(stdout).toBe(recorded(second.nonce, text));
    expect(parseNodeAnswer(stdout, second.nonce).get('loadavg')).toEqual({ text, exitCode: 0, isLate: false });
  });
});

describe('the script of an audit', () => {
  it('is that of the first node, whole', async () => {
    const { script, nonce } = await scriptOf(site);
    expect(script.endsWith(`echo '-- ${nonce} end --'`)).toBe(true);
    expect(script).toContain('part filesystems');
  });
});
