import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { greets } from '../../../lab/real/host.js';
import type { LabHost, RealFleet } from '../../../lab/real/index.js';
import {
  clusterView,
  controllersOf,
  crm,
  cutFromPeers,
  rejoinPeers,
  untilClusterRuns,
  upControllers,
  vipAddress,
  vips,
} from '../../../lab/real/pacemaker/index.js';
import { until } from '../../../lab/real/wait.js';

const names = ['controller-1', 'controller-2', 'controller-3'];
const limitMs = 120_000;

/** The sum of what a test here waits for at most: commands and changes of {@link limitMs} each, a boot, and `untilClusterRuns`. */
const testMs = 4 * limitMs + 120_000 + 300_000;

let fleet: RealFleet;
let controllers: LabHost[];
beforeAll(async () => {
  fleet = await upControllers({ name: 'lab-pacemaker-test', computes: 1 });
  controllers = controllersOf(fleet);
});
afterAll(() => fleet?.down());

const others = (host: LabHost): [LabHost, LabHost] => {
  const [one, two] = controllers.filter((controller) => controller !== host);
  if (!one || !two) throw new Error(`${host.name} has fewer than two peers`);
  return [one, two];
};

/** Who holds vip__public, as controller `by` sees it. */
async function holderSeen(by: string): Promise<LabHost> {
  const [holder] = (await clusterView(fleet.host(by))).started.vip__public ?? [];
  if (holder === undefined) throw new Error(`${by} sees vip__public nowhere`);
  return fleet.host(holder);
}

/** Whether the address of vip__public is on an interface of `host`, which Pacemaker's word alone does not prove. */
async function holdsAddress(host: LabHost): Promise<boolean> {
  const { stdout } = await host.exec(['ip', '-4', '-oneline', 'address']);
  return stdout.includes(` ${vipAddress('vip__public', host.address)}/`);
}

/** Who stops running a resource says so before, or after, the address is gone. */
const untilAddressGone = (host: LabHost): Promise<unknown> =>
  until(`${host.name} to give up the address`, limitMs, async () => !(await holdsAddress(host)));

describe('three controllers', { timeout: testMs }, () => {
  it('form one quorate cluster in which every resource runs, and each sees the same', async () => {
    const views = await Promise.all(controllers.map(clusterView));
    for (const view of views)
      expect(view).toMatchObject({ quorate: true, online: names, standby: [], dc: views[0]?.dc });
    for (const vip of vips) {
      expect(new Set(views.map(({ started }) => started[vip]?.join()))).toHaveLength(1);
      expect(await greets(vipAddress(vip, fleet.host('controller-1').address))).toBe(true);
    }
  });

  it('leave the computes beside them alone', async () => {
    const active = await fleet.host('compute-1').exec(['systemctl', 'is-active', 'corosync', 'pacemaker']);
    expect(active.stdout).toBe('inactive\ninactive\n');
  });

  it('move a VIP away from a node in standby, and run everything there again after unstandby', async () => {
    const holder = await holderSeen('controller-1');
    const [survivor] = others(holder);
    await crm(survivor, ['pcs', 'node', 'standby', holder.name]);
    await until(`everything to leave ${holder.name}`, limitMs, async () => {
      const view = await clusterView(survivor);
      const { quorate, standby, started } = view;
      const left = !Object.values(started).flat().includes(holder.name);
      const vipsRun = vips.every((vip) => started[vip]?.length === 1);
      if (quorate && standby.join() === holder.name && left && vipsRun) return true;
      throw new Error(JSON.stringify(view));
    });
    await untilAddressGone(holder);
    expect(await holdsAddress(await holderSeen(survivor.name))).toBe(true);
    await crm(survivor, ['pcs', 'node', 'unstandby', holder.name]);
    await untilClusterRuns(fleet);
  });

  it('answer on the VIP of a node that lost its power, and take the node back by themselves', async () => {
    const holder = await holderSeen('controller-1');
    const [survivor] = others(holder);
    await holder.powerOff();
    const address = vipAddress('vip__public', survivor.address);
    await until(`${address} to answer on a survivor`, limitMs, () => greets(address));
    // The address answers while its start is not over, so not yet in the CIB.
    const successor = await until('the successor to be told', limitMs, async () => {
      const seen = await holderSeen(survivor.name);
      return seen.name === holder.name ? undefined : seen;
    });
    expect(await holdsAddress(successor)).toBe(true);
    expect(await clusterView(survivor)).toMatchObject({
      quorate: true,
      online: others(holder).map(({ name }) => name),
    });
    await expect(clusterView(holder)).rejects.toThrow('is off');
    await holder.powerOn();
    await untilClusterRuns(fleet);
  });

  it('leave a node that is cut off without quorum and resources, and run everything on the two others', async () => {
    const holder = await holderSeen('controller-1');
    const majority = others(holder);
    await cutFromPeers(holder, majority);
    await until(`${holder.name} to stop everything`, limitMs, async () => {
      const { quorate, started } = await clusterView(holder);
      return !quorate && Object.keys(started).length === 0;
    });
    await untilAddressGone(holder);
    expect(await greets(holder.address)).toBe(true);
    const remaining = majority.map(({ name }) => name);
    await until('the majority to run everything', limitMs, async () => {
      const { quorate, online, started } = await clusterView(majority[0]);
      const everywhere = started.p_haproxy?.toSorted().join() === remaining.join();
      return (
        quorate && online.join() === remaining.join() && everywhere && vips.every((vip) => started[vip]?.length === 1)
      );
    });
    await rejoinPeers(holder);
    await untilClusterRuns(fleet);
  });
});
