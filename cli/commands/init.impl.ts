import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type MadeInventory, makeInventory, type Source } from '../../inventory/import/read.js';
import { initialInventory } from '../../inventory/init.js';
import { describeProblem, InventoryError } from '../../inventory/problems.js';
import { type OstlerContext, printJson } from '../context.js';
import { UsageError } from '../exit.js';
import { count, printable } from '../render/text.js';
import type { InitFlags } from './init.js';

/** Writes `ostler.yaml` into the current folder, from another tool's inventory where one is named, and says what to do next. */
export async function init(this: OstlerContext, flags: InitFlags): Promise<void> {
  const cloud = flags.cloud ?? this.env.OSTLER_CLOUD ?? 'prod';
  const file = join(this.cwd, 'ostler.yaml');
  const source = sourceOf(flags, this.cwd);
  const made = source && (await madeFrom(source, cloud));
  try {
    await writeFile(file, made?.text ?? initialInventory({ cloud }), { flag: 'wx' });
  } catch (error) {
    throw new UsageError(...whyNot(file, error as NodeJS.ErrnoException), { cause: error });
  }
  if (made) this.io.stderr(leftOut(made));
  if (flags.json) return printJson(this, { cloud, file });
  this.io.stdout(
    [
      made ? `Wrote ${file} with ${count(made.nodes, 'node')}. Next:` : `Wrote ${file}. Next:`,
      made
        ? '  1. look it through; its first lines say what is to decide'
        : '  1. list your hosts in it, and how to log in to them',
      '  2. ostler sudoers             what those hosts must permit; install it there',
      '  3. ostler check               can every host be reached, and may we do our work there?',
      '  4. ostler dev                 a Temporal server and a worker on this machine',
      '  5. ostler restart nova-compute --dry-run',
      '',
    ].join('\n'),
  );
}

/** Which file the hosts come from. @throws {UsageError} for more than one, and for roles of none */
function sourceOf({ fromAnsible, fromAstute, fromSshConfig, role = [] }: InitFlags, cwd: string): Source | undefined {
  const sshConfig = fromSshConfig === '' ? join(homedir(), '.ssh', 'config') : fromSshConfig;
  const named = Object.entries({ ansible: fromAnsible, astute: fromAstute, sshConfig }).filter(
    (entry): entry is [Source['kind'], string] => entry[1] !== undefined,
  );
  const [only, ...more] = named;
  if (more.length > 0)
    throw new UsageError('the hosts can come from one file only', 'name one, and add the others to what it writes');
  if (only) return { kind: only[0], file: resolve(cwd, only[1]), rules: role };
  if (role.length === 0) return undefined;
  throw new UsageError(
    '--role says what the groups of another tool are, and no file of one is named',
    'add --from-ansible FILE, --from-astute FILE or --from-ssh-config',
  );
}

async function madeFrom(source: Source, cloud: string): Promise<MadeInventory> {
  try {
    return await makeInventory(source, cloud);
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    const what = error.problems.map((problem) => printable(describeProblem(problem))).join('\n');
    throw new UsageError(what, 'nothing was written; `ostler init --help` says what can be read', { cause: error });
  }
}

const leftOut = ({ omissions }: MadeInventory): string =>
  omissions.map((omission) => `${printable(describeProblem(omission))}\n`).join('');

const whyNot = (file: string, { code, message }: NodeJS.ErrnoException): [what: string, tryNext: string] =>
  code === 'EEXIST'
    ? [`${file} is there already, and is left as it is`, 'edit it, or run `ostler init` in another folder']
    : [`${file} cannot be written: ${message}`, 'run `ostler init` in a folder of your own'];
