import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'ostler-script-'));
const bin = join(folder, 'bin');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The programs that the scripts call, as small as can be: each notes its arguments, one line each, and gives a prepared answer. */
const PROGRAMS = {
  cat: 'printf "%s\\n" "$BOOT_ID"',
  timeout: 'shift 3; exec "$@"',
  systemctl: `printf '%s\\n' "$@" >>"$FOLDER/systemctl"
for unit; do :; done
[ "$unit" = libvirtd.service ] && shown=$NEEDED || shown=$SHOWN
[ "$shown" = silent ] && exit 1
printf '%s\\n' "$shown"`,
  sudo: `printf '%s\\n' "$@" >"$FOLDER/sudo"
exit "$SUDO_EXIT"`,
};
mkdirSync(bin);
for (const [name, body] of Object.entries(PROGRAMS)) {
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

export interface FakeHost {
  bootId?: string;
  /** What systemctl shows of a unit; `silent` when it does not answer. */
  shown?: string;
  /** What it shows of libvirtd. */
  needed?: string;
  sudoExit?: number;
}

export interface Ran {
  exitCode: number | null;
  stderr: string;
  /** The arguments sudo was called with; undefined when it was not. */
  sudo?: string[];
  /** The arguments of all calls of systemctl, one after the other. */
  systemctl: string[];
}

/** Runs a script by the real `/bin/sh`, on a host where only our programs are. */
export function runScript(script: string, host: FakeHost = {}): Ran {
  const said = (name: string): string[] | undefined => {
    const file = join(folder, name);
    if (!existsSync(file)) return undefined;
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    rmSync(file);
    return lines;
  };
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      FOLDER: folder,
      BOOT_ID: host.bootId ?? '',
      SHOWN: host.shown ?? '',
      NEEDED: host.needed ?? 'ActiveState=active',
      SUDO_EXIT: `${host.sudoExit ?? 0}`,
    },
  });
  const sudo = said('sudo');
  return { exitCode: status, stderr, ...(sudo && { sudo }), systemctl: said('systemctl') ?? [] };
}
