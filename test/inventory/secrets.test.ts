import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveSecret } from '../../inventory/secrets.js';
import { failureOf, folderWith } from './scratch.js';

const messageOf = async (reference: string, baseDir = '/', env = {}): Promise<string> =>
  (await failureOf(() => resolveSecret(reference, baseDir, env))).message;

describe('a secret', () => {
  it('comes from the environment or from a file, without the line break at its end', async () => {
    const folder = await folderWith({ unix: 'hunter2\n', dos: 'hunter2\r\n', bare: 'hunter2', two: ' hunter2 \n\n' });
    const read = ['file:unix', `file:${folder}/dos`, 'file:./bare', 'file:two'].map((one) =>
      resolveSecret(one, folder, {}),
    );
    expect(await Promise.all(read)).toEqual(['hunter2', 'hunter2', 'hunter2', ' hunter2 \n']);
    expect(await resolveSecret('env:PW', '/', { PW: 'hunter2' })).toBe('hunter2');
  });

  it('may be readable by its group, as the credentials of systemd are', async () => {
    const folder = await folderWith({ pw: 'hunter2' }, 0o440);
    expect(await resolveSecret('file:pw', folder, {})).toBe('hunter2');
  });

  it.each([0o644, 0o604, 0o602])('is refused when others may open its file (mode %o)', async (mode) => {
    const folder = await folderWith({ pw: 'hunter2' });
    await chmod(join(folder, 'pw'), mode);
    expect(await messageOf('file:pw', folder)).toBe(
      `file:pw is open to other users (mode 0${mode.toString(8)}); run \`chmod o= ${folder}/pw\``,
    );
  });

  it('that cannot be had is named by its reference', async () => {
    const folder = await folderWith({ empty: '\n', large: 'x'.repeat(70_000) });
    execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
    expect(await messageOf('env:PW')).toBe('env:PW is not set in the environment of this process');
    expect(await messageOf('env:PW', '/', { PW: '' })).toBe('env:PW is set but empty');
    expect(await messageOf('file:none', folder)).toBe('file:none does not exist');
    expect(await messageOf('file:empty', folder)).toBe('file:empty is empty');
    expect(await messageOf('file:large', folder)).toBe('file:large holds 70000 bytes, which is no secret');
    expect(await messageOf(`file:${folder}`)).toBe(`file:${folder} is not an ordinary file`);
    expect(await messageOf('file:pipe', folder)).toBe('file:pipe is not an ordinary file');
  });

  it('in place of its reference is refused and not repeated', async () => {
    expect(await messageOf('hunter2')).toBe(
      'a secret must be named as env:VARIABLE or file:PATH, and this is neither (not shown: it may be the secret)',
    );
  });
});
