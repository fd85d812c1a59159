import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { commandPath } from '../lab/real/process.js';
import type { Finding } from './statistics.js';
import type { Undo } from './undo.js';

/** How one run of the benches goes. */
export interface BenchSettings {
  /** Tiny sizes: shows that everything works, proves nothing about speed. */
  readonly quick: boolean;
  /** Times each contender is measured. */
  readonly rounds: number;
  /** Where whatever is started is noted, to be ended whatever happens. */
  readonly undo: Undo;
  /** Tells the person who waits what is going on. */
  readonly say: (line: string) => void;
}

export interface BenchResult {
  readonly findings: readonly Finding[];
  /** Sizes and versions that the numbers depend on. */
  readonly conditions: Readonly<Record<string, string | number>>;
  /** Every single measurement, by contender, in the order they were taken. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** One measurement that `npm run bench` knows by name. */
export interface Bench {
  readonly brief: string;
  /** Commands it runs, and the Debian package that each is in. */
  readonly commands: Readonly<Record<string, string>>;
  /** Why it cannot run on this machine beyond missing commands, as one line that says what to do. */
  readonly impossible?: () => string | undefined;
  readonly run: (settings: BenchSettings) => Promise<BenchResult>;
}

/** Why a bench cannot run on this machine, and how to change that; undefined when it can. */
export async function whyNot({ commands, impossible }: Bench): Promise<string | undefined> {
  const found = await Promise.all(Object.keys(commands).map(isInstalled));
  const packages = new Set(Object.values(commands).filter((_, index) => !found[index]));
  if (packages.size > 0)
    return `${[...packages].join(', ')} not installed; get them with: apt-get install --no-install-recommends ${[...packages].join(' ')}`;
  return impossible?.();
}

async function isInstalled(command: string): Promise<boolean> {
  const places = commandPath().split(delimiter).filter(Boolean);
  const found = await Promise.all(
    places.map((place) =>
      access(join(place, command), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
