import { readFileSync } from 'node:fs';
import { auditNode } from '../../../../activities/audit/audit-node.js';
import type { RunResult } from '../../../../activities/ssh/types.js';
import type { SiteLimits } from '../../../../domain/audit/check.js';
import type { Finding } from '../../../../domain/audit/finding.js';
import type { NodeAuditSettings } from '../../../../domain/audit/node-settings.js';
import { nodeAuditSchema } from '../../../../domain/audit/node-settings.schema.js';

export const NODE = 'node-1';

/** What a node prints for one read. */
export type Answer = string | { text?: string; exitCode?: number; late?: true };

export type Section = Parameters<typeof nodeAuditSchema.parse>[0];

/** The settings of a controller, unless something else is said. */
export function settingsOf({
  section = {},
  ...others
}: Partial<Omit<NodeAuditSettings, 'section'>> & { section?: Section } = {}): NodeAuditSettings {
  return {
    section: nodeAuditSchema.parse(section),
    units: {},
    roles: ['controller'],
    address: '10.20.0.3',
    members: ['node-1.example.org', 'node-1'],
    ...others,
  };
}

/** A file of test/fixtures/node-audit, as a read prints it. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/node-audit/${name}.txt`, import.meta.url), 'utf8').trimEnd();

/** The findings of one check of a node that answers as given; a read without an answer prints nothing. */
export async function findingsOf(
  check: string,
  answers: Record<string, Answer>,
  settings = settingsOf(),
  limits: SiteLimits = {},
): Promise<Finding[]> {
  const { findings } = await auditNode({
    run: async (_node, script) => answering(script, answers),
    node: NODE,
    wanted: [check],
    settings,
    limits,
    signal: new AbortController().signal,
  });
  return findings;
}

/** What the node prints for a script. */
export function answering(script: string, answers: Record<string, Answer>): RunResult {
  const nonce = /^echo '-- (\S+) end --'$/m.exec(script)?.[1];
  const parts = [...script.matchAll(/\bpart ([a-z_]+)/g)].map(([, name = '']) => {
    const answer = answers[name] ?? '';
    const { text = '', exitCode = 0, late } = typeof answer === 'string' ? { text: answer } : answer;
    return `-- ${nonce} ${name} --\n${text}\n-- ${nonce} exit ${exitCode}${late ? ' late' : ''} --\n`;
  });
  return { exitCode: 0, stdout: `${parts.join('')}-- ${nonce} end --\n`, stderr: '', truncated: false };
}

/** What systemd says of a unit; what is not said is that of one that is well. */
export interface Unit {
  load?: string;
  active?: string;
  sub?: string;
  result?: string;
  file?: string;
  /** Its own name, where it is asked for by an alias. */
  id?: string;
  more?: string;
}

export const STOPPED = { active: 'inactive', sub: 'dead' } as const;

/**
 * The answer of systemd to the names that a node of these settings is asked for: of the ones given, and that the others are not installed.
 * @param sockets active ones
 */
export async function systemd(
  units: Record<string, Unit>,
  settings = settingsOf(),
  sockets: readonly string[] = [],
): Promise<string> {
  const blocks = (await namesAskedFor(settings)).map((name) => {
    const unit = units[name];
    if (!unit) return `Id=${name}\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=`;
    const {
      load = 'loaded',
      active = 'active',
      sub = 'running',
      result = 'success',
      file = 'enabled',
      id = name,
    } = unit;
    return `Result=${result}\nId=${id}\nLoadState=${load}\nActiveState=${active}\nSubState=${sub}\nUnitFileState=${file}\n${unit.more ?? ''}`.trim();
  });
  const list = sockets.map((socket) => `${socket} loaded active listening a socket`);
  return [blocks.join('\n\n'), '-- active sockets --', ...list].join('\n');
}

async function namesAskedFor(settings: NodeAuditSettings): Promise<string[]> {
  let names: string[] = [];
  await auditNode({
    run: async (_node, script) => {
      const line = /systemctl show .*? -- (.*?) \|\| return$/m.exec(script)?.[1] ?? '';
      names = [...line.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
      return answering(script, {});
    },
    node: NODE,
    wanted: ['ntp', 'units'],
    settings,
    limits: {},
    signal: new AbortController().signal,
  });
  return names;
}
