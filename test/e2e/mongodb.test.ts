import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseReplicaSet } from '../../activities/mongodb/replica-set.js';
import { parseShellJson } from '../../activities/mongodb/shell-json.js';
import { type MongoLogin, parsePrinted, statements, statusScript } from '../../activities/mongodb/status-script.js';
import { inventorySchema } from '../../domain/inventory.schema.js';
import { renderSudoers } from '../../domain/sudoers.js';
import type { LabHost } from '../../lab/real/index.js';
import * as mongodb from '../../lab/real/mongodb/index.js';
import { type MongodbCloud, memberOf, upMongodb } from '../../lab/real/mongodb/index.js';
import { sshAsOps } from '../lab/real/ssh-as-ops.js';
import type { Breakage, Round } from './audit/breakage.js';
import { describeRounds } from './audit/rounds.js';
import { AuditOnTrial } from './audit-on-trial.js';
import { describeMongodRestarts } from './mongod-restarts.js';

let cloud: MongodbCloud;
let trial: AuditOnTrial;
beforeAll(async () => {
  cloud = await upMongodb({ name: 'mongodb', members: 3, sudoers: rules() });
  trial = await AuditOnTrial.over(cloud.fleet, { thresholds: {} });
}, 1_500_000);
afterAll(async () => {
  await trial?.down();
  await cloud?.fleet.down();
});

/** As `ostler sudoers` prints them with an inventory of these hosts. */
function rules(): string {
  const site = inventorySchema.parse({
    cloud: 'lab',
    ssh: { user: 'ops', identityFile: './id' },
    nodes: [1, 2, 3].map((index) => ({ name: `mongo-${index}`, address: `192.0.2.${index}`, roles: ['mongo'] })),
  });
  return renderSudoers({ role: 'mongo', user: 'ops', site }) ?? '';
}

describe('the real mongosh, told by a user without rights what the audit tells it', () => {
  async function answer(host: LabHost, login: MongoLogin | undefined, deed?: string): Promise<unknown> {
    const { stdout } = await sshAsOps(cloud.fleet, host, statusScript(), { input: `${statements(login, deed)}\n` });
    const printed = parsePrinted(stdout);
    if (printed.state !== 'answered') throw new Error(`${printed.state}: ${stdout}`);
    return parseShellJson(printed.json);
  }
  const stepDown = (command: object): string =>
    `answer = db.getSiblingDB('admin').runCommand(${JSON.stringify(command)});`;

  it('prints the state of the replica set, the same on every member', async () => {
    const primary = await mongodb.untilMongodbRuns(cloud);
    for (const host of cloud.hosts) {
      const { status } = (await answer(host, cloud.login)) as { status: { members: { name: string; self?: true }[] } };
      expect(status.members.filter(({ self }) => self).map(({ name }) => name)).toEqual([memberOf(host)]);
      expect(parseReplicaSet(status)).toEqual({
        set: cloud.set,
        members: cloud.hosts.map((one) =>
          expect.objectContaining({
            name: memberOf(one),
            state: one === primary ? 'PRIMARY' : 'SECONDARY',
            isHealthy: true,
            lastWriteMs: expect.any(Number),
          }),
        ),
      });
    }
  });

  it('is told nothing without the account, or with a wrong password', async () => {
    const [host] = cloud.hosts as [LabHost];
    expect(await answer(host, undefined)).toMatchObject({ code: 13 });
    expect(await answer(host, { ...cloud.login, password: 'wrong' })).toMatchObject({ code: 18 });
    expect(await answer(host, { ...cloud.login, user: 'nobody' })).toMatchObject({ code: 18 });
  });

  it('is refused a step-down by a secondary, and by a primary that nobody has caught up with', async () => {
    const primary = await mongodb.untilMongodbRuns(cloud);
    const secondaries = cloud.hosts.filter((host) => host !== primary);
    const command = { replSetStepDown: 30, secondaryCatchUpPeriodSecs: 5 };
    expect(await answer(secondaries[0] as LabHost, cloud.login, stepDown(command))).toMatchObject({ code: 10_107 });
    try {
      for (const host of secondaries) await mongodb.lag(host, 60);
      expect(await answer(primary, cloud.login, stepDown(command))).toMatchObject({ code: 50 });
    } finally {
      await mongodb.heal(cloud);
    }
    expect(await mongodb.untilMongodbRuns(cloud)).toBe(primary);
  });

  it('has a primary step down, once, and another is elected in its place', async () => {
    const primary = await mongodb.untilMongodbRuns(cloud);
    const since = Date.now() * 1000;
    expect(await answer(primary, cloud.login, stepDown({ replSetStepDown: 30 }))).toMatchObject({ ok: 1 });
    const next = await mongodb.untilMongodbRuns(cloud);
    expect(next).not.toBe(primary);
    expect(await mongodb.eventsSince(cloud, since)).toEqual([
      expect.objectContaining({ what: 'stepped down', host: primary.name }),
      expect.objectContaining({ what: 'elected', host: next.name }),
    ]);
  });
});

it('the stand-in for mongod remembers its term over a restart, and comes back as a secondary', async () => {
  const primary = await mongodb.untilMongodbRuns(cloud);
  const since = Date.now() * 1000;
  await mongodb.stop(primary);
  await mongodb.start(primary);
  await mongodb.untilMongodbRuns(cloud);
  const [stopped, started, elected, ...more] = await mongodb.eventsSince(cloud, since);
  expect(stopped).toMatchObject({ what: 'stopped', host: primary.name });
  expect(started).toMatchObject({ what: 'started', host: primary.name, term: stopped?.term });
  expect(elected).toMatchObject({ what: 'elected', term: (stopped?.term ?? 0) + 1 });
  expect(more).toEqual([]);
});

const noPrimary = 'error mongodb//primary';
const status = /^rs\.status\(\) on mongo-\d$/;
const inOrder = /^PRIMARY, SECONDARY or ARBITER$/;
const outOfReach = { value: /^not reachable\/healthy, out of reach$/, threshold: inOrder, command: status };

/** The member that is broken, by the host that is picked when it is. */
let victim: LabHost | undefined;
const ofVictim = (severity: string, check: string): string =>
  `${severity} ${check}//${memberOf(victim ?? { address: 'nobody' })}`;

/** A secondary, be it the first that the audit asks. */
async function pick(): Promise<LabHost> {
  const primary = await mongodb.untilMongodbRuns(cloud);
  victim = cloud.hosts.find((host) => host !== primary) as LabHost;
  return victim;
}

/** What happens to one member, and how it is found, which is known only when it has happened. */
const member = (
  what: string,
  shows: Breakage['shows'],
  act: (host: LabHost) => Promise<void>,
  finds = () => ofVictim('error', 'mongodb'),
): Round => ({
  name: what,
  checks: 'mongodb,mongodb-lag',
  breakages: [
    {
      what,
      shows,
      get finds() {
        return finds();
      },
      make: async () => act(await pick()),
      heal: () => mongodb.heal(cloud),
    },
  ],
});

const others = (): LabHost[] => cloud.hosts.slice(1);

const rounds: Round[] = [
  member('a member that is stopped', outOfReach, mongodb.stop),
  member('a member that is frozen', outOfReach, mongodb.freeze),
  member('a member that is cut off', outOfReach, (host) => mongodb.cutOff(host, cloud)),
  member('a member without power', outOfReach, (host) => host.powerOff()),
  member('a member in ROLLBACK', { value: /^ROLLBACK$/, threshold: inOrder, command: status }, (host) =>
    mongodb.putInto(host, 'ROLLBACK'),
  ),
  member('a member in RECOVERING', { value: /^RECOVERING$/, threshold: inOrder, command: status }, (host) =>
    mongodb.putInto(host, 'RECOVERING'),
  ),
  member(
    'a member that lags',
    { value: /^(6\d|59) s$/, threshold: /^warn above 10 s$/, command: status },
    (host) => mongodb.lag(host, 60),
    () => ofVictim('warn', 'mongodb-lag'),
  ),
  {
    name: 'no primary, since two of three are stopped',
    checks: 'mongodb,mongodb-lag',
    breakages: [
      {
        what: 'a replica set without a primary',
        finds: noPrimary,
        shows: { value: /^0 members PRIMARY$/, threshold: /^exactly 1$/, command: /^rs\.status\(\) on mongo-1$/ },
        get brings() {
          return ['unknown mongodb-lag/', ...others().map((host) => `error mongodb//${memberOf(host)}`)];
        },
        make: () => Promise.all(others().map(mongodb.stop)),
        heal: () => mongodb.heal(cloud),
      },
    ],
  },
  {
    name: 'a wrong password',
    checks: 'mongodb,mongodb-lag',
    breakages: [
      {
        what: 'a replica set that tells nothing',
        finds: 'unknown mongodb/',
        shows: { value: /^MongoDB on mongo-1 answers: Authentication failed/, command: status },
        brings: ['unknown mongodb-lag/'],
        make: () => mongodb.wrongPassword(cloud.fleet),
        heal: () => mongodb.heal(cloud),
      },
    ],
  },
];

describeMongodRestarts(
  () => cloud,
  () => trial,
);

describe('the audit', () => {
  it('finds nothing while the replica set is well', async () => {
    await mongodb.untilMongodbRuns(cloud);
    const { code, findings } = await trial.audit('--check', 'mongodb,mongodb-lag');
    expect({ code, findings }).toEqual({ code: 0, findings: [] });
  });

  describeRounds(() => trial, rounds, mongodb.login.password);
});
