import type { ScriptNode, SimpleCommandNode, StatementNode, TransformPlugin, WordNode } from 'just-bash';

/**
 * POSIX's `exec COMMAND` ends the shell with the command's status; just-bash 3.4 goes on with the next line. This
 * plugin turns it, wherever it stands in a script, into the group `{ COMMAND; exit; }`.
 */
export const execReplacesShell: TransformPlugin = {
  name: 'exec-replaces-shell',
  transform: ({ ast }) => ({ ast: rewrite(ast) as ScriptNode }),
};

function rewrite(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rewrite);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rewrite(value)]));
  return isExec(copy) ? replacement(copy) : copy;
}

function isExec(node: object): node is SimpleCommandNode {
  const { type, name, args } = node as Partial<SimpleCommandNode>;
  const [part, ...more] = name?.parts ?? [];
  const named = more.length === 0 && part?.type === 'Literal' && part.value === 'exec';
  return type === 'SimpleCommand' && named && args !== undefined && args.length > 0;
}

function replacement(command: SimpleCommandNode) {
  const [name = null, ...args] = command.args;
  const exit: WordNode = { type: 'Word', parts: [{ type: 'Literal', value: 'exit' }] };
  const statements = [
    { ...command, name, args },
    { type: 'SimpleCommand', assignments: [], name: exit, args: [], redirections: [] } satisfies SimpleCommandNode,
  ].map(
    (simple): StatementNode => ({
      type: 'Statement',
      pipelines: [{ type: 'Pipeline', commands: [simple], negated: false }],
      operators: [],
      background: false,
    }),
  );
  return { type: 'Group', body: statements, redirections: [] };
}
