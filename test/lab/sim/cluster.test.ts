import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { changeOnce } from '../../../activities/controllers/change.js';
import { createSurvey } from '../../../activities/controllers/survey.js';
import type { RunOnHost } from '../../../activities/hosts.js';
import { createAskCluster } from '../../../activities/pacemaker/ask.js';
import { parseSimulation } from '../../../activities/pacemaker/simulation.js';
import { shellCommand } from '../../../activities/ssh/quote.js';
import {
  addressRead,
  type ControllerChange,
  changeArgv,
  simulation,
  stateRead,
} from '../../../domain/controller-commands.js';
import { controllerTroubles } from '../../../domain/controller-troubles.js';
import { memberOf, quorumGroups, readings, type Survey, viewOf, vipPlaces } from '../../../domain/controllers.js';
import { leftOn } from '../../../domain/failover.js';
import { loadInventory } from '../../../inventory/load.js';
import { knockAt } from '../../../lab/demo/vip-probe.js';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import { run, sh } from './sessions.js';

const names = ['controller-1', 'controller-2', 'controller-3'];
const socket = '/run/haproxy/admin.sock';
const never = new AbortController().signal;

let fleet: SimFleet;
afterEach(() => fleet.stop());

async function started() {
  fleet = await startSimFleet({ controllers: 3, computes: 1, cluster: true });
  const dir = await mkdtemp(join(tmpdir(), 'ostler-sim-'));
  const inventory = await loadInventory(await fleet.writeInventory(dir));
  const runOnHost: RunOnHost = async (node, script) => {
    const { code, stdout, stderr } = await run(fleet, fleet.host(node), sh(script));
    return { stdout, stderr, exitCode: code ?? -1, truncated: false };
  };
  const askCluster = createAskCluster({ inventory, run: runOnHost });
  const survey = createSurvey({ inventory, run: runOnHost, askCluster });
  let intents = 0;
  return {
    survey: () => survey(never),
    asked: (on: string, argv: string[]) =>
      runOnHost(on, `sudo -n ${shellCommand(argv)}`, { limitMs: 1, signal: never }),
    change: (on: string, change: ControllerChange, intent = `${++intents}`.padStart(16, '0')) =>
      changeOnce(runOnHost, on, { intent, change, bootId: fleet.host(on).bootId }, never),
    truth: () => fleet.cluster?.truth() ?? expect.fail('no cluster'),
    /** The survey once the cluster is at rest. */
    async settled(): Promise<Survey> {
      await vi.waitFor(() => expect(fleet.cluster?.isAtWork).toBe(false), { timeout: 20_000, interval: 20 });
      return survey(never);
    },
  };
}

const places = (survey: Survey) => {
  const best = viewOf(survey);
  return best && vipPlaces(best);
};

describe('a simulated cluster', () => {
  it('is healthy in every reading of the product', async () => {
    const { survey } = await started();
    const seen = await survey();
    expect(controllerTroubles(seen)).toEqual([]);
    expect(seen.map(({ fsa }) => fsa)).toEqual(['S_NOT_DC', 'S_NOT_DC', 'S_IDLE']);
    expect(places(seen)).toEqual({ vip__management: 'controller-1', vip__public: 'controller-2' });
    expect(names.map((name) => memberOf(seen, name))).toEqual(names);
    expect(seen.map(({ bootId }) => bootId)).toEqual(names.map((name) => fleet.host(name).bootId));
    expect(quorumGroups(seen)).toEqual([
      { name: 'Pacemaker', members: names, up: names, rule: 'majority' },
      { name: 'Galera', members: names, up: names, rule: 'previous-majority' },
      { name: 'RabbitMQ', members: names, up: names, rule: 'majority' },
    ]);
    for (const [, view] of readings(seen, 'haproxy')) {
      expect(view.socket).toBe(socket);
      expect(view.servers.filter(({ server }) => server === 'controller-2').map(({ proxy }) => proxy)).toEqual(
        view.backends.map(({ proxy }) => proxy),
      );
    }
    expect(viewOf(seen)?.view.properties).toMatchObject({ 'no-quorum-policy': 'stop' });
  });

  it('lets ops run what the sudo rules of this site name, and nothing else', async () => {
    const { asked, change } = await started();
    expect(await change('controller-1', { kind: 'mark', member: 'controller-9', mark: 'a'.repeat(16) })).toMatchObject({
      state: 'refused',
      why: expect.stringContaining('a password is required'),
    });
    const words = ['/usr/sbin/crm_attribute', '-N', 'controller-2', '-n', 'standby', '-v', 'on'];
    expect(await asked('controller-1', words)).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await asked('compute-1', simulation('controller-1'))).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('says what would move without a node', async () => {
    const { asked } = await started();
    const { stdout } = await asked('controller-1', simulation('controller-2'));
    expect(parseSimulation(stdout)).toEqual([{ action: 'start', resource: 'vip__public', to: 'controller-3' }]);
  });

  it('takes a member out of service and in again, and the address does not answer in between', async () => {
    const { asked, change, settled, truth } = await started();
    const vip = truth().vips[1] ?? expect.fail('no second address');
    expect(await asked('controller-1', addressRead('vip__public'))).toMatchObject({ stdout: `${vip.address}\n` });
    const ends = knockAt(vip);
    expect(await change('controller-1', { kind: 'standby', member: 'controller-2' })).toMatchObject({ exitStatus: 0 });
    const away = await settled();
    expect(places(away)).toEqual({ vip__management: 'controller-1', vip__public: 'controller-3' });
    expect(controllerTroubles(away, { node: 'controller-2' })).toEqual([]);
    expect(away[1]?.haproxy).toMatchObject({ state: 'silent', why: expect.stringContaining('Connection refused') });
    const { holders, unanswered, longestGapMs } = await ends();
    expect(holders).toEqual(['controller-2', 'controller-3']);
    expect(unanswered).toBeGreaterThan(0);
    const [gap] = truth().vips[1]?.gaps ?? [];
    expect(longestGapMs).toBeGreaterThan((gap?.until ?? 0) - (gap?.from ?? 0) - 100);

    await change('controller-1', { kind: 'unstandby', member: 'controller-2' });
    const back = await settled();
    expect(controllerTroubles(back)).toEqual([]);
    expect(places(back)).toEqual({ vip__management: 'controller-1', vip__public: 'controller-3' });
  });

  it('is seen to be at work while something moves', async () => {
    const { settled } = await started();
    const host = fleet.host('controller-1');
    await host.runAsRoot(changeArgv({ kind: 'standby', member: 'controller-2' }), 'hand');
    const { stdout } = await host.runAsRoot(stateRead('controller-3'), 'hand');
    expect(stdout).toBe('Controller on controller-3 in state S_TRANSITION_ENGINE: ok\n');
    expect((await settled())[2]?.fsa).toBe('S_IDLE');
  });

  it('carries the mark of a run until it is taken away', async () => {
    const { change, survey, truth } = await started();
    const mark = '0123456789abcdef';
    await change('controller-1', { kind: 'mark', member: 'controller-2', mark });
    expect(leftOn(await survey(), 'controller-2')).toEqual([{ kind: 'mark', mark }]);
    expect(truth().marks).toEqual({ 'controller-2': mark });
    await change('controller-3', { kind: 'unmark', member: 'controller-2' });
    expect(leftOn(await survey(), 'controller-2')).toEqual([]);
  });

  it('disables a server of one HAProxy, which forgets that when it stops', async () => {
    const { change, settled, truth } = await started();
    const server = { socket, proxy: 'nova-api', server: 'controller-2' };
    for (const name of names) await change(name, { kind: 'disable-server', ...server });
    expect(leftOn(await settled(), 'controller-2')).toEqual([{ kind: 'drain' }]);
    await change('controller-1', { kind: 'enable-server', ...server });
    expect(truth().disabled).toEqual(['controller-2: nova-api/controller-2', 'controller-3: nova-api/controller-2']);
    await change('controller-1', { kind: 'standby', member: 'controller-2' });
    await settled();
    await change('controller-1', { kind: 'unstandby', member: 'controller-2' });
    await settled();
    expect(truth().disabled).toEqual(['controller-3: nova-api/controller-2']);
  });

  it('moves an address by a constraint, which stays until it is deleted', async () => {
    const { change, settled, truth } = await started();
    await change('controller-1', { kind: 'prefer', vip: 'vip__public', member: 'controller-1' });
    const moved = await settled();
    expect(places(moved)).toMatchObject({ vip__public: 'controller-1' });
    expect(controllerTroubles(moved)).toMatchObject([{ kind: 'cli-constraint', about: 'cli-prefer-vip__public' }]);
    await change('controller-1', { kind: 'unprefer', vip: 'vip__public', member: 'controller-3' });
    expect(truth().constraints).toEqual(['cli-prefer-vip__public']);
    await change('controller-1', { kind: 'unprefer', vip: 'vip__public', member: 'controller-1' });
    expect(places(await settled())).toMatchObject({ vip__public: 'controller-1' });
    expect(truth().constraints).toEqual([]);
  });

  it('takes one intent once, and counts what it ran', async () => {
    const { change } = await started();
    const intent = 'abcdefabcdefabcd';
    expect(await change('controller-1', { kind: 'void' }, intent)).toEqual({ state: 'ran', exitStatus: 0 });
    // Whoever comes late reads how the first one ended.
    await change('controller-1', { kind: 'standby', member: 'controller-2' }, intent);
    expect(fleet.host('controller-1').ledger.ran.map(({ command }) => command)).toEqual(['/bin/true']);
    expect(fleet.cluster?.truth().standby).toEqual([]);
  });

  it('goes on without a member that lost its power, and stops without a majority', async () => {
    const { settled, truth } = await started();
    await fleet.host('controller-2').powerOff();
    expect(controllerTroubles(await settled(), { node: 'controller-2', isDead: true })).toEqual([]);
    expect(truth().vips.map(({ holder }) => holder)).toEqual(['controller-1', 'controller-3']);
    await fleet.host('controller-3').powerOff();
    await settled();
    expect(truth()).toMatchObject({ dc: 'controller-1', vips: [{ gaps: [{}] }, { gaps: [{}, {}] }] });
    expect(truth().vips.map(({ holder }) => holder)).toEqual([undefined, undefined]);
    for (const name of ['controller-2', 'controller-3']) await fleet.host(name).powerOn();
    expect(controllerTroubles(await settled())).toEqual([]);
  });
});
