import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { auditNode } from '../../../../activities/audit/audit-node.js';
import type { Finding } from '../../../../domain/audit/finding.js';
import type { NodeAuditSettings } from '../../../../domain/audit/node-settings.js';
import { NODE } from './on-node.js';

const folder = mkdtempSync(join(tmpdir(), 'ostler-node-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every POSIX shell that hosts have and this machine has, too: dash or bash by the name of sh, and that of BusyBox. */
export const shells = [['sh'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([program = '', ...options]) => spawnSync(program, [...options, '-c', 'exit 7']).status === 7,
);

export interface ShellHost {
  /** Bodies of programs that are found before those of this machine. */
  programs?: Record<string, string>;
  /** Files of the host; what the script looks for below /etc is looked for among them. */
  files?: Record<string, string>;
}

export interface Ran {
  findings: Finding[];
  /** Everything that came back over the wire. */
  printed: string;
  /** The arguments that every process of the host was started with, as far as our own programs know. */
  argv: string;
}

/** Audits a host that is this machine, but for what is given, by the real script in a real shell. */
export async function onShell(
  shell: readonly string[],
  wanted: readonly string[],
  settings: NodeAuditSettings,
  { programs = {}, files = {} }: ShellHost = {},
): Promise<Ran> {
  const root = mkdtempSync(join(folder, 'host-'));
  const log = join(root, 'argv');
  const write = (path: string, text: string, mode: number): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  write(log, '', 0o600);
  for (const [name, body] of Object.entries(programs))
    write(join(root, 'bin', name), `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>${log}\n${body}\n`, 0o755);
  for (const [path, text] of Object.entries(files)) write(join(root, path), text, 0o600);
  let printed = '';
  const { findings } = await auditNode({
    run: async (_node, script) => {
      const [program = '', ...options] = shell;
      const here = script.replaceAll(/(?<=[\s'"])\/etc\//g, `${root}/etc/`);
      const { status, stdout, stderr } = spawnSync(program, [...options, '-c', here], {
        encoding: 'utf8',
        // A bash whose input is a socket takes itself for a login, and reads files of this machine.
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: `${join(root, 'bin')}:${process.env.PATH}` },
      });
      printed = `${stdout}${stderr}`;
      return { exitCode: status, stdout: stdout.replaceAll(root, ''), stderr, truncated: false };
    },
    node: NODE,
    wanted,
    settings,
    limits: {},
    signal: new AbortController().signal,
  });
  return { findings, printed, argv: readFileSync(log, 'utf8') };
}
