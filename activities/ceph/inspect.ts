import type { CephDaemon, CephTicket } from '../../domain/ceph-daemons.js';
import { listed, naturalOrder } from '../../domain/names.js';
import { sentenceOf } from '../../domain/refusal.js';
import type { AdmitRequest, Inspection } from '../../domain/rollout.js';
import type { Look } from '../admit.js';
import { HostSilent } from '../hosts.js';
import { vetoed } from '../systemd/inspect.js';
import { REMOTE_READ } from '../systemd/probe.js';
import { inspectInTurn, type Patience, type TurnSite } from '../turns.js';
import { settledLook } from './site.js';

/** Looks at the hosts of a batch: whether the daemons of each may be restarted, and what is there before anything is done. */
export const inspectCeph = (site: TurnSite, request: AdmitRequest, signal: AbortSignal): Promise<Look<CephTicket>> =>
  inspectInTurn(site, request, (...asked) => ticketFor(site, request.target as CephDaemon, ...asked), signal);

async function ticketFor(
  site: TurnSite,
  daemon: CephDaemon,
  node: string,
  restart: CephTicket['restart'],
  { patienceMs, signal }: Patience,
): Promise<Inspection<CephTicket>> {
  const { seen, name, refusals } = await settledLook(site, daemon, node, { patienceMs, signal });
  if (refusals.length > 0 || seen.asked === undefined || name === undefined) return vetoed(sentenceOf(refusals));
  if (daemon === 'ceph-mon') return { ticket: { restart, monitor: name } };
  const { facts, asked, bootId } = seen;
  const own = facts.osds.filter(({ host }) => host === name).map((one) => one.name);
  const running = await runningOsds(site, node, signal);
  const strangers = [...own.filter((one) => !running.includes(one)), ...running.filter((one) => !own.includes(one))];
  if (strangers.length > 0)
    return vetoed(
      `Ceph's tree has ${listed(own)} under ${name}, and systemd there runs ${listed(running) || 'none'}: what is restarted must be what Ceph was asked about`,
    );
  return {
    ticket: {
      restart,
      osds: {
        host: name,
        upFrom: Object.fromEntries(own.map((one) => [one, facts.map.upFrom[one] ?? 0])),
        noout: facts.map.hasHostFlags ? { kind: 'host', host: name } : { kind: 'cluster' },
        from: { node: asked, bootId },
      },
    },
  };
}

/**
 * The OSDs that systemd runs on a host, by their names in Ceph.
 * @throws {SshFailure} {@link HostSilent}
 */
async function runningOsds({ run }: TurnSite, node: string, signal: AbortSignal): Promise<string[]> {
  const script = `LC_ALL=C; export LC_ALL
${REMOTE_READ} systemctl list-units --state=active --no-legend --no-pager --plain 'ceph-osd@*.service'`;
  const { stdout, exitCode } = await run(node, script, { limitMs: 20_000, signal });
  if (exitCode !== 0) throw new HostSilent(`${node}: systemd did not answer (exit ${exitCode})`);
  return [...stdout.matchAll(/^\W*ceph-osd@(\d+)\.service\s/gm)].map(([, id]) => `osd.${id}`).sort(naturalOrder);
}
