/** `npm run lab -- COMMAND`: throwaway systemd hosts for people; tests use lab/real directly. */
import { readFile } from 'node:fs/promises';
import { confirm } from '@clack/prompts';
import {
  buildApplication,
  buildCommand,
  buildRouteMap,
  type CommandContext,
  numberParser,
  run,
  type StricliProcess,
  text_en,
} from '@stricli/core';
import { upCeph } from './real/ceph/index.js';
import { upControlPlane } from './real/control-plane/index.js';
import { fleetNames } from './real/fleet-state.js';
import { type LabHost, openRealFleet, type RealFleet, realLabMissing, takeDown, upRealFleet } from './real/index.js';
import { attached, installPackages } from './real/install.js';
import { upOpenStack } from './real/openstack/index.js';

const say = (line: string) => process.stderr.write(`${line}\n`);

const nameFlag = {
  name: { kind: 'parsed', parse: String, brief: 'The fleet', default: 'lab', placeholder: 'FLEET' },
} as const;

const nodeParameter = { brief: 'The host, for example compute-1', parse: String, placeholder: 'NODE' } as const;

const install = buildCommand<{ yes: boolean }, [], CommandContext>({
  docs: { brief: 'Install the system packages the lab needs, after showing which' },
  parameters: { flags: { yes: { kind: 'boolean', brief: 'Do not ask', default: false, withNegated: false } } },
  async func({ yes }) {
    const agree = async (packages: readonly string[]) => {
      if (yes || process.env.CI === 'true') return true;
      if (!process.stdin.isTTY) throw new Error('nobody to ask on this terminal: repeat with --yes, or set CI=true');
      return (await confirm({ message: `Install ${packages.length} packages?` })) === true;
    };
    if (!(await installPackages({ agree, print: say }))) return new Error(realLabMissing() ?? 'nothing was installed');
    const missing = realLabMissing();
    if (missing) return new Error(missing);
    return undefined;
  },
});

interface UpFlags {
  name: string;
  computes: number;
  controllers: number;
  withControllers: boolean;
  withCeph: boolean;
  withOpenstack: boolean;
  sudoers?: string;
}

const up = buildCommand<UpFlags, [], CommandContext>({
  docs: { brief: 'Boot a fleet; the first time, build its image' },
  parameters: {
    flags: {
      ...nameFlag,
      computes: { kind: 'parsed', parse: numberParser, brief: 'Compute hosts', default: '6', placeholder: 'N' },
      controllers: { kind: 'parsed', parse: numberParser, brief: 'Controller hosts', default: '0', placeholder: 'N' },
      withControllers: {
        kind: 'boolean',
        brief: 'Three controllers that form a control plane: Pacemaker, two VIPs, HAProxy, Galera, RabbitMQ',
        default: false,
        withNegated: false,
      },
      withCeph: {
        kind: 'boolean',
        brief: 'Three hosts more, with Ceph: a monitor and an OSD on each',
        default: false,
        withNegated: false,
      },
      withOpenstack: {
        kind: 'boolean',
        brief:
          'A controller with Keystone, Glance, Nova, Cinder, Neutron, Heat and Horizon, and computes with a fake hypervisor',
        default: false,
        withNegated: false,
      },
      sudoers: {
        kind: 'parsed',
        parse: String,
        brief: 'File for /etc/sudoers.d/ostler on every host, as `ostler sudoers` prints it',
        optional: true,
        placeholder: 'FILE',
      },
    },
  },
  async func({ name, computes, controllers, withControllers, withCeph, withOpenstack, sudoers }) {
    const kinds = { '--with-controllers': withControllers, '--with-ceph': withCeph, '--with-openstack': withOpenstack };
    const [kind, another] = Object.entries(kinds).flatMap(([flag, isAsked]) => (isAsked ? [flag] : []));
    if (another) return new Error(`${kind} and ${another} boot a fleet of their own each: leave one out`);
    if (kind && controllers !== 0) return new Error(`${kind} has its own hosts: leave out --controllers`);
    const options = {
      name,
      computes,
      ...(sudoers !== undefined && { sudoers: await readFile(sudoers, 'utf8') }),
      onProgress: (text: string) => process.stderr.write(text),
    };
    const fleet = await (withControllers
      ? upControlPlane(options)
      : withCeph
        ? upCeph(options)
        : withOpenstack
          ? upOpenStack({ ...options, extent: 'all' }).then((cloud) => cloud.fleet)
          : upRealFleet({ ...options, controllers }));
    if (withControllers) {
      say(`Its controllers are one cluster. Look at it: npm run lab -- exec --name ${name} controller-1 -- crm_mon -1`);
      say(`Take one away: npm run lab -- power-off --name ${name} controller-3`);
    }
    if (withCeph) say(`Look at Ceph: npm run lab -- exec --name ${name} ceph-1 -- ceph -s`);
    if (withOpenstack) say('Ostler finds the credentials of its OpenStack in the inventory');
    say(`Fleet ${name} is up. Its inventory, with the key beside it:`);
    process.stdout.write(`${fleet.inventoryFile}\n`);
    return undefined;
  },
});

const down = buildCommand<{ name: string }, [], CommandContext>({
  docs: { brief: 'Take a fleet away: hosts, disks, network' },
  parameters: { flags: nameFlag },
  async func({ name }) {
    await takeDown(name);
    say(`Fleet ${name} is down.`);
  },
});

const status = buildCommand<Record<never, never>, [], CommandContext>({
  docs: { brief: 'Show every fleet and its hosts' },
  parameters: {},
  async func() {
    const names = await fleetNames();
    if (names.length === 0) say('No fleet. Boot one with: npm run lab -- up');
    for (const name of names) {
      const fleet = await openRealFleet(name);
      if (!fleet) say(`${name}: left behind before it had hosts; remove it with: npm run lab -- down --name ${name}`);
      for (const host of fleet?.hosts ?? []) {
        process.stdout.write(`${[name, host.name, host.address, await stateOf(host)].join('\t')}\n`);
      }
    }
  },
});

async function stateOf(host: LabHost): Promise<string> {
  if (!(await host.isOn())) return 'off';
  return (await host.exec(['systemctl', 'is-system-running'])).stdout.trim();
}

const ssh = buildCommand<{ name: string }, [string, ...string[]], CommandContext>({
  docs: { brief: 'Log in to a host as ops, or run a command there' },
  parameters: {
    flags: nameFlag,
    positional: { kind: 'array', parameter: nodeParameter, minimum: 1 },
  },
  async func({ name }, node, ...command) {
    const fleet = await fleetNamed(name);
    const { address } = fleet.host(node);
    const trust = ['-o', `UserKnownHostsFile=${fleet.knownHosts}`, '-o', 'StrictHostKeyChecking=yes'];
    process.exitCode = await attached(['ssh', '-i', fleet.identityFile, ...trust, `ops@${address}`, ...command]);
  },
});

const exec = buildCommand<{ name: string }, [string, ...string[]], CommandContext>({
  docs: { brief: 'Run a command on a host as root, without SSH' },
  parameters: {
    flags: nameFlag,
    positional: { kind: 'array', parameter: nodeParameter, minimum: 2 },
  },
  async func({ name }, node, ...command) {
    const ran = await (await fleetNamed(name)).host(node).exec(command);
    process.stdout.write(ran.stdout);
    process.stderr.write(ran.stderr);
    process.exitCode = ran.code;
  },
});

const power = (brief: string, turn: (host: LabHost) => Promise<void>) =>
  buildCommand<{ name: string }, [string], CommandContext>({
    docs: { brief },
    parameters: { flags: nameFlag, positional: { kind: 'tuple', parameters: [nodeParameter] } },
    async func({ name }, node) {
      const host = (await fleetNamed(name)).host(node);
      await turn(host);
      say(`${node}: ${await stateOf(host)}`);
    },
  });

async function fleetNamed(name: string): Promise<RealFleet> {
  const fleet = await openRealFleet(name);
  if (fleet) return fleet;
  throw new Error(`there is no fleet ${name}: npm run lab -- up --name ${name}`);
}

const app = buildApplication(
  buildRouteMap({
    docs: { brief: 'Throwaway systemd hosts to try Ostler on' },
    routes: {
      install,
      up,
      down,
      status,
      ssh,
      exec,
      powerOff: power('Cut the power of a host; its disk stays', (host) => host.powerOff()),
      powerOn: power('Boot a host that is off', (host) => host.powerOn()),
    },
  }),
  {
    name: 'npm run lab --',
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab' },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: (error) => (error instanceof Error ? error.message : String(error)),
        commandErrorResult: (error) => error.message,
      },
    },
  },
);

const { stdout, stderr, env } = process;
const context: { process: StricliProcess } = { process: { stdout, stderr, env } };
await run(app, process.argv.slice(2), context);
// `ssh` and `exec` have set their command's own exit code by now.
process.exitCode ??= Number(context.process.exitCode);
