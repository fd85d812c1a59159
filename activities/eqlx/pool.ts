import type { ArrayPool } from '../../domain/audit/judge-eqlx.js';
import { redact } from '../redact.js';
import { ArrayFailure, type ArraySession } from './session.js';

/** The array counts in powers of 1024. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  PB: 1024 ** 5,
};

/**
 * Asks an array for one of its pools.
 * @throws {ArrayFailure}
 */
export async function readPool(session: ArraySession, pool: string): Promise<ArrayPool> {
  const command = `pool select ${pool} show`;
  return parsePool(pool, await session.ask(command));
}

/**
 * Reads the answer to `pool select POOL show`: one fact a line (`FreeSpace: 600GB`), or two beside each other where the output is formatted.
 * @throws {ArrayFailure} when the capacity or the free space is not among them
 */
export function parsePool(pool: string, lines: readonly string[]): ArrayPool {
  const text = lines.join('\n');
  const [capacity, free] = [sizeOf(text, 'TotalCapacity'), sizeOf(text, 'FreeSpace')];
  if (capacity !== undefined && free !== undefined) return { pool, capacity, free };
  const shown = redact(text).replace(/\s+/g, ' ').trim().slice(0, 120);
  throw new ArrayFailure(
    'unreadable',
    `the array does not say the capacity and the free space of the pool ${pool}: ${shown || 'it says nothing'}`,
    `log in to it and try \`pool select ${pool} show\``,
  );
}

/** In bytes. */
function sizeOf(text: string, name: string): number | undefined {
  const { number = '', unit = '' } =
    new RegExp(`(?:^|\\s)${name}: *(?<number>\\d+(?:\\.\\d+)?) *(?<unit>[KMGTP]?B)\\b`, 'm').exec(text)?.groups ?? {};
  const factor = UNITS[unit];
  return factor === undefined ? undefined : Number(number) * factor;
}
