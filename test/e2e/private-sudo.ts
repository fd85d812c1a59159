import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one command line came to when it was put to the real sudo. */
export interface SudoAnswer {
  /** What `sudo -n -l COMMAND` said. */
  listed: boolean;
  /** What `sudo -n COMMAND` had root run, one entry for each argument; undefined when nothing ran. */
  ran: string[] | undefined;
  stderr: string;
}

/** The real sudo of this machine, with a sudoers file, a user and a systemd of its own in a private mount namespace. */
export interface PrivateSudo {
  /** Put a command line to sudo as the user; the words before the command may be sudo's own options. */
  ask(...words: string[]): Promise<SudoAnswer>;
  /** A program named as the right one, in a folder of its own. */
  readonly lookalike: string;
  /** What `visudo -c` says about the fragment. */
  check(): Promise<{ exitCode: number; output: string }>;
  close(): Promise<void>;
}

/** Bound over the machine's own files for the length of one command; /etc itself and everybody else's view stay untouched. */
const ENTER = `
set -e
mount --make-rprivate /
for file in passwd group shadow sudoers; do mount --bind "$CELL/$file" "/etc/$file"; done
mount --bind "$CELL/sudoers.d" /etc/sudoers.d
for program in /usr/bin/systemd-run /bin/systemctl /usr/bin/timeout; do mount --bind "$CELL/recorder" "$program"; done
export -n CELL 2>/dev/null || true
exec runuser -u "$SUDO_TEST_USER" -- "$@"
`;

/**
 * @param fragment text of the sudoers fragment under test
 * @param user     a user name that the fragment speaks of and this machine has not
 */
export async function privateSudo(fragment: string, user: string): Promise<PrivateSudo> {
  const cell = await mkdtemp(join(tmpdir(), 'ostler-sudo-'));
  const file = (name: string): string => join(cell, name);
  const record = file('record');
  await chmod(cell, 0o755);
  await mkdir(file('sudoers.d'), { mode: 0o755 });
  await writeFile(file('sudoers'), 'root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n', { mode: 0o440 });
  await writeFile(file('sudoers.d/ostler'), fragment, { mode: 0o440 });
  await extend('/etc/passwd', file('passwd'), `${user}:x:4242:4242::/:/bin/sh`, 0o644);
  await extend('/etc/group', file('group'), `${user}:x:4242:`, 0o644);
  await extend('/etc/shadow', file('shadow'), `${user}:!:19000:0:99999:7:::`, 0o600);
  // One argument per NUL-ended record, so that a newline inside an argument is seen as one.
  await writeFile(file('recorder'), `#!/bin/sh\nprintf '%s\\0' "$0" "$@" > ${record}\n`, { mode: 0o755 });

  await mkdir(file('bin'), { mode: 0o755 });
  await copyFile(file('recorder'), file('bin/systemd-run'));

  const asUser = (words: string[]): Promise<{ exitCode: number; output: string }> =>
    run('unshare', ['--mount', 'bash', '-c', ENTER, 'bash', ...words], { CELL: cell, SUDO_TEST_USER: user });

  return {
    lookalike: file('bin/systemd-run'),
    ask: async (...words) => {
      const listed = await asUser(['sudo', '-n', '-l', ...words]);
      await rm(record, { force: true });
      const tried = await asUser(['sudo', '-n', ...words]);
      const ran = await readFile(record, 'utf8').catch(() => undefined);
      return { listed: listed.exitCode === 0, ran: ran?.split('\0').slice(0, -1), stderr: tried.output };
    },
    check: () => run('visudo', ['-c', '-f', file('sudoers.d/ostler')], {}),
    close: () => rm(cell, { recursive: true, force: true }),
  };
}

async function extend(from: string, to: string, line: string, mode: number): Promise<void> {
  await writeFile(to, `${(await readFile(from, 'utf8')).trimEnd()}\n${line}\n`, { mode });
}

function run(
  program: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error(`${program}: ${error.message}`, { cause: error }));
      else resolve({ exitCode: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}
