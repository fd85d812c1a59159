import { isInOrder, lagOf, type MongoMember, type MongoView, primariesOf } from '../mongodb.js';
import type { Limits } from './check.js';
import type { Finding } from './finding.js';
import { mongodbLag, mongodbMembers } from './mongodb-checks.js';
import { unasked } from './unasked.js';

/** What an operator would ask to see the same. */
const COMMAND = 'rs.status()';

/** @param asked the node whose member was asked */
export function judgeMembers(asked: string, view: MongoView, { members: least = 0 }: Limits): Finding[] {
  const { set, members } = view;
  const primaries = primariesOf(view);
  const command = commandOn(asked);
  const findings: Finding[] = [];
  if (primaries.length !== 1) {
    const names = primaries.map(({ name }) => name).join(' and ');
    findings.push({
      check: mongodbMembers.id,
      about: 'primary',
      severity: 'error',
      what:
        primaries.length === 0
          ? `the replica set ${set} has no primary: nothing can be written to it`
          : `the replica set ${set} has ${primaries.length} primaries: ${names}`,
      evidence: [{ value: `${primaries.length} members PRIMARY`, threshold: 'exactly 1', command }],
      next:
        primaries.length === 0
          ? 'bring back members until a majority reaches each other; they elect a primary by themselves'
          : 'one of them steps down by itself when they reach each other; look at the network between them',
    });
  }
  for (const member of members.filter((one) => !isInOrder(one))) findings.push(notInOrder(set, member, command));
  if (members.length < least) {
    findings.push({
      check: mongodbMembers.id,
      about: 'members',
      severity: 'warn',
      what: `the replica set ${set} has ${members.length} members, and does not outlive the loss of one`,
      evidence: [{ value: `${members.length} members`, threshold: `warn below ${least} members`, command }],
      next: 'add members on other nodes, or an arbiter; until then any restart of one is an outage',
    });
  }
  return findings;
}

function notInOrder(set: string, { name, state, isHealthy }: MongoMember, command: string): Finding {
  const value = isHealthy ? state : `${state}, out of reach`;
  const [host = name] = name.split(':');
  return {
    check: mongodbMembers.id,
    about: name,
    severity: 'error',
    what: isHealthy
      ? `${name} of the replica set ${set} is ${state}`
      : `${name} of the replica set ${set} is out of reach of the others`,
    evidence: [{ value, threshold: 'PRIMARY, SECONDARY or ARBITER', command }],
    next:
      state === 'ROLLBACK'
        ? `before any restart, see in the log of mongod on ${host} what it throws away, and keep its rollback directory`
        : `see \`systemctl status mongod\` and its log on ${host}`,
  };
}

/** @param asked the node whose member was asked */
export function judgeLag(asked: string, view: MongoView, { warn = 0 }: Limits): Finding[] {
  const [primary, ...others] = primariesOf(view);
  const command = commandOn(asked);
  if (primary?.lastWriteMs === undefined || others.length > 0) {
    const why = others.length > 0 ? 'there is more than one primary' : 'no primary says when its last write was';
    return [unasked(mongodbLag, { why, command, next: `see the finding ${mongodbMembers.id}` })];
  }
  return view.members
    .filter((member) => isInOrder(member) && member.state === 'SECONDARY')
    .flatMap((member): Finding[] => {
      const { name } = member;
      const behind = lagOf(member, primary);
      if (behind === undefined) {
        const why = `${name} does not say when its last write was`;
        return [unasked(mongodbLag, { about: name, why, command, next: `ask it: \`${COMMAND}\`` })];
      }
      if (behind <= warn) return [];
      return [
        {
          check: mongodbLag.id,
          about: name,
          severity: 'warn',
          what: `${name} is behind the primary ${primary.name}`,
          evidence: [{ value: `${Math.round(behind)} s`, threshold: `warn above ${warn} s`, command }],
          next: `compare disk and load of ${name} with those of ${primary.name}, and see whether the lag grows`,
        },
      ];
    });
}

/** A mongod without a replica set: nothing to compare, and nothing that takes over. */
export const notReplicated = (asked: string, { members: least = 0 }: Limits): Finding[] =>
  least < 2
    ? []
    : [
        {
          check: mongodbMembers.id,
          about: 'members',
          severity: 'warn',
          what: `mongod on ${asked} is in no replica set, and nothing takes over for it`,
          evidence: [
            {
              value: 'not running with --replSet',
              threshold: `warn below ${least} members`,
              command: commandOn(asked),
            },
          ],
          next: 'make it a replica set of three members; until then any restart is an outage of ceilometer',
        },
      ];

/** A mongod that was made for a replica set and is in none yet, so nothing can be written to it. */
export const notInitiated = (asked: string): Finding[] => [
  {
    check: mongodbMembers.id,
    about: 'primary',
    severity: 'error',
    what: `mongod on ${asked} is meant for a replica set that was never initiated: nothing can be written to it`,
    evidence: [
      { value: 'no configuration of a replica set', threshold: 'exactly 1 primary', command: commandOn(asked) },
    ],
    next: 'see how the set was deployed before `rs.initiate()`: where another member has the data, add this one there instead',
  },
];

/** No mongo node has a mongod that listens. */
export const nobodyListens = (nodes: readonly string[], command: string): Finding[] => [
  {
    check: mongodbMembers.id,
    about: 'primary',
    severity: 'error',
    what: `no mongod listens on ${nodes.join(', ')}`,
    evidence: [{ value: 'nobody listens', threshold: 'exactly 1 primary', command }],
    next: `start mongod on ${nodes.length === 1 ? nodes[0] : 'each of them'}, and see in its log why it ended`,
  },
];

const commandOn = (node: string): string => `${COMMAND} on ${node}`;
