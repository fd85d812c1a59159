/**
 * `npm run demo`: a rolling restart on a simulated fleet, with a worker that is killed at work and a host that does not come
 * back. `npm run demo -- failover`: a controller is taken out of service and brought back. Either ends with what the hosts themselves counted,
 * and with exit code 0 only if all of it is right. `--keep` leaves all of it running.
 */
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { withoutTemporalSettings } from '../worker/server/environment.js';
import { failover } from './demo/failover.js';
import { dim, green, red, say, terminal } from './demo/narrator.js';
import { program } from './demo/ostler.js';
import { restart } from './demo/restart.js';
import { Stage } from './demo/stage.js';
import type { Ending } from './demo/story.js';

const stories: Record<string, (stage: Stage) => Promise<Ending>> = { restart, failover };

/** A demo takes half a minute on an idle machine. */
const patienceMs = 5 * 60_000;

/** Tells a whole story. @returns the exit code */
async function perform(story: (stage: Stage) => Promise<Ending>, stage: Stage, keep: boolean): Promise<number> {
  const ending = await story(stage);
  say(`  Run                ${ending.run}`, `  In Temporal's UI   ${ending.page}`);
  if (!keep) say(dim('                     (gone now; `-- --keep` leaves it running)'));
  say('');
  if (ending.wrong.length > 0)
    say(red('This is not what was promised:'), ...ending.wrong.map((one) => red(`  ${one}`)));
  else say(green(ending.moral));
  if (keep) inviteToLookAround(ending);
  return ending.wrong.length === 0 ? 0 : 1;
}

function inviteToLookAround({ address, inventory, next }: Ending): void {
  say(
    '',
    'Everything keeps running until Ctrl-C. In another terminal:',
    `  export TEMPORAL_ADDRESS=${address} TEMPORAL_CONFIG_FILE=/dev/null`,
    `  export TEMPORAL_NAMESPACE=default OSTLER_INVENTORY=${inventory}`,
    `  alias ostler="node ${program}"`,
    ...next.map((command) => `  ${command}`),
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

const {
  values: { keep },
  positionals: [name = 'restart'],
} = parseArgs({ allowPositionals: true, options: { keep: { type: 'boolean', default: false } } });
const story = stories[name];
if (!story) {
  process.stderr.write(`there is no demo ${name}; there are: ${Object.keys(stories).join(', ')}\n`);
  process.exit(2);
}
process.env = plainEnvironment();
const stage = await Stage.open();
let code = 1;
try {
  code = await Promise.race([perform(story, stage, keep), interrupted, tooLong()]);
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
