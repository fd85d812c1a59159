import { type CommandNode, parse, type ScriptNode, type TransformPlugin, type WordNode } from 'just-bash';

type Group = Extract<CommandNode, { type: 'Group' }>;
type Redirection = Group['redirections'][number];

/**
 * POSIX lets a command substitution write past itself: `{ said=$(COMMAND 2>&1 >&3 3>&-); } 3>&1`. just-bash 3.4 gives `$(...)` no
 * descriptors from outside. This plugin turns `3` there into a file, which is printed where the group ends; so the order is right as long as
 * nothing else in the group writes, and the group's own exit status is lost.
 */
export const descriptorsReachOut: TransformPlugin = {
  name: 'descriptors-reach-out',
  transform: ({ ast }) => ({ ast: rewrite(ast, []) as ScriptNode }),
};

/** @param open the descriptors that are files by now */
function rewrite(node: unknown, open: readonly number[]): unknown {
  if (Array.isArray(node)) return node.filter((one) => !closes(one, open)).map((one) => rewrite(one, open));
  if (typeof node !== 'object' || node === null) return node;
  if (isGroup(node)) {
    const copies = node.redirections.flatMap((one) =>
      isCopy(one) && one.fd !== null && one.fd > 2 && wordOf(one) === '1' ? [one.fd] : [],
    );
    if (copies.length > 0) return printedAfter(node, copies, open);
  }
  if (isCopy(node) && open.includes(Number(wordOf(node)))) {
    return { ...node, operator: '>>', target: word(fileOf(Number(wordOf(node)))) };
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rewrite(value, open)]));
}

function printedAfter(group: Group, copies: readonly number[], open: readonly number[]): Group {
  const redirections = group.redirections.filter((one) => !copies.includes(one.fd ?? -1));
  const inside = rewrite({ ...group, redirections }, [...open, ...copies]) as Group;
  const files = copies.map(fileOf).join(' ');
  const print = parse(`cat ${files} 2>/dev/null; rm -f ${files}`).statements;
  const first = parse('{ :; }').statements.map((statement) => ({
    ...statement,
    pipelines: statement.pipelines.map((pipeline) => ({ ...pipeline, commands: [inside] })),
  }));
  return { ...group, body: [...first, ...print], redirections: [] };
}

const isGroup = (node: object): node is Group => (node as Partial<Group>).type === 'Group';

const isCopy = (node: object): node is Redirection =>
  (node as Partial<Redirection>).type === 'Redirection' && (node as Redirection).operator === '>&';

const closes = (node: unknown, open: readonly number[]): boolean =>
  typeof node === 'object' && node !== null && isCopy(node) && wordOf(node) === '-' && open.includes(node.fd ?? -1);

function wordOf({ target }: Redirection): string | undefined {
  const [part] = target.type === 'Word' ? target.parts : [];
  return part?.type === 'Literal' ? part.value : undefined;
}

const word = (value: string): WordNode => ({ type: 'Word', parts: [{ type: 'Literal', value }] });

const fileOf = (fd: number): string => `/tmp/.descriptor-${fd}`;
