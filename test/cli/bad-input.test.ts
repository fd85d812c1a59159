import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOstler } from '../../cli/app.js';
import { processContext } from '../../cli/process-context.js';
import { loadInventory } from '../../inventory/load.js';
import { type SimFleet, startSimFleet } from '../../lab/sim/fleet.js';
import { newKey } from '../../lab/sim/keys.js';
import { type RunningWorker, startWorker } from '../../worker/main.js';
import { defaultSettings } from '../../worker/options.js';
import { shared } from '../setup/shared.js';
import { type Ended, ostler } from './fixtures/operator.js';
import { type Space, space, until } from './fixtures/space.js';
import { record } from './site/context.js';

let folder: string;
let fleet: SimFleet;
let inventoryFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostler-bad-input-'));
  fleet = await startSimFleet({ controllers: 0, computes: 8, restartMs: 60 });
  inventoryFile = await fleet.writeInventory(folder);
});
afterAll(async () => {
  await fleet.stop();
  await rm(folder, { recursive: true });
});

/** Runs a command that needs no Temporal with an inventory file, as a process does. */
async function withInventory(file: string, ...argv: string[]) {
  const recorded = record({ cwd: folder, env: {} });
  const { inventory } = processContext(process);
  const code = await runOstler([...argv, '--inventory', file], { ...recorded.context, inventory });
  return { code, out: recorded.out(), err: recorded.err(), json: recorded.json };
}

describe('an inventory that is wrong', () => {
  const head = 'cloud: prod\nssh: { user: ops, agent: true, knownHosts: ./known_hosts }\n';
  const node = '{ name: c1, address: 10.0.0.1, roles: [compute] }';

  it.each([
    ['is not YAML', `${head}nodes: [${node}\nunits: {}\n`, /bad\.yaml:\d: not valid YAML: /],
    [
      'lists a node twice',
      `${head}nodes:\n  - ${node}\n  - ${node.replace('10.0.0.1', '10.0.0.2')}\n`,
      /bad\.yaml:5: nodes\[1\]\.name: c1 is already the name of nodes\[0\]; one host listed twice would be restarted twice/,
    ],
    [
      'knows a role that we do not',
      `${head}nodes:\n  - ${node.replace('compute]', 'computer]')}\n`,
      /bad\.yaml:4: nodes\[0\]\.roles\[0\]: unknown role "computer"; did you mean compute\?/,
    ],
    [
      'names a unit `x; reboot`',
      `${head}nodes:\n  - ${node}\nunits: { nova-compute: ["x; reboot"] }\n`,
      /bad\.yaml:5: units\.nova-compute\[0\]: /,
    ],
  ])('because it %s is 2, and told with file and line', async (_what, text, message) => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, text);
    for (const command of ['nodes', 'check']) {
      const { code, err } = await withInventory(file, command);
      expect(err).toMatch(message);
      expect(code).toBe(2);
    }
  });
});

describe('ostler check', () => {
  const findingsOf = async (node: string, file = inventoryFile) => {
    const { code, json } = await withInventory(file, 'check', '--on', node, '--json');
    const { nodes } = json() as { nodes: { findings: { what: string; next: string }[] }[] };
    return { code, findings: nodes.flatMap(({ findings }) => findings.map(({ what, next }) => `${what} → ${next}`)) };
  };

  it('tells a changed host key from an unknown one, and offers no way around it', async () => {
    fleet.host('compute-1').changeHostKey();
    const { code, findings } = await findingsOf('compute-1');
    expect(findings.join('\n')).toMatch(
      /compute-1 \(.*\) showed the ssh-ed25519 host key SHA256:\S+, but \S+known_hosts:\d+ has .*Somebody may be posing as this host/s,
    );
    expect(code).toBe(4);
  });

  it('tells which key a host rejected for whom', async () => {
    const elsewhere = join(folder, 'wrong-key');
    const file = await fleet.writeInventory(elsewhere);
    const { private: stranger } = newKey();
    await writeFile(join(elsewhere, 'id_ed25519'), stranger, { mode: 0o600 });
    const { code, findings } = await findingsOf('compute-2', file);
    expect(findings.join('\n')).toMatch(/rejected the login of ops with .*wrong-key\/id_ed25519.*authorized_keys/s);
    expect(code).toBe(4);
  });

  it('tells a key that others can read, and how to close it', async () => {
    const elsewhere = join(folder, 'open-key');
    const file = await fleet.writeInventory(elsewhere);
    await chmod(join(elsewhere, 'id_ed25519'), 0o644);
    const { findings } = await findingsOf('compute-2', file);
    expect(findings.join('\n')).toMatch(/open-key\/id_ed25519.*chmod/s);
  });
});

describe('ostler restart', () => {
  let here: Space;
  let worker: RunningWorker;
  let workerEnded: Promise<void>;

  beforeAll(async () => {
    here = await space({ setUp: true });
    worker = await startWorker({
      settings: { ...defaultSettings, logLevel: 'ERROR' },
      temporal: { connection: { address: here.server.address }, namespace: here.namespace },
      inventory: await loadInventory(inventoryFile),
      bundle: { codePath: await shared('workflow-bundle') },
    });
    workerEnded = worker.run();
  });
  afterAll(async () => {
    worker.shutdown();
    await workerEnded;
  });

  const restart = (on: string, ...more: string[]): Promise<Ended> =>
    ostler([
      ...['restart', 'nova-compute', '--cloud', 'sim', '--on', on, '--max-unavailable', '100%', '--soak', '0s'],
      ...['--reason', 'OPS-1', '--yes', ...more, ...here.flags],
    ]);
  /** Ends the run that waits for a person. */
  const abort = async (): Promise<void> => {
    const run = ['restart/sim/nova-compute', '--cloud', 'sim', ...here.flags];
    expect((await ostler(['abort', ...run, '--reason', 'seen enough'])).code).toBe(0);
    await until(async () => (await ostler(['show', ...run, '--json'])).json().status !== 'running');
  };
  const startsOn = (name: string): number => fleet.host(name).ledger.starts.length;

  it.each([
    ['whose host key has changed', 'unreachable', 'compute-1', async () => fleet.host('compute-1').changeHostKey()],
    ['without the unit', 'not-installed', 'compute-2', () => fleet.host('compute-2').uninstall()],
    ['where it is masked', 'masked', 'compute-3', async () => fleet.host('compute-3').mask()],
  ])('refuses with 5 to plan for a host %s, and names the state', async (_what, state, name, spoil) => {
    await spoil();
    const { code, err } = await restart(name);
    expect(err).toContain(`none of the 1 selected hosts can be worked on: 1 ${state} (${name})`);
    expect(err).toContain('`ostler check` shows the state of every host');
    expect(code).toBe(5);
    expect(startsOn(name)).toBe(0);
  });

  it('waits for a person, 7, where sudo refuses, and names the rules to install', async () => {
    fleet.host('compute-4').refuseSudo();
    const { code, out, err } = await restart('compute-4');
    expect(out + err).toContain('sudo refused: sudo: a password is required');
    expect(out + err).toContain('`ostler sudoers`');
    expect(code).toBe(7);
    expect(startsOn('compute-4')).toBe(0);
    await abort();
  });

  it('waits for a person, 7, where a unit was started too often, and names reset-failed', async () => {
    fleet.host('compute-5').exhaustStartLimit();
    const { code, out, err } = await restart('compute-5');
    expect(out + err).toMatch(/did not come up: systemctl exit 1, result start-limit-hit/);
    expect(out + err).toContain('systemctl reset-failed nova-compute.service');
    expect(code).toBe(7);
    await abort();
  });

  it('refuses with 5 a plan that is not the one expected, and what was there is left alone', async () => {
    const agreed = await restart('compute-6,compute-7', '--dry-run', '--json');
    const { hash } = agreed.json().plan;
    await fleet.host('compute-7').stopUnit();
    const { code, err } = await restart('compute-6,compute-7', '--expect', hash);
    expect(err).toMatch(new RegExp(`the plan is [0-9a-f]{12} now, not ${hash.slice(0, 12)}`));
    expect(code).toBe(5);
    expect(startsOn('compute-6')).toBe(0);
  });

  it('refuses with 5 a second run of the same job while the first goes on', async () => {
    fleet.host('compute-8').slowRestart(15_000);
    const first = await restart('compute-8', '--detach');
    expect(first.code).toBe(0);
    const { code, err } = await restart('compute-8');
    expect(err).toMatch(/running already, by ada@bastion: OPS-1/);
    expect(err).toContain(`ostler watch ${first.out.trim()}`);
    expect(code).toBe(5);
    expect((await ostler(['watch', first.out.trim(), '--cloud', 'sim', ...here.flags])).code).toBe(0);
    expect(startsOn('compute-8')).toBe(1);
  });
});
