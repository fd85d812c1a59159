import { memberNames } from '../../domain/controller-commands.js';
import type { ControllerFacts, Reading, Survey } from '../../domain/controllers.js';
import type { Node } from '../../domain/inventory.js';
import type { SiteInventory } from '../../inventory/load.js';
import { sshTarget } from '../../inventory/targets.js';
import { parseQuorumStatus } from '../ceph/quorum-status.js';
import { parseGaleraStatus } from '../galera/status.js';
import { parseStat } from '../haproxy/stat.js';
import { type RunOnHost, whyNot } from '../hosts.js';
import type { AskCluster } from '../pacemaker/ask.js';
import { nodeAttributes } from '../pacemaker/node-attributes.js';
import { parseClusterStatus } from '../rabbitmq/cluster-status.js';
import {
  type Depth,
  haproxyKey,
  type Printed,
  parseServices,
  SERVICES_READ_MS,
  type Services,
  servicesScript,
} from './survey-script.js';

/** Asks every controller for everything at the same time; what keeps one from answering is part of the answer. */
export type TakeSurvey = (signal: AbortSignal, depth?: Depth) => Promise<Survey>;

export interface SurveyDeps {
  inventory: SiteInventory;
  run: RunOnHost;
  askCluster: AskCluster;
}

/** Reads of all controllers. They change nothing. */
export function createSurvey({ inventory, run, askCluster }: SurveyDeps): TakeSurvey {
  const controllers = inventory.nodes.filter(({ roles }) => roles.includes('controller'));
  const sockets = inventory.cluster.haproxySockets;

  async function askServices(node: Node, signal: AbortSignal, depth: Depth): Promise<Services | string> {
    const script = servicesScript(sockets, memberNames(node), depth);
    try {
      const { stdout } = await run(node.name, script, { limitMs: SERVICES_READ_MS, signal });
      return parseServices(stdout, sockets);
    } catch (error) {
      if (signal.aborted) throw error;
      return whyNot(error);
    }
  }

  async function askOne(node: Node, signal: AbortSignal, depth: Depth): Promise<ControllerFacts> {
    const [cluster, services] = await Promise.all([askCluster(node.name, signal), askServices(node, signal, depth)]);
    const controller = node.name;
    if (typeof services === 'string') {
      const silent = { state: 'silent', why: services } as const;
      return {
        controller,
        cluster,
        galera: silent,
        rabbitmq: silent,
        haproxy: silent,
        cephMon: silent,
      };
    }
    const { user } = sshTarget(inventory, controller);
    const read = <View>(name: string, parse: (text: string) => View): Reading<View> =>
      readingOf(services.printed.get(name), parse, user);
    const fsa = /\bS_[A-Z_]+\b/.exec(services.printed.get('fsa')?.stdout ?? '')?.[0];
    const nodes = read('nodes', nodeAttributes);
    return {
      controller,
      bootId: services.bootId,
      cluster,
      ...(fsa && { fsa }),
      ...(nodes.state === 'read' && { attributes: nodes.view }),
      galera: read('galera', parseGaleraStatus),
      rabbitmq: read('rabbitmq', parseClusterStatus),
      haproxy: haproxyReading(services, user),
      cephMon: read('ceph-mon', parseQuorumStatus),
    };
  }

  return (signal, depth = 'all') => Promise.all(controllers.map((node) => askOne(node, signal, depth)));
}

/** The first socket that answers with statistics, else why none did. */
function haproxyReading(services: Services, user: string): ControllerFacts['haproxy'] {
  let first: ControllerFacts['haproxy'] = { state: 'absent' };
  for (const socket of services.sockets) {
    const reading = readingOf(services.printed.get(haproxyKey(socket)), parseStat, user);
    if (reading.state === 'read') return { state: 'read', view: { ...reading.view, socket } };
    if (first.state === 'absent') first = reading;
  }
  return first;
}

/** Not that sudo cannot look its own host up, which it says and goes on. */
export const SUDO_REFUSED = /^sudo: (?!unable to resolve host)/m;

function readingOf<View>(printed: Printed | undefined, parse: (text: string) => View, user: string): Reading<View> {
  if (!printed) return { state: 'absent' };
  const { stdout, stderr, exitCode } = printed;
  const silent = (why: string) => ({ state: 'silent', why: why.replace(/\s+/g, ' ') }) as const;
  if (exitCode !== 0 && SUDO_REFUSED.test(stderr))
    return silent(
      `sudo does not let ${user} read it (${stderr}): install what \`ostler sudoers --role controller\` prints`,
    );
  // GNU timeout(1): 124 when the command was told to end, 137 when it had to be killed.
  if (exitCode === 124 || exitCode === 137) return silent('no answer in time');
  if (exitCode !== 0) return silent(stderr || `exit ${exitCode}`);
  try {
    return { state: 'read', view: parse(stdout) };
  } catch (error) {
    return silent(whyNot(error));
  }
}
