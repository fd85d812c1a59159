/** One thing that is wrong with an inventory. It never holds a value that could be a secret. */
export interface InventoryProblem {
  /** As the operator named it. */
  file: string;
  /** Counted from 1; undefined when the file as a whole is meant. */
  line?: number;
  /** Such as `nodes[2].roles[0]`; empty for the whole document. */
  path: string;
  reason: string;
}

/** An inventory that cannot be used, with everything that is wrong with it. */
export class InventoryError extends Error {
  override name = 'InventoryError';

  /**
   * @param problems at least one
   * @param kind `missing` when there is no such file, which some commands can do without
   */
  constructor(
    readonly problems: readonly InventoryProblem[],
    readonly kind: 'missing' | 'invalid' = 'invalid',
    options?: ErrorOptions,
  ) {
    super(problems.map(describeProblem).join('\n'), options);
  }
}

/** `ostler.yaml:7: nodes[2].roles[0]: unknown role "computer"; did you mean compute?` */
export const describeProblem = ({ file, line, path, reason }: InventoryProblem): string =>
  [line === undefined ? file : `${file}:${line}`, path, reason].filter((part) => part !== '').join(': ');

/** Writes a path into the document as people read it: `nodes[2].ssh.user`, `units["a b"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(String(step))) text += text === '' ? String(step) : `.${String(step)}`;
    else text += `[${JSON.stringify(String(step))}]`;
  }
  return text;
}
