import type { MongodbAuditSettings } from '../../domain/audit/appliance-settings.js';
import { limitsOf, type SiteLimits } from '../../domain/audit/check.js';
import type { Finding } from '../../domain/audit/finding.js';
import {
  judgeLag,
  judgeMembers,
  nobodyListens,
  notInitiated,
  notReplicated,
} from '../../domain/audit/judge-mongodb.js';
import { mongodbChecks, mongodbLag, mongodbMembers } from '../../domain/audit/mongodb-checks.js';
import { type Unasked, unasked } from '../../domain/audit/unasked.js';
import { primariesOf, selfOf } from '../../domain/mongodb.js';
import { whyNot } from '../hosts.js';
import { askMongo, type MongoAnswer } from '../mongodb/ask.js';
import { loginOf } from '../mongodb/login.js';
import { LISTENS_COMMAND } from '../mongodb/status-script.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';

/**
 * The checks of the replica set behind ceilometer, by what its primary says, or else another member. They only read.
 * @param settings `audit.mongodb` of ostler.yaml, with absolute paths; without it the database is asked as nobody
 */
export const createMongodbChecks = (settings: MongodbAuditSettings | undefined): CloudChecks => ({
  system: 'mongodb',
  checks: mongodbChecks,
  async find(site, wanted, limits, signal) {
    const nodes = site.inventory.nodes.filter(({ roles }) => roles.includes('mongo')).map(({ name }) => name);
    if (nodes.length === 0) return [];
    const found = await findIn(site, nodes, settings, limits, signal);
    return found.filter(({ check }) => wanted.includes(check));
  },
});

async function findIn(
  { run }: CloudSite,
  nodes: readonly string[],
  settings: MongodbAuditSettings | undefined,
  limits: SiteLimits,
  signal: AbortSignal,
): Promise<Finding[]> {
  const login = settings && (await loginOf(settings).catch((error: unknown) => new Error(whyNot(error))));
  if (login instanceof Error) {
    const next = 'correct audit.mongodb.password in ostler.yaml';
    return unknown({ why: login.message, command: 'rs.status()', next });
  }
  const answers = await Promise.all(
    nodes.map(async (node) => ({ node, answer: await askMongo(run, node, login, signal) })),
  );
  const told = bestOf(answers);
  if (told) return judged(told.node, told.answer, limits);
  // With one that could not be asked, nobody knows whether a mongod listens there.
  if (answers.every(({ answer }) => answer.state === 'not-listening')) {
    const why = 'no mongod listens';
    return [
      ...nobodyListens(nodes, LISTENS_COMMAND),
      unasked(mongodbLag, { why, command: LISTENS_COMMAND, next: `see the finding ${mongodbMembers.id}` }),
    ];
  }
  const whys = answers.map(({ node, answer }) => ('why' in answer ? answer.why : `no mongod listens on ${node}`));
  const [next = ''] = answers.flatMap(({ answer }) => ('next' in answer ? [answer.next] : []));
  return unknown({ why: whys.join('; '), command: 'rs.status()', next });
}

/** What a mongo node told, as far as it told anything. */
type Told = Exclude<MongoAnswer, { state: 'unread' | 'not-listening' }>;

/** Who is cut off from the others sees no primary: the one that is knows best, then who sees one, who knows the set, who said anything. */
function bestOf(answers: readonly { node: string; answer: MongoAnswer }[]): { node: string; answer: Told } | undefined {
  const told = answers.flatMap(({ node, answer }) =>
    answer.state === 'unread' || answer.state === 'not-listening' ? [] : [{ node, answer }],
  );
  return (
    told.find(({ answer }) => answer.state === 'read' && selfOf(answer.view)?.state === 'PRIMARY') ??
    told.find(({ answer }) => answer.state === 'read' && primariesOf(answer.view).length === 1) ??
    told.find(({ answer }) => answer.state === 'read') ??
    told[0]
  );
}

function judged(node: string, answer: Told, limits: SiteLimits): Finding[] {
  const ofMembers = limitsOf(mongodbMembers, limits);
  switch (answer.state) {
    case 'read':
      return [
        ...judgeMembers(node, answer.view, ofMembers),
        ...judgeLag(node, answer.view, limitsOf(mongodbLag, limits)),
      ];
    // One by itself has nobody to be behind of.
    case 'not-replicated':
      return notReplicated(node, ofMembers);
    case 'not-initiated':
      return notInitiated(node);
    case 'denied': {
      const next = 'name an account with the role clusterMonitor in audit.mongodb of ostler.yaml, and its password';
      return unknown({ why: answer.why, command: `rs.status() on ${node}`, next });
    }
  }
}

const unknown = (reason: Unasked): Finding[] => mongodbChecks.map((check) => unasked(check, reason));
