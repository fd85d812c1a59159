import { describe, expect, it } from 'vitest';
import { createSurvey } from '../../../activities/controllers/survey.js';
import type { RunOnHost } from '../../../activities/hosts.js';
import { SshFailure } from '../../../activities/ssh/types.js';
import type { ControllerAnswer } from '../../../domain/cluster.js';
import type { ControllerFacts } from '../../../domain/controllers.js';
import { parseInventory, siteOf } from '../../../inventory/load.js';
import { fakeController, prints } from './fake-controller.js';

const inventory = siteOf(
  parseInventory(
    `
cloud: prod
ssh: { user: ops, identityFile: /id }
nodes:
  - { name: controller-1, address: 10.0.0.1, roles: [controller] }
  - { name: compute-1, address: 10.0.1.1, roles: [compute] }
`,
    'ostler.yaml',
  ),
  '/etc/ostler/ostler.yaml',
);
const cluster = {
  controller: 'controller-1',
  state: 'unread',
  why: 'not asked here',
  next: '',
} as const satisfies ControllerAnswer;
const surveyBy = (run: RunOnHost) => createSurvey({ inventory, run, askCluster: async () => cluster });
const signal = new AbortController().signal;

const arms: Record<string, string> = {
  "*'cibadmin -Q -onodes'": prints('pacemaker-2.1.5/nodes-with-attributes.xml'),
  "*'crm_node -n'": 'echo controller-1',
  "*'crmadmin -S controller-1'": "echo 'Controller on controller-1 in state S_NOT_DC: ok'",
  "*'--formatter json'": prints('rabbitmq-3.10/two-running.json'),
  "*'show stat'*/run/haproxy/admin.sock": prints('haproxy-2.6/disabled.csv'),
  "*'show stat'*/var/lib/haproxy/stats": 'echo "socat: no such socket" >&2; exit 1',
  '*quorum_status*': prints('ceph/two-of-three.json'),
};

/** What a survey has of a controller whose commands answer otherwise. */
async function of(
  otherwise: Record<string, string> = {},
  mysql = prints('galera-26.4/synced.txt'),
): Promise<ControllerFacts> {
  const answers = Object.entries({ ...arms, ...otherwise }).map(([pattern, does]) => `${pattern}) ${does} ;;`);
  const host = fakeController(answers.join('\n'), { programs: { mysql } });
  const [facts] = await surveyBy(async (_node, script) => host.run(script))(signal);
  return facts as ControllerFacts;
}
const whyOf = (reading: ControllerFacts['galera' | 'rabbitmq' | 'haproxy' | 'cephMon']): string =>
  reading.state === 'silent' ? reading.why : reading.state;

describe('a survey', () => {
  it('reads everything of a controller, and of nobody else', async () => {
    const facts = await of();
    expect(facts).toMatchObject({
      controller: 'controller-1',
      cluster,
      bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      fsa: 'S_NOT_DC',
      attributes: { 'controller-2': { ostler: '0123456789abcdef' } },
      galera: { state: 'read', view: { isSynced: true } },
      rabbitmq: { state: 'read', view: { running: ['rabbit@controller-2', 'rabbit@controller-1'] } },
      haproxy: { state: 'read', view: { socket: '/run/haproxy/admin.sock' } },
      cephMon: { state: 'read', view: { quorum: ['node-1', 'node-3'] } },
    });
  });

  it('goes by the first socket of HAProxy that answers with statistics', async () => {
    const facts = await of({
      "*'show stat'*/run/haproxy/admin.sock": 'echo "Permission denied"',
      "*'show stat'*/var/lib/haproxy/stats": prints('haproxy-2.6/all-up.csv'),
    });
    expect(facts.haproxy).toMatchObject({ state: 'read', view: { socket: '/var/lib/haproxy/stats' } });
  });

  it('tells why the first did not, where none does', async () => {
    const { haproxy } = await of({ "*'show stat'*/run/haproxy/admin.sock": 'echo "Permission denied"' });
    expect(whyOf(haproxy)).toBe('HAProxy does not answer with statistics: Permission denied');
  });

  it.each([
    ['refuses', 'echo "Permission denied"', /JSON/],
    ['says nothing', 'true', /JSON/],
    ['fails without a word', 'exit 3', /^exit 3$/],
    ['fails with one', 'echo "[errno 110] error connecting to the cluster" >&2; exit 1', /^\[errno 110\] error/],
    ['hangs', 'exec sleep 100', /^no answer in time$/],
    [
      'is refused by sudo',
      'echo "sudo: a password is required" >&2; exit 1',
      /^sudo does not let ops read it \(sudo: a password is required\): install what `ostler sudoers --role controller` prints$/,
    ],
  ])('of a service that %s says why, in one line', async (_what, does, why) => {
    const facts = await of({ '*quorum_status*': does });
    expect(whyOf(facts.cephMon)).toMatch(why);
    expect(whyOf(facts.cephMon)).not.toContain('\n');
    expect(facts.rabbitmq.state).toBe('read');
  });

  it('of a RabbitMQ that has paused says what it says, in one line', async () => {
    const { rabbitmq } = await of({
      '*cluster_status*': `${prints('rabbitmq-3.10/paused.txt')} >&2; exit 64`,
      "*'--formatter json'": `${prints('rabbitmq-3.10/paused.txt')} >&2; exit 64`,
    });
    expect(whyOf(rabbitmq)).toMatch(/^Error: this command requires the 'rabbit' app to be running/);
    expect(whyOf(rabbitmq)).not.toContain('\n');
    expect(whyOf(rabbitmq)).not.toContain('\u001b');
  });

  it('of a database that is stopped, or in no majority, says so', async () => {
    const stopped = await of({}, `${prints('galera-26.4/stopped.txt')} >&2; exit 1`);
    expect(whyOf(stopped.galera)).toMatch(/^ERROR 2002 \(HY000\): Can't connect to local server/);
    const alone = await of({}, prints('galera-26.4/non-primary.txt'));
    expect(alone.galera).toMatchObject({ state: 'read', view: { status: 'non-Primary', size: 1 } });
  });

  it('is not kept from an answer by a sudo that cannot look its own host up', async () => {
    const warns = 'echo "sudo: unable to resolve host controller-1: Name or service not known" >&2;';
    const facts = await of({ '*quorum_status*': `${warns} ${arms['*quorum_status*']}` });
    expect(facts.cephMon.state).toBe('read');
    const failed = await of({ '*quorum_status*': `${warns} echo 'no monitors' >&2; exit 1` });
    expect(whyOf(failed.cephMon)).not.toContain('does not let');
  });

  it('has no state of a Pacemaker that does not answer', async () => {
    expect(await of({ "*'crmadmin -S controller-1'": 'exec sleep 100' })).not.toHaveProperty('fsa');
  });

  it('of a host that cannot be reached is silent about everything, and not absent', async () => {
    const gone = new SshFailure('unreachable', {
      host: 'controller-1',
      message: 'controller-1 does not answer',
      hint: 'look at it',
    });
    const [facts] = await surveyBy(() => Promise.reject(gone))(signal);
    const silent = { state: 'silent', why: 'controller-1 does not answer' };
    expect(facts).toEqual({
      controller: 'controller-1',
      cluster,
      galera: silent,
      rabbitmq: silent,
      haproxy: silent,
      cephMon: silent,
    });
  });

  it('that is cancelled says nothing', async () => {
    const aborted = AbortSignal.abort(new Error('stopped'));
    await expect(surveyBy(() => Promise.reject(new Error('cut')))(aborted)).rejects.toThrow('cut');
  });
});
