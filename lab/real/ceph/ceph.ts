import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type LabHost, type RealFleet, type RealFleetOptions, upRealFleet } from '../index.js';
import { until } from '../wait.js';

/** What a fleet with Ceph may choose; the rest of {@link RealFleetOptions} is Ceph's own. */
export type CephOptions = Omit<
  RealFleetOptions,
  'computes' | 'controllers' | 'cephHosts' | 'packages' | 'finishImage'
> & {
  /** Hosts beside the three of Ceph, without a part in it. Default none. */
  computes?: number;
};

const packages = ['ceph-mon', 'ceph-mgr', 'ceph-osd', 'ceph-common', 'ceph-base'];

/** Measured on two cores: 20 s. A busy machine takes many times that. */
const limitMs = 300_000;

/**
 * Bring up Ceph on three hosts, `ceph-1` to `ceph-3`: a monitor and an OSD on each, `osd.0` on the first, and one manager,
 * on the first; beside them any computes. Daemons start at every boot. There is one pool, `lab`, of three copies, with a
 * little in it, so that Ceph has something to miss. Resolves when {@link untilCephRuns} does. On failure nothing is left.
 */
export async function upCeph({ computes = 0, ...options }: CephOptions): Promise<RealFleet> {
  const finishImage = await scriptOf('finish-image.sh');
  const fleet = await upRealFleet({ ...options, computes, cephHosts: 3, packages, finishImage });
  try {
    const hosts = cephHostsOf(fleet);
    const [first] = hosts as [LabHost, ...LabHost[]];
    await Promise.all(hosts.map((host) => start(host, 'start-monitor.sh')));
    await until('the monitors of Ceph to be in quorum', limitMs, async () => {
      const { quorum_names: quorum } = JSON.parse(await ceph(first, 'quorum_status', '-f', 'json'));
      return quorum.length === hosts.length;
    });
    await Promise.all([
      start(first, 'start-manager.sh'),
      ...hosts.map((host, index) => start(host, 'start-osd.sh', `id=${index}\n`)),
    ]);
    await ceph(first, 'osd', 'pool', 'create', 'lab', '8');
    await ceph(first, 'osd', 'pool', 'application', 'enable', 'lab', 'lab');
    await must(first, ['rados', '-p', 'lab', 'put', 'something', '/usr/bin/rados']);
    await untilCephRuns(fleet);
    options.onProgress?.('Ceph is healthy\n');
    return fleet;
  } catch (error) {
    await fleet.down();
    throw error;
  }
}

/** The hosts of `fleet` that Ceph runs on. */
export const cephHostsOf = (fleet: RealFleet): LabHost[] => fleet.hosts.filter(({ name }) => name.startsWith('ceph-'));

/** Run a command of Ceph's on `host`, as its administrator, and return what it says. Rejects when it fails. */
export const ceph = (host: LabHost, ...argv: string[]): Promise<string> =>
  must(host, ['ceph', '--connect-timeout', '20', ...argv]);

/** Wait until Ceph is healthy by its own word, with every monitor in quorum, every OSD up and in, and every placement group clean. */
export async function untilCephRuns(fleet: RealFleet): Promise<void> {
  const hosts = cephHostsOf(fleet);
  const [first] = hosts as [LabHost, ...LabHost[]];
  await until('Ceph to be healthy', limitMs, async () => {
    const { health, quorum_names, osdmap, pgmap } = JSON.parse(await ceph(first, 'status', '-f', 'json'));
    const counts = [quorum_names.length, osdmap.num_up_osds, osdmap.num_in_osds];
    const groups: { state_name: string }[] = pgmap.pgs_by_state ?? [];
    const isClean = groups.length > 0 && groups.every(({ state_name }) => state_name.startsWith('active+clean'));
    if (health.status === 'HEALTH_OK' && isClean && counts.every((count) => count === hosts.length)) return true;
    throw new Error(JSON.stringify({ health, counts, groups }));
  });
}

const scriptOf = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`./${name}`, import.meta.url)), 'utf8');

const start = async (host: LabHost, script: string, before = ''): Promise<string> =>
  must(host, ['sh', '-euc', before + (await scriptOf(script))]);

export async function must(host: LabHost, argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await host.exec(argv, { timeoutMs: limitMs });
  if (code === 0) return stdout;
  throw new Error(`${host.name}: ${argv.join(' ')}: exit ${code}: ${stderr.trim() || stdout.trim()}`);
}
