import { describe, expect, it } from 'vitest';
import type { RunOnHost } from '../../../activities/hosts.js';
import { createPacemakerActivities } from '../../../activities/pacemaker/index.js';
import { readScript } from '../../../activities/pacemaker/read-script.js';
import { type RunResult, SshFailure } from '../../../activities/ssh/types.js';
import type { ControllerAnswer } from '../../../domain/cluster.js';
import { clusterFindings } from '../../../domain/cluster-findings.js';
import { parseInventory, siteOf } from '../../../inventory/load.js';
import { attempt } from '../systemd/site.js';
import { fixture } from './recorded.js';

const controllers = ['controller-1', 'controller-2', 'controller-3'];
const inventory = siteOf(
  parseInventory(
    `
cloud: prod
ssh: { user: ops, identityFile: /id }
nodes:
${controllers.map((name, index) => `  - { name: ${name}, address: 10.0.0.${index + 1}, roles: [controller] }`).join('\n')}
  - { name: compute-1, address: 10.0.1.1, roles: [compute] }
`,
    'ostler.yaml',
  ),
  '/etc/ostler/ostler.yaml',
);

const section = (name: string, text: string, code = 0) => `-- ${name} --\n${text.trimEnd()}\n-- exit ${code} --\n`;
const printed = (stdout: string, more: Partial<RunResult> = {}): RunResult => ({
  exitCode: 0,
  stdout: `${stdout}-- end --\n`,
  stderr: '',
  truncated: false,
  ...more,
});

/** What a controller prints whose tools print these recordings. */
const recorded = (status: string, constraints = 'healthy', properties = '<crm_config/>'): RunResult =>
  printed(
    section('xml', fixture(`pacemaker-2.1.5/${status}.xml`)) +
      section('constraints', fixture(`pacemaker-2.1.5/${constraints}-constraints.xml`)) +
      section('properties', properties),
  );

const healthy = recorded('healthy');

/** Reads a cluster whose controllers print this, and the one that is named something else. */
async function read(result: RunResult | Error, others: Record<string, RunResult | Error> = {}) {
  const asked: string[] = [];
  const run: RunOnHost = async (node, script) => {
    asked.push(node);
    expect(script).toBe(readScript());
    const answer = others[node] ?? result;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const { readCluster } = createPacemakerActivities({ inventory, run });
  return { answers: await attempt(readCluster, { cloud: 'prod' }), asked };
}

const kinds = (answers: readonly ControllerAnswer[]) =>
  clusterFindings(answers).map(({ kind, about }) => [kind, about].filter(Boolean).join(' '));

describe('recordings of Pacemaker 2.1.5', () => {
  it('of a healthy cluster, from every controller once', async () => {
    const { answers, asked } = await read(healthy);
    expect(asked).toEqual(controllers);
    expect(answers.map(({ controller, state }) => [controller, state])).toEqual(
      controllers.map((one) => [one, 'read']),
    );
    expect(kinds(answers)).toEqual([]);
  });

  const maintenance =
    '<crm_config><cluster_property_set id="a"><nvpair id="b" name="maintenance-mode" value="true"/></cluster_property_set></crm_config>';

  it.each([
    ['a node in standby', recorded('standby'), ['standby controller-2']],
    ['a node in maintenance', recorded('node-maintenance'), ['node-maintenance controller-2']],
    ['a ban', recorded('banned', 'banned'), ['cli-constraint cli-ban-vip__public-on-controller-3']],
    ['a move', recorded('moved', 'moved'), ['cli-constraint cli-prefer-vip__public']],
    ['maintenance mode', recorded('maintenance', 'healthy', maintenance), ['maintenance-mode']],
    ['an unmanaged clone', recorded('unmanaged'), ['unmanaged clone_p_haproxy']],
    [
      'an unmanaged clone of which one died',
      recorded('unmanaged-and-dead'),
      ['clone-incomplete clone_p_haproxy', 'unmanaged clone_p_haproxy'],
    ],
    ['a failure', recorded('failed'), ['failure p_haproxy']],
    ['a start that failed', recorded('failed-start'), ['clone-incomplete clone_p_haproxy']],
    ['a stop that failed', recorded('failed-stop-blocked'), ['blocked clone_p_haproxy']],
    [
      'a disabled clone, and the addresses that belong to it',
      recorded('disabled'),
      ['stopped vip__management', 'stopped vip__public', 'stopped clone_p_haproxy'],
    ],
  ])('of %s', async (_what, result, findings) => {
    expect(kinds((await read(result)).answers)).toEqual(findings);
  });

  it('of a partition', async () => {
    const { answers } = await read(recorded('majority'), { 'controller-3': recorded('minority') });
    expect(kinds(answers)).toEqual(['split', 'no-quorum']);
  });

  it('of a controller that lost its power', async () => {
    const lost = new SshFailure('unreachable', {
      host: 'controller-3',
      message: 'no route to controller-3',
      hint: 'look',
    });
    const { answers } = await read(recorded('offline'), { 'controller-3': lost });
    expect(answers[2]).toEqual({
      controller: 'controller-3',
      state: 'unread',
      why: 'no route to controller-3',
      next: 'look',
    });
    expect(kinds(answers)).toEqual(['offline controller-3']);
  });

  it('of a controller whose cluster was stopped', async () => {
    const down = (name: string) => fixture(`pacemaker-2.1.5/${name}.txt`).replace(/^\$ .*\n|exit 102\n$/gm, '');
    const stopped = printed(
      section('xml', down('cluster-down'), 102) + section('constraints', '', 102) + section('properties', '', 102),
      { stderr: down('cluster-down-cibadmin') },
    );
    const { answers } = await read(recorded('stopped'), { 'controller-3': stopped });
    expect(answers[2]).toMatchObject({ state: 'stopped', next: expect.stringContaining('pcs cluster start') });
    expect(kinds(answers)).toEqual(['offline controller-3']);
    expect(kinds((await read(stopped)).answers)).toEqual(controllers.map((one) => `cluster-stopped ${one}`));
  });
});

describe('other generations', () => {
  const cib = section('constraints', '<constraints/>') + section('properties', fixture('pacemaker-1.1/properties.xml'));

  it.each([
    ['old-xml', 'crm_mon-healthy.xml', ''],
    ['text', 'pcs-healthy.txt', section('old-xml', 'unrecognized option', 1)],
  ])('are read as %s', async (dialect, file, before) => {
    const result = printed(section('xml', '', 1) + before + section(dialect, fixture(`pacemaker-1.1/${file}`)) + cib);
    const [answer] = (await read(result)).answers;
    expect(answer).toMatchObject({ state: 'read', view: { dialect, quorum: true, dc: 'node-1.domain.tld' } });
    expect(answer).toMatchObject({ view: { properties: { 'maintenance-mode': 'true' } } });
  });
});

describe('a controller that gives no view says why, and what to do', () => {
  const why = async (result: RunResult | Error) => (await read(healthy, { 'controller-2': result })).answers[1];

  it('sudo refuses', async () => {
    const result = { ...printed(''), stdout: '-- refused --\n', stderr: 'sudo: a password is required\n' };
    expect(await why(result)).toEqual({
      controller: 'controller-2',
      state: 'unread',
      why: 'sudo does not let ops read the cluster on controller-2: sudo: a password is required',
      next: 'install what `ostler sudoers --role controller --user ops` prints',
    });
  });

  const rest = section('constraints', '<constraints/>') + section('properties', '<crm_config/>');
  it.each([
    ['it hangs', printed(section('xml', '', 124) + rest), /did not answer within 10 s/],
    [
      'it has no Pacemaker',
      printed(section('xml', '', 127) + section('old-xml', '', 127) + section('text', '', 127) + rest, {
        stderr: "timeout: failed to run command '/usr/sbin/crm_mon'",
      }),
      /exit 127\): timeout: failed to run/,
    ],
    ['it prints something else', printed(section('xml', 'hello') + rest), /what crm_mon printed is not as expected/],
    ['its answer is cut short', { ...healthy, stdout: healthy.stdout.slice(0, 2_000) }, /cut short/],
    ['its answer is too long', { ...healthy, truncated: true }, /longer than a megabyte/],
    [
      'its CIB does not answer',
      printed(
        section('xml', fixture('pacemaker-2.1.5/healthy.xml')) +
          section('constraints', '', 6) +
          section('properties', '', 6),
        { stderr: 'password=geheim' },
      ),
      /exit 6\): password=\[redacted\]/,
    ],
  ])('%s', async (_what, result, expected) => {
    expect(await why(result)).toMatchObject({
      state: 'unread',
      why: expect.stringMatching(expected),
      next: 'log in to controller-2 and try `crm_mon -1`',
    });
  });
});

describe('a wrong request', () => {
  const { readCluster } = createPacemakerActivities({ inventory, run: () => Promise.reject(new Error('asked')) });

  it('is one for another cloud', async () => {
    await expect(attempt(readCluster, { cloud: 'east' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      message: 'this worker looks after the cloud prod, not east',
    });
  });

  it('is one for a cloud without controllers', async () => {
    const without = siteOf(
      parseInventory(
        'cloud: prod\nssh: { user: ops, agent: true }\nnodes: [{ name: c, address: c, roles: [compute] }]',
        'o',
      ),
      '/o',
    );
    const activities = createPacemakerActivities({ inventory: without, run: () => Promise.reject(new Error('asked')) });
    await expect(attempt(activities.readCluster, { cloud: 'prod' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      message: 'no node of prod has the role controller',
    });
  });
});
