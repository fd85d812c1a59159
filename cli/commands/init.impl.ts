import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initialInventory } from '../../inventory/init.js';
import { type OstlerContext, printJson } from '../context.js';
import { UsageError } from '../exit.js';
import type { InitFlags } from './init.js';

/** Writes `ostler.yaml` into the current folder and says what to do next. */
export async function init(this: OstlerContext, flags: InitFlags): Promise<void> {
  const cloud = flags.cloud ?? this.env.OSTLER_CLOUD ?? 'prod';
  const file = join(this.cwd, 'ostler.yaml');
  try {
    await writeFile(file, initialInventory({ cloud }), { flag: 'wx' });
  } catch (error) {
    throw new UsageError(...whyNot(file, error as NodeJS.ErrnoException), { cause: error });
  }
  if (flags.json) return printJson(this, { cloud, file });
  this.io.stdout(
    [
      `Wrote ${file}. Next:`,
      '  1. list your hosts in it, and how to log in to them',
      '  2. ostler sudoers             what those hosts must permit; install it there',
      '  3. ostler check               can every host be reached, and may we do our work there?',
      '  4. ostler dev                 a Temporal server and a worker on this machine',
      '  5. ostler restart nova-compute --dry-run',
      '',
    ].join('\n'),
  );
}

const whyNot = (file: string, { code, message }: NodeJS.ErrnoException): [what: string, tryNext: string] =>
  code === 'EEXIST'
    ? [`${file} is there already, and is left as it is`, 'edit it, or run `ostler init` in another folder']
    : [`${file} cannot be written: ${message}`, 'run `ostler init` in a folder of your own'];
