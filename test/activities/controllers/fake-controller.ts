import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { RunResult } from '../../../activities/ssh/types.js';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

export interface FakeController {
  /** The root of its disk. */
  root: string;
  /** Runs a script by the real `/bin/sh`, to which the folders of `/usr` that it looks into are those of this root. */
  run(script: string): RunResult;
  /** What sudo was asked for, one command line each, in order. */
  asked(): string[];
}

/** What is installed at all, by the path that is looked for. */
export const everything = [
  '/usr/sbin/cibadmin',
  '/usr/sbin/mysqld',
  '/usr/sbin/rabbitmqctl',
  '/usr/sbin/haproxy',
  '/usr/bin/ceph-mon',
];

/**
 * A host whose sudo does what `answers` says for each command line, as arms of a shell `case`, and which limits every command to a third of a
 * second.
 */
export function fakeController(
  answers: string,
  { installed = everything, programs = {} }: { installed?: string[]; programs?: Record<string, string> } = {},
): FakeController {
  const root = mkdtempSync(join(tmpdir(), 'ostler-controller-'));
  roots.push(root);
  const put = (path: string, body: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `#!/bin/sh\n${body}\n`);
    chmodSync(join(root, path), 0o755);
  };
  for (const path of installed) put(path, 'echo "nobody runs this" >&2; exit 1');
  const all = {
    timeout: 'shift 3; exec /usr/bin/timeout -k 0.1 0.3 "$@"',
    sudo: `[ "$1" = -n ] || exit 9
shift
printf '%s\\n' "$*" >>"$ROOT/asked"
case "$*" in
${answers}
*) echo "sudo: a password is required" >&2; exit 1 ;;
esac`,
    ...programs,
  };
  for (const [name, body] of Object.entries(all)) put(`bin/${name}`, body);
  const asked = join(root, 'asked');
  return {
    root,
    run(script) {
      const { status, stdout, stderr } = spawnSync(
        '/bin/sh',
        ['-c', script.replaceAll('[ -x /usr', `[ -x ${root}/usr`)],
        {
          env: { PATH: `${root}/bin:/usr/bin:/bin`, ROOT: root },
          encoding: 'utf8',
        },
      );
      return { exitCode: status ?? -1, stdout, stderr, truncated: false };
    },
    asked: () => (existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : []),
  };
}

/** A command that prints a file, of test/fixtures. */
export const prints = (name: string): string => `cat ${new URL(`../../fixtures/${name}`, import.meta.url).pathname}`;
