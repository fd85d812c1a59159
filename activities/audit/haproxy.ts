import { haproxyChecks } from '../../domain/audit/haproxy-checks.js';
import { type HaproxyHealth, judgeHaproxy } from '../../domain/audit/judge-haproxy.js';
import type { ServiceAnswer } from '../../domain/audit/service-answer.js';
import { haproxyRead } from '../../domain/controller-commands.js';
import { answerOf, askAsRoot, askService } from '../ask-service.js';
import { haproxyKey } from '../controllers/survey-script.js';
import { parseStat } from '../haproxy/stat.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';
import { onEveryController } from './on-every-controller.js';

/** HAProxy, by the statistics of every controller's own. */
export const haproxyCloudChecks: CloudChecks = {
  system: 'haproxy',
  checks: haproxyChecks,
  async find(site, _wanted, _limits, signal) {
    return judgeHaproxy(await onEveryController(site, (node) => askOne(site, node, signal)));
  },
};

/** By the first socket that answers with statistics, else why none did. */
async function askOne(site: CloudSite, node: string, signal: AbortSignal): Promise<ServiceAnswer<HaproxyHealth>> {
  const { inventory } = site;
  const sockets = inventory.cluster.haproxySockets;
  const asks = sockets.map((socket) => `  ${askAsRoot(haproxyKey(socket), haproxyRead(socket))}`);
  const question = {
    name: 'HAProxy',
    programs: ['/usr/sbin/haproxy'],
    entry: 'haproxy',
    asks: [...asks, '  ask running pgrep -x haproxy'].join('\n'),
    // Ten seconds each and a little, and somewhat more for the way there.
    limitMs: (sockets.length + 2) * 13_000,
  };
  const answer = await askService(site, node, question, signal);
  if (answer.state !== 'printed') return answer;
  const readings = sockets.map((socket) => ({
    socket,
    ...answerOf(answer.printed.get(haproxyKey(socket)), parseStat, { inventory, node }),
  }));
  for (const one of readings)
    if (one.state === 'read') return { state: 'read', view: { ...one.view, socket: one.socket } };
  const unasked = readings.find((one) => one.state === 'unasked');
  if (unasked) return unasked;
  const why = readings.flatMap((one) => (one.state === 'silent' ? [`${one.socket}: ${one.why}`] : [])).join('; ');
  if (answer.printed.get('running')?.exitCode !== 0) return { state: 'silent', why: `it does not run (${why})` };
  return {
    state: 'unasked',
    why: `it runs, and none of its sockets answers (${why})`,
    next: 'name its admin socket in ostler.yaml: cluster.haproxySockets',
  };
}
