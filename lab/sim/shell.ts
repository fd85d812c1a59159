import {
  Bash,
  type BashOptions,
  type Command,
  defineCommand,
  type ExecResult,
  getCommandNames,
  latin1FromBytes,
  type ResolvedCommandContext,
} from 'just-bash';
import { descriptorsReachOut } from './descriptors.js';
import { execReplacesShell } from './exec-builtin.js';
import type { SimHost } from './host.js';
import { cibadmin, crmAttribute } from './programs/cib.js';
import { mysql, rabbitmqctl, socat } from './programs/control-plane.js';
import { crmadmin, crmNode, crmResource, crmSimulate } from './programs/crm.js';
import { crmMon } from './programs/crm-mon.js';
import { hostname, id, uname, uptime, whoami } from './programs/identity.js';
import { journalctl } from './programs/journalctl.js';
import { ofController, ofRoot, type Program, type Session } from './programs/program.js';
import { sudo } from './programs/sudo.js';
import { systemctl } from './programs/systemctl.js';
import { systemdRun } from './programs/systemd-run.js';
import { timeout } from './programs/timeout.js';

type Programs = ReadonlyMap<string, Program>;

const ON_EVERY_HOST: Programs = new Map<string, Program>(
  Object.entries({
    systemctl,
    'systemd-run': systemdRun,
    sudo,
    journalctl,
    id,
    whoami,
    hostname,
    uptime,
    uname,
  }),
);

/** What a controller in a cluster has in /usr/sbin. */
const IN_A_CLUSTER: Programs = new Map<string, Program>(
  Object.entries({
    crm_mon: ofRoot(crmMon),
    cibadmin: ofRoot(cibadmin),
    crm_attribute: ofRoot(crmAttribute),
    crm_node: ofRoot(crmNode),
    crmadmin: ofRoot(crmadmin),
    crm_resource: ofRoot(crmResource),
    crm_simulate: ofRoot(crmSimulate),
    rabbitmqctl: ofRoot(rabbitmqctl),
    socat: ofRoot(socat),
    mysql: ofController(mysql),
  }),
);

const ON_CONTROLLERS: Programs = new Map([...ON_EVERY_HOST, ...IN_A_CLUSTER]);

const programsOf = ({ cluster }: SimHost): Programs => (cluster ? ON_CONTROLLERS : ON_EVERY_HOST);

/**
 * Files at the paths that a controller's programs and daemons have: a shell finds its commands in /bin and /usr/bin only, and scripts ask for
 * daemons by their file.
 */
const CLUSTER_FILES: BashOptions['files'] = Object.fromEntries([
  ...[...IN_A_CLUSTER.keys()].map((name) => [
    `/usr/sbin/${name}`,
    { content: `#!/bin/sh\n${name} "$@"\n`, mode: 0o755 },
  ]),
  ...['haproxy', 'mysqld'].map((name) => [`/usr/sbin/${name}`, { content: '', mode: 0o755 }]),
]);

/**
 * Runs a script on a simulated host as its user's login shell would (`sshd` hands it the exec request's string). The
 * shell really interprets it; it lives only as long as the script, so that idle hosts cost nothing. Files written by
 * a script are gone with it.
 * @param signal kills the script, as the end of the boot or a `timeout` around it does
 */
export async function runScript(session: Session, script: string, signal: AbortSignal): Promise<ExecResult> {
  const bash = createShell(session);
  const result = await bash.exec(script, { rawScript: true, signal });
  return signal.aborted ? { ...result, exitCode: 137 } : result;
}

/**
 * Runs an argument vector as execve(2) would, without a shell between: one of the host's own programs, or else one that
 * the shell brings along.
 */
export async function runArgv(session: Session, argv: readonly string[], signal: AbortSignal): Promise<ExecResult> {
  const [path = '', ...args] = argv;
  const name = programName(path);
  // The shell's own `timeout` would cost a shell each time.
  const program = programsOf(session.host).get(name) ?? (name === 'timeout' ? timeout : undefined);
  return program ? program({ session, args, stdin: '', signal }) : runScript(session, quoteArgv(argv), signal);
}

/** Whether a path or bare name is a program that a host has. */
export const isInstalled = (host: SimHost, path: string): boolean =>
  programsOf(host).has(programName(path)) || STANDARD_COMMANDS.has(programName(path));

const STANDARD_COMMANDS: ReadonlySet<string> = new Set(getCommandNames());

const programName = (path: string): string => path.replace(/^(?:\/usr)?\/s?bin\//, '');

const quoteArgv = (argv: readonly string[]): string =>
  argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

function createShell(session: Session): Bash {
  const { host, user } = session;
  const commands: Command[] = [...programsOf(host)].map(([name, program]) =>
    defineCommand(name, async (args, context) =>
      program({
        session,
        args,
        stdin: latin1FromBytes(context.stdin),
        signal: context.signal ?? session.host.powerLost,
      }),
    ),
  );
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const options: BashOptions = {
    cwd: home,
    env: { HOME: home, USER: user, LOGNAME: user, SHELL: '/bin/bash', PATH: '/usr/local/bin:/usr/bin:/bin' },
    files: { ...host.virtualFiles(), ...(host.cluster && CLUSTER_FILES), [`${home}/.profile`]: '' },
    customCommands: [...commands, ...SHELLS.map((name) => defineCommand(name, nestedShell))],
    // The scripts are our own: a guard against hostile ones would only cost time.
    defenseInDepth: false,
    processInfo: user === 'root' ? { uid: 0, gid: 0 } : { uid: 1000, gid: 1000 },
  };
  const bash = new Bash(options);
  bash.registerTransformPlugin(execReplacesShell);
  bash.registerTransformPlugin(descriptorsReachOut);
  return bash;

  /** `sh -c SCRIPT [NAME ARG...]` in the same machine: a shell of its own, which `exec` may replace. */
  async function nestedShell(args: string[], context: ResolvedCommandContext): Promise<ExecResult> {
    const [flags = '', script, , ...positional] = args;
    if (!/^-[eux]*c$/.test(flags) || script === undefined) {
      return context.origCommand
        ? context.origCommand(args)
        : { stdout: '', stderr: 'sh: not supported\n', exitCode: 2 };
    }
    const set = flags === '-c' ? '' : `set ${flags.slice(0, -1)};`;
    const parameters = positional.length === 0 ? '' : `set -- ${quoteArgv(positional)};`;
    const { env: _, ...result } = await bash.exec(`${set}${parameters}${script}`, {
      env: context.exportedEnv ?? {},
      replaceEnv: true,
      cwd: context.cwd,
      stdin: latin1FromBytes(context.stdin),
      stdinKind: 'bytes',
      rawScript: true,
      ...(context.signal ? { signal: context.signal } : {}),
    });
    return result;
  }
}

const SHELLS = ['sh', 'dash', 'bash'] as const;
