import pLimit from 'p-limit';
import { createSshPool } from '../../activities/ssh/pool.js';
import type { Sweeper } from '../sweep-when-told.js';
import { bareLoop } from './bare-loop.js';
import { ANSWER, COMMAND, FANOUT } from './command.js';
import { type Farm, farmTarget } from './farm.js';

const expectAnswer = (address: string, said: string): void => {
  if (said.trim() !== ANSWER) throw new Error(`${address} answered ${JSON.stringify(said)}`);
};

/** Ostler's transport, as a worker uses it. */
function ostler(farm: Farm): Sweeper {
  const pool = createSshPool({ maxConnections: farm.addresses.length, idleCloseMs: 3_600_000 });
  const limit = pLimit(FANOUT);
  const visit = async (address: string): Promise<void> => {
    const { stdout } = await pool.run(farmTarget(farm, address), COMMAND, { limitMs: 60_000 });
    expectAnswer(address, stdout);
  };
  return {
    sweep: async () => void (await Promise.all(farm.addresses.map((address) => limit(visit, address)))),
  };
}

/** The bare loop on the same hosts. */
const bare = (farm: Farm): Sweeper =>
  bareLoop(farm, { addresses: farm.addresses, script: COMMAND, fanout: FANOUT, expect: expectAnswer });

export const sweepers = { ostler, bare } as const;
