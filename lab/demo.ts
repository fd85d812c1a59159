/**
 * `npm run demo`: a rolling restart on a simulated fleet, with a worker that is killed at work and a host that does not come
 * back, and what the hosts themselves counted. Exits 0 only if every count is right. `-- --keep` leaves all of it running.
 */
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { listed } from '../cli/render/text.js';
import type { DevServer } from '../worker/server/dev-server.js';
import { withoutTemporalSettings } from '../worker/server/environment.js';
import { rolloutId } from '../workflows/messages/names.js';
import { complaints, countLines, type Evidence } from './demo/judge.js';
import { program } from './demo/ostler.js';
import { ObservedRun } from './demo/run.js';
import { Stage } from './demo/stage.js';
import { SharedTerminal } from './demo/terminal.js';
import type { RemoteSimFleet } from './sim/remote.js';

const cloud = 'demo';
const target = 'nova-compute';
const budget = 3;
/** The third batch of the plan, in the middle of the run: the worker is killed when their restarts are under way. */
const underTheKill = ['compute-5', 'compute-6', 'compute-7'];
/** In the fourth batch. */
const failing = 'compute-9';
/** The run takes half a minute on an idle machine. */
const patienceMs = 5 * 60_000;

const isTerminal = Boolean(process.stdout.isTTY) && process.env.TERM !== 'dumb';
const { bold, cyan, dim, green, red, yellow } = pc.createColors(isTerminal && !process.env.NO_COLOR);
const terminal = new SharedTerminal((text) => void process.stdout.write(text));
const say = (line = ''): void => terminal.say(line);
const step = (line: string, ...more: string[]): void => {
  say(`${cyan('●')} ${line}`);
  for (const one of more) say(`  ${one}`);
};
const typed = (args: readonly string[]): string =>
  bold(`$ ostler ${args.map((arg) => (/[\s"]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`);

/** The environment of a user who has no settings of their own, neither for Temporal nor for Ostler. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^OSTLER_(?!TEMPORAL_CLI$)/.test(name));
  return { ...withoutTemporalSettings(Object.fromEntries(kept)), OSTLER_ACTOR: 'demo' };
}

/** Tells the whole story. @returns the exit code */
async function perform(stage: Stage, keep: boolean): Promise<number> {
  say(`${bold('Ostler')} restarts nova-compute on 12 hosts, three at a time. We kill it at work, and a host lets it down.`);
  say();
  await stage.build();
  const [server, fleet] = await Promise.all([
    stage.startServer(),
    stage.startFleet({ cloud, controllers: 3, computes: 12, restartMs: 1_000 }),
  ]);
  step(`A Temporal server of our own at ${server.address}, its UI at ${server.uiUrl}`);
  step('A fleet: 3 controllers and 12 computes, each a real SSH server on loopback, all simulated beyond that');
  const first = await stage.startWorker(server.address, fleet.inventory);
  step(`A worker, pid ${first.pid}: it alone holds the inventory and the key`);
  await fleet.host(failing).failNextStart();

  const env = { ...process.env, TEMPORAL_ADDRESS: server.address, OSTLER_INVENTORY: fleet.inventory };
  const run = await ObservedRun.at(server.address, rolloutId('restart', cloud, target));
  const onScreen = async (...args: string[]): Promise<number> => {
    say();
    say(typed(args));
    terminal.begin(isTerminal);
    const command = stage.ostler(args, env, (text) => terminal.pass(text), isTerminal ? process.stdout.columns : undefined);
    return command.ended.finally(() => terminal.end());
  };

  const flags = ['--batch', '1,3', '--max-unavailable', String(budget), '--soak', '1s'];
  const restart = onScreen('restart', target, ...flags, '--reason', 'DEMO-1: new oslo.messaging', '--yes');
  await beforeItEnds(restart, killedAtWork(stage, server, fleet, first));
  // On a terminal `restart` goes on watching while the run waits for a person; elsewhere it leaves and says so.
  if (isTerminal) await beforeItEnds(restart, run.waitsForAPerson());
  else if ((await restart) !== 7) throw new Error('`ostler restart` ended, and not because the run waits for a person');
  const { name, runId } = await run.identity();
  await retried(stage, env, name);
  const code = await (isTerminal ? restart : onScreen('watch', name));

  const evidence = await gather(fleet);
  const wrong = [...complaints(evidence), ...(code === 0 ? [] : [`Ostler ended with exit code ${code}`])];
  const page = `${server.uiUrl}/namespaces/default/workflows/${encodeURIComponent(rolloutId('restart', cloud, target))}/${runId}/history`;
  showEvidence(evidence, wrong, name, page, keep);
  if (keep) await untilInterrupted(server, fleet);
  return wrong.length === 0 ? 0 : 1;
}

/** Kills the worker when it has sent restarts and heard of none, and starts another. */
async function killedAtWork(stage: Stage, server: DevServer, fleet: RemoteSimFleet, first: { pid: number; kill(): Promise<void> }) {
  const down = async (): Promise<string[]> => {
    const truths = await Promise.all(underTheKill.map(async (name) => ({ name, ...(await fleet.host(name).truth()) })));
    return truths.filter(({ outages }) => outages.some(({ until }) => until === undefined)).map(({ name }) => name);
  };
  while ((await down()).length === 0) await wait(20);
  await first.kill();
  const hit = await down();
  step(
    `${red(`kill -9 ${first.pid}`)}: the worker is dead, while it restarted ${listed(hit)}.`,
    'Their systemd carries on by itself. Temporal notices after 10 s without a heartbeat.',
  );
  const second = await stage.startWorker(server.address, fleet.inventory);
  step(
    `Another worker, pid ${second.pid}. It takes over, and asks each host what became of the order it was given:`,
    'an order that has arrived is never given twice.',
  );
}

/** What a person would do about the host that failed. */
async function retried(stage: Stage, env: NodeJS.ProcessEnv, name: string): Promise<void> {
  step(
    `${failing} did not come back, as we had arranged. ${yellow('The run waits')}: it never repeats a failed start by itself.`,
    'Its journal says why. A person mends nova.conf, says so, and asks for another start of this one host:',
  );
  const args = ['retry', name, failing, '--reason', 'DEMO-1: compute_driver was mistyped, corrected'];
  say(`  ${typed(args)}`);
  let answer = '';
  const code = await stage.ostler(args, env, (text) => {
    answer += text;
  }).ended;
  for (const line of answer.trimEnd().split('\n')) say(`  ${line}`);
  if (code !== 0) throw new Error(`\`ostler retry\` ended with exit code ${code}`);
}

/** Asks the hosts, not Ostler. */
async function gather(fleet: RemoteSimFleet): Promise<Evidence> {
  const computes = fleet.hosts.filter(({ role }) => role === 'compute');
  const hosts = await Promise.all(
    computes.map(async (host) => {
      const [unit, { starts, outages }] = await Promise.all([host.unitName(target), host.truth()]);
      return {
        name: host.name,
        starts: starts.filter((start) => start.unit === unit && !start.boot).length,
        up: outages.every(({ until }) => until !== undefined),
      };
    }),
  );
  return { hosts, failing, budget, mostDown: await fleet.mostDownAtOnce(target) };
}

function showEvidence(evidence: Evidence, wrong: string[], name: string, page: string, keep: boolean): void {
  say();
  say(bold('What the hosts counted: how often PID 1 of each started the unit'));
  for (const line of countLines(evidence)) say(`  ${line.startsWith('✓') ? green('✓') : red('✗')}${line.slice(1)}`);
  say();
  say(`  Most down at once  ${evidence.mostDown} (budget ${budget})`);
  say(`  Run                ${name}`);
  say(`  In Temporal's UI   ${page}`);
  if (!keep) say(dim('                     gone when this ends; npm run demo -- --keep leaves it running'));
  say();
  if (wrong.length === 0) say(green('Killed at work, failed by a host: and still nothing was restarted twice, nor too much at once.'));
  else say(red(`This is not what was promised:\n${wrong.map((one) => `  ${one}`).join('\n')}`));
}

/** Tells how to look around, and waits for Ctrl-C, which is not awaited here. */
async function untilInterrupted(server: DevServer, fleet: RemoteSimFleet): Promise<never> {
  say();
  say('Everything keeps running until Ctrl-C. In another terminal:');
  say(`  export TEMPORAL_ADDRESS=${server.address} TEMPORAL_NAMESPACE=default TEMPORAL_CONFIG_FILE=/dev/null`);
  say(`  export OSTLER_INVENTORY=${fleet.inventory}`);
  say(`  alias ostler="node ${program}"`);
  say('  ostler show nova-compute');
  say('  ostler restart nova-compute --on "compute-*" --reason "my first one"');
  return new Promise(() => {});
}

/** What `act` comes to, unless the command ends before that. */
const beforeItEnds = <T>(command: Promise<number>, act: Promise<T>): Promise<T> =>
  Promise.race([
    act,
    command.then((code) => {
      throw new Error(`\`ostler restart\` ended too early, with exit code ${code}`);
    }),
  ]);

/** The signal that ended us, as soon as there is one. */
const interrupted = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => resolve(128 + constants.signals[signal]));
});
