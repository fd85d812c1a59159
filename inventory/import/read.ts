import type { InventoryProblem } from '../problems.js';
import { importAnsible } from './ansible-files.js';
import { importAstute } from './astute.js';
import { settled } from './hosts.js';
import type { RoleRule } from './roles.js';
import { importSshConfig } from './ssh-config-files.js';
import { renderInventory } from './write.js';

/** The other tools whose inventories are read, as comments call their files. */
const KINDS = {
  ansible: { called: 'the Ansible inventory', read: importAnsible },
  astute: { called: "Fuel's", read: importAstute },
  sshConfig: { called: 'the ssh_config', read: importSshConfig },
} as const;

/** Which file of which tool, and what the operator says of the roles in it. */
export interface Source {
  kind: keyof typeof KINDS;
  /** Absolute path. */
  file: string;
  rules: readonly RoleRule[];
}

/** An `ostler.yaml` to be written. */
export interface MadeInventory {
  text: string;
  nodes: number;
  /** What was not taken over from the source. */
  omissions: InventoryProblem[];
}

/**
 * Makes the text of an `ostler.yaml` from another tool's inventory.
 * @throws {InventoryError} with what cannot be read, or when no host is left
 */
export async function makeInventory({ kind, file, rules }: Source, cloud: string): Promise<MadeInventory> {
  const { called, read } = KINDS[kind];
  const { hosts, omissions } = settled(await read(file, rules), file);
  return { text: renderInventory({ cloud, hosts, source: `${called} ${file}` }), nodes: hosts.length, omissions };
}
