import Mustache from 'mustache';
import { TURNS } from '../domain/audit/event.js';
import { EVENT_VARIABLES, FINDING_VARIABLES } from '../domain/audit/event-view.js';
import { listed } from '../domain/names.js';
import type { NotifySettings } from '../domain/notifications.js';
import type { Fault } from './explain.js';
import { didYouMean } from './suggest.js';

/** The faults of the templates of `notify:`, which are shown when the inventory is loaded rather than in the middle of a night. */
export function templateFaults(notify: NotifySettings | undefined): Fault[] {
  if (notify === undefined || !('channels' in notify)) return [];
  return Object.entries(notify.channels).flatMap(([name, { template }]) =>
    Object.entries(template ?? {}).flatMap(([part, text]) => {
      const reason = text && templateFault(text);
      return reason ? [{ path: ['notify', 'channels', name, 'template', part], reason }] : [];
    }),
  );
}

/** What is wrong with a template; undefined when nothing is. */
export function templateFault(template: string): string | undefined {
  let tokens: Token[];
  try {
    tokens = Mustache.parse(template) as Token[];
  } catch (error) {
    return `is no Mustache template: ${(error as Error).message.replace(/ at (\d+)$/, ', at character $1')}`;
  }
  return faultIn(tokens, [...EVENT_VARIABLES, ...TURNS]);
}

/** Kind and content of a piece of a template and, of a section, the pieces in it. */
type Token = [kind: string, content: string, from: number, to: number, inside?: Token[]];

function faultIn(tokens: readonly Token[], known: readonly string[]): string | undefined {
  for (const [kind, name, , , inside] of tokens) {
    if (kind === '>') return `cannot include another template: {{> ${name}}}`;
    if (kind === '&')
      return `has {{{${name}}}} or {{& ${name}}}; write {{${name}}}, which is taken as it is where it can be`;
    if (!['name', '#', '^'].includes(kind)) continue;
    if (!known.includes(name))
      return `has no variable ${JSON.stringify(name)} here${didYouMean(name, known) ?? `; there are ${listed(known, MOST_NAMED)}`}`;
    const isList = kind === '#' && TURNS.some((turn) => turn === name);
    const fault = inside && faultIn(inside, isList ? [...FINDING_VARIABLES, ...known] : known);
    if (fault) return fault;
  }
  return undefined;
}

const MOST_NAMED = 30;
