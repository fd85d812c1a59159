import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CheckedNode } from '../../cli/commands/check-findings.js';
import type { RolloutProgress } from '../../domain/progress.js';
import { ceph, cephHostsOf, untilCephRuns } from '../../lab/real/ceph/index.js';
import type { LabHost, RealFleet } from '../../lab/real/index.js';
import { until } from '../../lab/real/wait.js';
import type { DevServer } from '../../worker/server/dev-server.js';
import { WorkerProcess } from '../faults/worker-process.js';
import { type Ended, ostler } from './program.js';

/** A turn of a host takes half a minute. A busy machine takes many times that. */
const turnMs = 300_000;

/** Hosts of Ceph as a cloud has them that is rather small: each is a controller with a monitor, and has OSDs. */
const CLOUD = 'small';

/** What `ostler` does to the daemons of a Ceph that is up and well. */
export function daemonsOf(lab: () => { fleet: RealFleet; server: DevServer }): void {
  let inventoryFile: string;
  let worker: WorkerProcess;
  let connection: Connection;
  let client: Client;

  beforeAll(async () => {
    const { fleet, server } = lab();
    inventoryFile = join(fleet.dir, 'small.yaml');
    const inventory = parse(await readFile(fleet.inventoryFile, 'utf8'));
    const nodes = inventory.nodes.map((node: object) => ({ ...node, roles: ['controller', 'ceph-osd'] }));
    await writeFile(inventoryFile, stringify({ ...inventory, cloud: CLOUD, nodes }));
    connection = await Connection.connect({ address: server.address });
    client = new Client({ connection });
    await startWorker();
  });
  afterAll(async () => {
    await worker?.kill();
    await connection?.close();
  });
  // Systemd starts an OSD three times in half an hour, unless it is told to forget that.
  beforeEach(() => Promise.all(hosts().map((host) => host.exec(['systemctl', 'reset-failed', 'ceph-*']))));

  const startWorker = async (): Promise<void> => {
    worker = await WorkerProcess.start({ role: 'all', address: lab().server.address, inventoryFile });
  };
  const hosts = (): LabHost[] => cephHostsOf(lab().fleet);
  const asAdmin = (...argv: string[]): Promise<string> => ceph(hosts()[0] as LabHost, ...argv);
  const run = (...argv: string[]): Promise<Ended> =>
    ostler(...argv, '--inventory', inventoryFile, '--address', lab().server.address);
  const change = (...argv: string[]): Promise<Ended> => run(...argv, '--reason', 'OPS-1', '--soak', '1s', '--yes');
  const progressOf = async (id: string): Promise<RolloutProgress> => client.workflow.getHandle(id).query('progress');

  /** Lives of the units of a daemon, by host: systemd names each anew. */
  const livesOf = (unit: (host: LabHost, index: number) => string): Promise<string[]> =>
    Promise.all(
      hosts().map(async (host, index) => {
        const { stdout } = await host.exec(['systemctl', 'show', '-p', 'InvocationID', '--value', unit(host, index)]);
        return stdout.trim();
      }),
    );
  /** How often systemd has started an OSD since the host came up. */
  const startsOf = async (index: number): Promise<number> => {
    const unit = `ceph-osd@${index}.service`;
    const argv = [
      'journalctl',
      '-o',
      'cat',
      '_PID=1',
      `UNIT=${unit}`,
      'JOB_TYPE=start',
      '+',
      '_PID=1',
      `UNIT=${unit}`,
      'JOB_TYPE=restart',
    ];
    const { stdout } = await (hosts()[index] as LabHost).exec(argv);
    return stdout.split('\n').filter((line) => line.startsWith('Started')).length;
  };
  const osds = () => livesOf((_host, index) => `ceph-osd@${index}`);
  const mons = () => livesOf((host) => `ceph-mon@${host.name}`);
  const groupFlags = async (): Promise<Record<string, string[]>> =>
    JSON.parse(await asAdmin('osd', 'dump', '-f', 'json')).crush_node_flags;

  describe('the sudo rules of all this', () => {
    /** What `ostler check` says that sudo refuses, by node. */
    const refused = async (): Promise<string[]> => {
      const { out } = await ostler('check', '--json', '--inventory', inventoryFile);
      const { nodes } = JSON.parse(out) as { nodes: CheckedNode[] };
      return nodes.flatMap(({ node, findings }) =>
        findings.filter(({ what }) => what.startsWith('sudo ')).map(({ what }) => `${node}: ${what}`),
      );
    };

    it('are missed by `ostler check` on the host that has them no more', async () => {
      expect(await refused()).toEqual([]);
      const first = hosts()[0] as LabHost;
      await first.exec(['mv', '/etc/sudoers.d/ostler', '/root/ostler']);
      try {
        const missed = await refused();
        expect(missed.filter((one) => !one.startsWith('ceph-1: '))).toEqual([]);
        for (const what of [/all that Ostler does with Ceph/, /restart ceph-mon\.target/, /restart ceph-osd\.target/])
          expect(missed).toContainEqual(expect.stringMatching(what));
      } finally {
        await first.exec(['mv', '/root/ostler', '/etc/sudoers.d/ostler']);
      }
    });
  });

  describe('OSDs, host by host', () => {
    it('are restarted once each under noout of their host alone, though a worker is killed in the middle', {
      timeout: 3 * turnMs,
    }, async () => {
      const before = await osds();
      const starts = await Promise.all([0, 1, 2].map(startsOf));
      const held = new Set<string>();
      const going = change('restart', 'ceph-osd');
      let isOver = false;
      void going.finally(() => {
        isOver = true;
      });
      let isKilled = false;
      while (!isOver) {
        const [host, ...others] = Object.keys(await groupFlags());
        expect(others).toEqual([]);
        if (host !== undefined) held.add(host);
        if (host !== 'ceph-2' || isKilled || (await osds())[1] === before[1]) continue;
        await worker.kill();
        isKilled = true;
        await startWorker();
      }
      const { code, out, err } = await going;
      expect(code, `${out}\n${err}`).toBe(0);
      expect(isKilled).toBe(true);
      expect([...held]).toEqual(['ceph-1', 'ceph-2', 'ceph-3']);
      expect(await groupFlags()).toEqual({});
      expect((await osds()).map((life, index) => life !== before[index])).toEqual([true, true, true]);
      expect(await Promise.all([0, 1, 2].map(startsOf))).toEqual(starts.map((count) => count + 1));
      await untilCephRuns(lab().fleet);
    });

    it('are left alone while somebody else has set a flag, which is named with what unsets it', async () => {
      const before = await osds();
      await asAdmin('osd', 'set', 'noout');
      try {
        const { code, err } = await change('restart', 'ceph-osd');
        expect(code).toBe(5);
        expect(err).toContain('`ceph osd unset noout`');
        expect((await run('leases')).out).toContain(
          'noout of all of Ceph; if nobody needs it any more: `ceph osd unset noout`',
        );
      } finally {
        await asAdmin('osd', 'unset', 'noout');
      }
      expect((await run('leases')).out).not.toContain('noout');
      expect(await osds()).toEqual(before);
    });

    it('keep no flag when the run is aborted in the middle', { timeout: turnMs }, async () => {
      const before = await osds();
      const going = change('restart', 'ceph-osd');
      await until('the first host to be held', turnMs, async () => 'ceph-1' in (await groupFlags()));
      expect(await run('abort', 'ceph-osd', '--reason', 'OPS-2')).toMatchObject({ code: 0 });
      expect((await going).code).toBe(1);
      const { states, owed } = await progressOf(`restart/${CLOUD}/ceph-osd`);
      expect({ states, owed }).toEqual({ states: 'o..', owed: [] });
      expect(await groupFlags()).toEqual({});
      expect((await osds()).slice(1)).toEqual(before.slice(1));
      await untilCephRuns(lab().fleet);
    });

    it('have their flag told by `ostler leases` when a run was terminated, for as long as Ceph has it', {
      timeout: turnMs,
    }, async () => {
      const owed = 'ceph-1: noout of its OSDs; `ceph osd unset-group noout ceph-1`';
      const going = change('restart', 'ceph-osd', '--on', 'ceph-1');
      await until('the first host to be held', turnMs, async () => 'ceph-1' in (await groupFlags()));
      await client.workflow.getHandle(`restart/${CLOUD}/ceph-osd`).terminate('as somebody does in the UI');
      expect((await going).code).not.toBe(0);
      // Whatever the worker had in hand comes to its end.
      await until('the lease to be told', turnMs, async () => (await run('leases')).out.includes(owed));
      await asAdmin('osd', 'unset-group', 'noout', 'ceph-1');
      await untilCephRuns(lab().fleet);
      expect((await run('leases')).out).not.toContain('noout');
      expect(await run('unlock', `restart/${CLOUD}/ceph-osd`, '--reason', 'OPS-3', '--yes')).toMatchObject({ code: 0 });
    });

    it('are stopped only while Ceph says that it can do without them', { timeout: turnMs }, async () => {
      const stopped = await change('service', 'stop', 'ceph-osd', '--on', 'ceph-1');
      expect(stopped.code, stopped.err).toBe(0);
      const { code, err } = await change('service', 'stop', 'ceph-osd', '--on', 'ceph-2', '--max-unavailable', '2');
      expect(code).toBe(5);
      expect(err).toMatch(/Ceph does not let ceph-2 go: .*\d PGs are or would become offline/);
      const started = await change('service', 'start', 'ceph-osd', '--on', 'ceph-1');
      expect(started.code, started.err).toBe(0);
      await untilCephRuns(lab().fleet);
    });
  });

  describe('monitors', () => {
    it('are restarted one after the other, the leader last', { timeout: turnMs }, async () => {
      const before = await mons();
      const { quorum_leader_name: leader } = JSON.parse(await asAdmin('quorum_status', '-f', 'json'));
      const { code, out, err } = await change('restart', 'ceph-mon');
      expect(code, `${out}\n${err}`).toBe(0);
      expect((await mons()).map((life, index) => life !== before[index])).toEqual([true, true, true]);
      const { nodes } = JSON.parse((await run('show', 'ceph-mon', '--json')).out).plan ?? {};
      expect((nodes as string[]).at(-1)).toBe(leader);
      await untilCephRuns(lab().fleet);
    });
  });
}
