import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  amqpPort,
  apiServices,
  galeraView,
  haproxyCommand,
  haproxySocketLevel,
  haproxyView,
  mysqldPort,
  probeVip,
  rabbitmqView,
  rowsOn,
  startWriter,
  statsPort,
  untilControlPlaneRuns,
  upControlPlane,
} from '../../../lab/real/control-plane/index.js';
import type { LabHost, RealFleet } from '../../../lab/real/index.js';
import { clusterView, controllersOf, vipAddress } from '../../../lab/real/pacemaker/index.js';
import { until } from '../../../lab/real/wait.js';
import { sshAsOps } from './ssh-as-ops.js';

const limitMs = 120_000;

/** The sum of what a test here waits for at most: changes of {@link limitMs} each, a boot, and everything to run again. */
const testMs = 4 * limitMs + 120_000 + 4 * 300_000;

let fleet: RealFleet;
let controllers: LabHost[];
let management: string;
let publicVip: string;
beforeAll(async () => {
  fleet = await upControlPlane({ name: 'lab-control-plane-test', computes: 1 });
  controllers = controllersOf(fleet);
  management = vipAddress('vip__management', fleet.host('controller-1').address);
  publicVip = vipAddress('vip__public', management);
}, testMs);
afterAll(() => fleet?.down());

const others = (host: LabHost): [LabHost, LabHost] => {
  const [one, two] = controllers.filter((controller) => controller !== host);
  if (!one || !two) throw new Error(`${host.name} has fewer than two peers`);
  return [one, two];
};

/** Who holds the management VIP, as controller `by` sees it. */
async function holderSeen(by: LabHost): Promise<LabHost> {
  const [holder] = (await clusterView(by)).started.vip__management ?? [];
  if (holder === undefined) throw new Error(`${by.name} sees vip__management nowhere`);
  return fleet.host(holder);
}

const bootIdOf = async (host: LabHost): Promise<string> =>
  (await host.exec(['cat', '/proc/sys/kernel/random/boot_id'])).stdout.trim();

/** Each of the rows must be on each of the controllers. */
async function expectRows(acknowledged: readonly number[], hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    const rows = await rowsOn(host);
    expect(acknowledged.filter((id) => !rows.has(id))).toEqual([]);
  }
}

describe('a control plane', { timeout: testMs }, () => {
  it('answers on both VIPs for every API, from every controller in turn', async () => {
    for (const { port, unit } of apiServices) {
      for (const vip of [management, publicVip]) {
        const answers = [];
        for (const _ of controllers) answers.push(await (await fetch(`http://${vip}:${port}/`)).text());
        expect(answers.toSorted()).toEqual(controllers.map(({ name }) => `${unit} on ${name}\n`));
      }
    }
  });

  it('looks the same from every controller', async () => {
    for (const host of controllers) {
      const galera = await galeraView(host);
      expect(galera.get('wsrep_cluster_size')).toBe('3');
      expect(galera.get('wsrep_local_state_comment')).toBe('Synced');
      const running = controllers.map(({ name }) => `rabbit@${name}`);
      expect(await rabbitmqView(host)).toEqual({ running, partitioned: false });
      const writers = (await haproxyView(host)).filter(
        ({ proxy, server }) => proxy === 'mysqld' && server !== 'FRONTEND',
      );
      expect(writers.map(({ server, status }) => `${server} ${status}`)).toEqual([
        ...controllers.map(({ name }) => `${name} UP`),
        'BACKEND UP',
      ]);
    }
  });

  it('shows its statistics over HTTP on the address of every controller', async () => {
    for (const { address } of controllers) {
      const csv = await (await fetch(`http://${address}:${statsPort}/;csv;norefresh`)).text();
      expect(csv).toMatch(/^mysqld,controller-1,.*,UP,/m);
    }
  });

  it('lets ops read the state of Galera without options or privileges, and nothing else', async () => {
    const host = fleet.host('controller-2');
    const status = await sshAsOps(fleet, host, `mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'"`);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('wsrep_local_state_comment\tSynced\n') });
    expect(await sshAsOps(fleet, host, 'mysql -e "SELECT * FROM ledger.entries"')).toMatchObject({ code: 1 });
  });

  it('answers every probe and takes every row while nothing happens', async () => {
    const prober = probeVip(management, mysqldPort, { everyMs: 20 });
    const writer = startWriter({ address: management, port: mysqldPort });
    await until('some rows on a node', limitMs, async () => (await rowsOn(fleet.host('controller-3'))).size > 50);
    const [seen, { acknowledged, refused }] = await Promise.all([prober.stop(), writer.stop()]);
    expect(seen.answered).toBe(seen.probes);
    expect(seen.longestGapMs).toBeLessThan(seen.to.getTime() - seen.from.getTime());
    expect(refused).toBe(0);
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    await expectRows(acknowledged, controllers);
  });

  it('drains a server by its socket, but not where the socket is for looking only', async () => {
    const [one, two] = [fleet.host('controller-1'), fleet.host('controller-2')];
    await haproxySocketLevel(two, 'user');
    const disable = 'disable server glance-api/controller-3';
    expect((await haproxyCommand(one, disable)).trim()).toBe('');
    expect(await haproxyCommand(two, disable)).toContain('Permission denied');
    expect((await haproxyCommand(one, 'enable server glance-api/controller-3')).trim()).toBe('');
    await haproxySocketLevel(two, 'admin');
    await untilControlPlaneRuns(fleet);
  });

  it('loses no acknowledged row when the holder of the VIP loses its power, and takes it back whole', async () => {
    const holder = await holderSeen(fleet.host('controller-1'));
    const survivors = others(holder);
    const prober = probeVip(management, mysqldPort, { everyMs: 20 });
    const writer = startWriter({ address: management, port: mysqldPort });
    await until('a row', limitMs, async () => (await rowsOn(survivors[0])).size > 0);
    await holder.powerOff();
    await until('another to hold the VIP', limitMs, async () => (await holderSeen(survivors[0])) !== holder);
    const later = startWriter({ address: management, port: mysqldPort });
    const before = (await rowsOn(survivors[0])).size;
    await until('rows again', limitMs, async () => (await rowsOn(survivors[0])).size > before + 20);
    const writtenLater = await later.stop();
    const written = await writer.stop();
    const seen = await prober.stop();
    expect(seen.answered).toBeLessThan(seen.probes);
    expect(written.refused).toBeGreaterThan(0);
    const acknowledged = [...written.acknowledged, ...writtenLater.acknowledged];
    await expectRows(acknowledged, survivors);
    await holder.powerOn();
    await untilControlPlaneRuns(fleet);
    await expectRows(acknowledged, controllers);
  });

  it('takes back a controller that reboots by itself, which keeps its power and has a new boot', async () => {
    const host = fleet.host('controller-1');
    const before = await bootIdOf(host);
    const writer = startWriter({ address: management, port: mysqldPort });
    await until('a row', limitMs, async () => (await rowsOn(host)).size > 0);
    await host.exec(['systemctl', 'reboot']);
    let hadPower = true;
    await until(`${host.name} to boot again`, limitMs, async () => {
      hadPower &&= await host.isOn();
      return (await bootIdOf(host)) !== before;
    });
    expect(hadPower).toBe(true);
    await untilControlPlaneRuns(fleet);
    const { acknowledged } = await writer.stop();
    expect(acknowledged.length).toBeGreaterThan(0);
    await expectRows(acknowledged, controllers);
    // A restart of a unit fails when two lives of a host share a control group.
    expect(await host.exec(['systemctl', 'restart', 'keystone.service'])).toMatchObject({ code: 0 });
    await host.powerOff();
    expect(await host.isOn()).toBe(false);
    await host.powerOn();
    await untilControlPlaneRuns(fleet);
  });

  it('accepts AMQP clients on the management VIP', async () => {
    // Connection.Start, the first frame of a broker: a method on channel 0.
    expect([...(await firstBytes(management, amqpPort, 'AMQP\x00\x00\x09\x01')).subarray(0, 3)]).toEqual([1, 0, 0]);
  });
});

/** What `address`:`port` sends first to a client that says `greeting`. */
const firstBytes = (address: string, port: number, greeting: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: limitMs }, () => socket.write(greeting));
    socket.once('data', (data) => {
      resolve(data);
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error(`${address}:${port} says nothing`)));
    socket.once('error', reject);
  });
