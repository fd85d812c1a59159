import { setTimeout as wait } from 'node:timers/promises';
import { rolloutId } from '../../workflows/messages/names.js';
import { PROXIES } from '../sim/cluster/haproxy.js';
import type { RemoteSimFleet } from '../sim/remote.js';
import { type FailoverEvidence, judgeFailover } from './failover-judge.js';
import { beforeItEnds, bold, dim, isTerminal, judged, Operator, red, say, step, yellow } from './narrator.js';
import { ObservedRun } from './run.js';
import type { Stage } from './stage.js';
import { cloud, type Ending, type Scene, setUp } from './story.js';
import { knockAt } from './vip-probe.js';

/** It holds an address. */
const node = 'controller-2';
const workflowId = rolloutId('failover', cloud, node);
/** What a person needs to see that it is held. */
const readingMs = 3_000;

/** A controller is taken out of service, the worker is killed while its address moves, and the controller is brought back. */
export async function failover(stage: Stage): Promise<Ending> {
  say(`${bold('A controller that holds an address is taken out of service.')} We kill Ostler in the middle of it.`, '');
  const scene = await setUp(stage, { controllers: 3, computes: 0, cluster: true });
  const { server, fleet, env } = scene;
  const { vips } = await fleet.cluster();
  const vip = vips.find(({ holder }) => holder === node)?.id;
  if (vip === undefined) throw new Error(`${node} holds no address`);
  step(`Its controllers are one Pacemaker, with HAProxy, Galera and RabbitMQ; ${node} has ${vip}`);
  const knocking = vips.map((one) => [one.id, knockAt(one)] as const);

  const operator = new Operator(stage, env);
  const reason = 'DEMO-2: new memory';
  const begun = operator.onScreen('failover', node, '--until-returned', '--reason', reason, '--yes');
  await beforeItEnds(begun, killAtWork(stage, scene, vip));

  const run = await ObservedRun.at(server.address, workflowId);
  if (isTerminal) await beforeItEnds(begun, run.waitsFor('return'));
  else if ((await begun) !== 7)
    throw new Error('`ostler failover` ended, but not because it waits for `ostler return`');
  const { name, page } = await run.identity(server.uiUrl);
  const held = await fleet.cluster();
  if (!isTerminal) say('');
  step(`${yellow(`${node} is held out of service.`)} The hosts say: standby ${held.standby.join(', ') || 'nowhere'},`);
  say(`  ${held.vips.map(({ id, holder }) => `${id} on ${holder ?? 'nobody'}`).join(', ')}.`, '');
  if (isTerminal) await wait(readingMs);
  const back = ['return', node, '--reason', 'DEMO-2: memory is in'];
  if (isTerminal) await operator.aside(...back, '--detach');
  const code = await (isTerminal ? begun : operator.onScreen(...back));

  const evidence: FailoverEvidence = {
    node,
    controllers: fleet.hosts.map((host) => host.name),
    backends: PROXIES,
    vip,
    cluster: await fleet.cluster(),
    ran: await ranOn(fleet),
    knocked: Object.fromEntries(await Promise.all(knocking.map(async ([id, end]) => [id, await end()] as const))),
  };
  const { vips: answered, left, ran, voids, wrong } = judgeFailover(evidence);
  say('', bold('The addresses, as somebody outside saw them, knocking every 20 ms:'));
  judged(answered);
  say('', bold('What is left on the hosts, as they say themselves:'));
  judged(left);
  say('', bold('What was really run on them, as their own PID 1s counted:'));
  judged(ran);
  say(dim(`  (and ${voids} times nothing, under the names of orders that must never run any more)`), '');
  return {
    run: name,
    page,
    wrong: [
      ...wrong,
      ...(held.standby.includes(node) ? [] : [`${node} was said to be held, and was not in standby`]),
      ...(code === 0 ? [] : [`Ostler ended with exit code ${code}`]),
    ],
    moral: 'Killed while the address moved: no order was run twice, and nothing was left behind.',
    next: ['ostler cluster status', `ostler show ${name}`, `ostler failover ${node} --dry-run`],
    address: server.address,
    inventory: fleet.inventory,
  };
}

/** Kills the worker when the controller is in standby and it has not heard of that, and starts another. */
async function killAtWork(stage: Stage, { server, fleet, worker }: Scene, vip: string): Promise<void> {
  while (!(await fleet.cluster()).standby.includes(node)) await wait(10);
  await worker.kill();
  const holder = (await fleet.cluster()).vips.find(({ id }) => id === vip)?.holder ?? 'nobody';
  say('');
  step(`${red(`kill -9 ${worker.pid}`)}: the worker is dead. It had just put ${node} into standby;`);
  say(`  ${vip} was on ${holder}. Pacemaker carries on; Temporal misses the heartbeat after 10 s.`);
  const second = await stage.startWorker(server.address, fleet.inventory);
  step(`Another worker, pid ${second.pid}. It looks at the cluster, and gives no order twice.`);
  say('');
}

async function ranOn(fleet: RemoteSimFleet): Promise<{ host: string; command: string }[]> {
  const told = await Promise.all(
    fleet.hosts.map(async (host) => (await host.truth()).ran.map(({ command }) => ({ host: host.name, command }))),
  );
  return told.flat();
}
