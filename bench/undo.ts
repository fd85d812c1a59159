import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Notes how to end whatever is started, and ends all of it, the last first. */
export class Undo {
  readonly #steps: (() => unknown)[] = [];

  push(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** A folder that goes when everything else has. */
  async folder(name: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), `ostler-${name}-`));
    this.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /**
   * Runs every step, whatever becomes of the others, and those that are noted meanwhile.
   * @throws {AggregateError} afterwards, when some failed
   */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be cleaned up');
  }
}
