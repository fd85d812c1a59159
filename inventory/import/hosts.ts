import type { Role } from '../../domain/inventory.js';
import { nodeSchema } from '../../domain/inventory.schema.js';
import { listed } from '../../domain/names.js';
import { faultsOf, reasonFor } from '../explain.js';
import { InventoryError, type InventoryProblem } from '../problems.js';

/** Where something stands in another tool's files. */
export type Place = Pick<InventoryProblem, 'file' | 'line'>;

/** How a host is logged in to, as far as its source says. A port other than 22. */
export interface Login {
  user?: string;
  port?: number;
  identityFile?: string;
  proxyJump?: Jump;
}

/** A bastion. */
export type Jump = Omit<Login, 'proxyJump'> & { address: string };

/** One host of another tool's inventory. */
export interface ImportedHost {
  name: string;
  address: string;
  /** At least one. */
  roles: Role[];
  /** What gave it its roles, for a comment: `the group control`. */
  origin: string;
  at: Place;
  ssh: Login;
  /** What a person has to decide about it, for a comment. */
  remark?: string;
}

/** What was read of another tool's inventory, and what was not taken over. No problem repeats a value. */
export interface Imported {
  hosts: ImportedHost[];
  omissions: InventoryProblem[];
}

/**
 * Keeps what can stand in an `ostler.yaml`: no host with an impossible name or address, none twice, and no login setting that
 * Ostler cannot hold.
 * @throws {InventoryError} when no host is left
 */
export function settled({ hosts, omissions }: Imported, file: string): Imported {
  const kept: ImportedHost[] = [];
  const dropped: InventoryProblem[] = [];
  const known = new Map<string, string>();
  for (const host of hosts) {
    const refuse = (reason: string): number => dropped.push({ ...host.at, path: host.name, reason });
    const { ssh, faults } = checked(host);
    for (const { key, reason } of faults.ssh) refuse(`its ${key} is not taken over: it ${reason}`);
    const name = host.name.toLowerCase();
    const endpoint = JSON.stringify([ssh.proxyJump, host.address.toLowerCase(), ssh.port ?? 22]);
    const twin = known.get(name) ?? known.get(endpoint);
    if (faults.host) refuse(`left out: ${faults.host}`);
    else if (twin !== undefined)
      refuse(
        `left out: it has the name or the address of ${twin}; if both are one host, give that one the roles of both`,
      );
    else {
      known.set(name, host.name).set(endpoint, host.name);
      kept.push({ ...host, ssh });
    }
  }
  const left = gathered([...omissions, ...dropped]);
  if (kept.length > 0) return { hosts: kept, omissions: left };
  throw new InventoryError([...left, { file, path: '', reason: 'no host is left that Ostler could look after' }]);
}

interface Faults {
  host?: string;
  ssh: { key: string; reason: string }[];
}

/** What the schema of the inventory says of a host, and its login without what the schema refuses. */
function checked({ name, address, roles, ssh }: ImportedHost): { ssh: Login; faults: Faults } {
  const document = { name, address, roles, ssh };
  const { error } = nodeSchema.safeParse(document, { error: reasonFor });
  const faults: Faults = { ssh: [] };
  for (const { path, reason } of (error?.issues ?? []).flatMap((issue) => faultsOf(issue, document))) {
    const [section, key] = path.map(String);
    if (section === 'ssh' && key !== undefined) faults.ssh.push({ key, reason });
    else faults.host ??= `its ${section} ${reason}`;
  }
  const refused = new Set(faults.ssh.map(({ key }) => key));
  return { ssh: Object.fromEntries(Object.entries(ssh).filter(([key]) => !refused.has(key))), faults };
}

/** How many places one line of {@link gathered} names. */
const MOST_NAMED = 8;

/** What is said alike of many places of a file, said once. */
export function gathered(problems: readonly InventoryProblem[]): InventoryProblem[] {
  const alike = new Map<string, InventoryProblem[]>();
  for (const problem of problems) {
    const key = `${problem.file}\n${problem.reason}`;
    const same = alike.get(key) ?? [];
    same.push(problem);
    alike.set(key, same);
  }
  return [...alike.values()].map((same) => {
    const { file, line, reason } = same[0] as InventoryProblem;
    const paths = [...new Set(same.map(({ path }) => path))];
    const oneLine = line !== undefined && same.every((problem) => problem.line === line);
    return { file, ...(oneLine && { line }), path: listed(paths, MOST_NAMED), reason };
  });
}
