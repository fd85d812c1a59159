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
const workflowId = rolloutId('restart', cloud, target);
const budget = 3;
/** The third batch of the plan: the worker is killed when the restarts of these are under way. */
const underTheKill = ['compute-5', 'compute-6', 'compute-7'];
/** In the fourth batch. */
const failing = 'compute-9';
/** What a person needs to read why the run waits. */
const readingMs = 4_000;
/** The whole demo takes half a minute on an idle machine. */
const patienceMs = 5 * 60_000;

const isTerminal = Boolean(process.stdout.isTTY) && process.env.TERM !== 'dumb';
const { bold, cyan, dim, green, red, yellow } = pc.createColors(isTerminal && !process.env.NO_COLOR);
const terminal = new SharedTerminal((text) => void process.stdout.write(text));
const say = (...lines: string[]): void => {
  for (const line of lines) terminal.say(line);
};
const step = (line: string): void => say(`${cyan('●')} ${line}`);
const typed = (args: readonly string[]): void => {
  const line = `$ ostler ${args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ')}`;
  say(bold(line.replace(' --reason', ' \\\n      --reason')));
};

/** Tells the whole story. @returns the exit code */
async function perform(stage: Stage, keep: boolean): Promise<number> {
  say(`${bold('A rolling restart of nova-compute on twelve hosts.')} We kill Ostler in the middle of it.`, '');
  await stage.build();
  const [server, fleet] = await Promise.all([
    stage.startServer(),
    stage.startFleet({ cloud, controllers: 3, computes: 12, restartMs: 1_000 }),
  ]);
  step(`A Temporal server of our own at ${server.address}, UI at ${server.uiUrl}`);
  step('A fleet of 3 controllers and 12 computes: real SSH servers, simulated machines');
  const worker = await stage.startWorker(server.address, fleet.inventory);
  step(`A worker, pid ${worker.pid}, which holds the inventory and the key`);
  await fleet.host(failing).failNextStart();

  const env = { ...process.env, TEMPORAL_ADDRESS: server.address, OSTLER_INVENTORY: fleet.inventory };
  const onScreen = async (...args: string[]): Promise<number> => {
    say('');
    typed(args);
    terminal.begin(isTerminal);
    const columns = isTerminal ? process.stdout.columns : undefined;
    const { ended } = stage.ostler(args, env, (text) => terminal.pass(text), columns);
    return ended.finally(() => terminal.end());
  };
  const flags = ['--batch', '1,3', '--max-unavailable', String(budget), '--soak', '1s'];
  const restart = onScreen('restart', target, ...flags, '--reason', 'DEMO-1: new oslo.messaging', '--yes');
  await beforeItEnds(restart, killAtWork(stage, server, fleet, worker));

  const run = await ObservedRun.at(server.address, workflowId);
  // On a terminal `restart` goes on watching while the run waits for a person; elsewhere it leaves and says so.
  if (isTerminal) await beforeItEnds(restart, run.waitsForAPerson());
  else if ((await restart) !== 7) throw new Error('`ostler restart` ended, but not because the run waits for a person');
  const { name, runId } = await run.identity();
  await retry(stage, env, name);
  const code = await (isTerminal ? restart : onScreen('watch', name));

  const evidence = await gather(fleet);
  const wrong = [...complaints(evidence), ...(code === 0 ? [] : [`Ostler ended with exit code ${code}`])];
  const page = `${server.uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
  present(evidence, wrong, { run: name, page, keep });
  if (keep) inviteToLookAround(server, fleet);
  return wrong.length === 0 ? 0 : 1;
}

/** Kills the worker when it has ordered restarts and heard of none, and starts another. */
async function killAtWork(
  stage: Stage,
  server: DevServer,
  fleet: RemoteSimFleet,
  worker: { pid: number; kill(): Promise<void> },
): Promise<void> {
  /** Those whose restart has begun. */
  const begun = async (): Promise<string[]> => {
    const truths = await Promise.all(underTheKill.map((name) => fleet.host(name).truth()));
    return underTheKill.filter((_, index) => truths[index]?.stops.length !== 0);
  };
  while ((await begun()).length === 0) await wait(20);
  await worker.kill();
  const hit = await begun();
  say('');
  step(`${red(`kill -9 ${worker.pid}`)}: the worker is dead. It was restarting ${listed(hit)}.`);
  say('  Their systemd carries on by itself; Temporal misses the heartbeat after 10 s.');
  const second = await stage.startWorker(server.address, fleet.inventory);
  step(`Another worker, pid ${second.pid}. It asks each host what became of the order that was`);
  say('  on its way: one that has arrived is never given a second time.', '');
}

/** Does what a person would about the host that failed. */
async function retry(stage: Stage, env: NodeJS.ProcessEnv, run: string): Promise<void> {
  if (!isTerminal) say('');
  step(`${failing} did not come back, as arranged. ${yellow('The run waits')}: Ostler never repeats a failed`);
  say('  start by itself. A person reads why, mends it, and asks for another.', '');
  if (isTerminal) await wait(readingMs);
  const args = ['retry', run, failing, '--reason', 'DEMO-1: compute_driver corrected in nova.conf'];
  typed(args);
  let answer = '';
  const { ended } = stage.ostler(args, env, (text) => {
    answer += text;
  });
  const code = await ended;
  say(...answer.trimEnd().split('\n'), '');
  if (code !== 0) throw new Error(`\`ostler retry\` ended with exit code ${code}`);
}

/** What `act` comes to, unless the command ends before that. */
const beforeItEnds = <T>(command: Promise<number>, act: Promise<T>): Promise<T> =>
  Promise.race([
    act,
    command.then((code) => {
      throw new Error(`\`ostler restart\` ended too early, with exit code ${code}`);
    }),
  ]);

/** Asks the hosts, not Ostler. */
async function gather(fleet: RemoteSimFleet): Promise<Evidence> {
  const computes = fleet.hosts.filter(({ role }) => role === 'compute');
  const hosts = await Promise.all(
    computes.map(async (host) => {
      const [unit, { starts, outages }] = await Promise.all([host.unitName(target), host.truth()]);
      const mine = <T extends { unit: string }>(events: readonly T[]): T[] => events.filter((one) => one.unit === unit);
      const up = mine(outages).every(({ until }) => until !== undefined);
      return { name: host.name, starts: mine(starts).length, up };
    }),
  );
  return { hosts, failing, budget, mostDown: await fleet.mostDownAtOnce(target) };
}

function present(evidence: Evidence, wrong: string[], at: { run: string; page: string; keep: boolean }): void {
  say('', bold('How often each host started its unit, as its own PID 1 counted:'));
  for (const line of countLines(evidence))
    say(`  ${(line.startsWith('✓') ? green : red)(line.charAt(0))}${line.slice(1)}`);
  say('', `  Most down at once  ${evidence.mostDown} (budget ${budget})`);
  say(`  Run                ${at.run}`, `  In Temporal's UI   ${at.page}`);
  if (!at.keep) say(dim('                     (gone now; `npm run demo -- --keep` leaves it running)'));
  say('');
  if (wrong.length > 0) say(red('This is not what was promised:'), ...wrong.map((one) => red(`  ${one}`)));
  else say(green('Killed at work and let down by a host: still nothing was restarted twice.'));
}

function inviteToLookAround(server: DevServer, fleet: RemoteSimFleet): void {
  say(
    '',
    'Everything keeps running until Ctrl-C. In another terminal:',
    `  export TEMPORAL_ADDRESS=${server.address} TEMPORAL_CONFIG_FILE=/dev/null`,
    `  export TEMPORAL_NAMESPACE=default OSTLER_INVENTORY=${fleet.inventory}`,
    `  alias ostler="node ${program}"`,
    `  ostler show ${target}`,
    `  ostler restart ${target} --on compute-1,compute-2 --reason "my first one"`,
  );
}

/** The environment of a user who has no settings of their own, neither for Temporal nor for Ostler. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^OSTLER_(?!TEMPORAL_CLI$)/.test(name));
  return { ...withoutTemporalSettings(Object.fromEntries(kept)), OSTLER_ACTOR: 'demo' };
}

/** Ends what hangs, which is better than waiting for ever. */
async function tooLong(): Promise<never> {
  await wait(patienceMs, undefined, { ref: false });
  throw new Error(`the demo did not come to its end within ${patienceMs / 60_000} minutes`);
}

/** The exit code for the first signal that tells us to end. */
const interrupted = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => resolve(128 + constants.signals[signal]));
});

// A terminal or pipe that is gone must not keep us from ending what was started.
process.stdout.on('error', () => {});

const { keep } = parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values;
process.env = plainEnvironment();
const stage = await Stage.open();
let code = 1;
try {
  code = await Promise.race([perform(stage, keep), interrupted, tooLong()]);
  if (keep && code < 128) await interrupted;
  terminal.end();
  if (keep || code >= 128) say('', 'Ending everything that was started ...');
} catch (error) {
  terminal.end();
  say(red(`The demo failed: ${(error as Error).message}`));
} finally {
  await stage.strike();
}
process.exit(code);
