import { buildCommand } from '@stricli/core';
import { parseDuration } from '../../domain/duration.js';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, type CommonFlags, commonFlags, understood } from '../flags.js';

/** A time to come: so long from now, or a moment. */
export type Until = { afterMs: number } | { at: number };

export interface AuditAckFlags extends CommonFlags, ActorFlags {
  readonly until: Until;
}

/** A date alone is its beginning in this machine's time zone, as people mean it. */
function parseUntil(text: string): Until | undefined {
  const afterMs = parseDuration(text);
  if (afterMs !== undefined) return { afterMs };
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})([T ].+)?$/.exec(text) ?? [];
  const at = Date.parse(`${date}${time?.replace(' ', 'T') ?? 'T00:00'}`);
  return Number.isNaN(at) ? undefined : { at };
}

export const auditAckCommand = buildCommand<AuditAckFlags, [string], OstlerContext>({
  docs: {
    brief: 'Say that a finding is known, until a time',
    fullDescription: [
      'Say that a finding is known: until that time nobody is told of it, it comes last in reports and does not count for their exit',
      'code. When it gets worse, or goes and comes back later than that, it is a finding like any other again.',
      'FINDING is its key: check/node, check/node/thing, or check//thing of the cloud as a whole; `ostler audit diff --since 30d`, --json',
      'and the page of a report show it. With * (any text) and ? (one character) it is every finding that fits.',
      '',
      'Examples:',
      '  ostler audit ack \'ntp/rack-b-*\' --until 12h --reason "TICKET-6: the time server is replaced"',
      '  ostler audit ack memory/compute-3 --until 2d --reason "TICKET-7: more memory is ordered"',
      '  ostler audit ack units/controller-1/glance-api.service --until "2026-12-24 18:00" --reason "TICKET-8"',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'The key of a finding, or a pattern of keys', parse: String, placeholder: 'FINDING' }],
    },
    flags: {
      until: {
        kind: 'parsed',
        parse: understood(parseUntil, 'a duration such as 2d, or a time such as 2026-12-24 or "2026-12-24 18:00"'),
        brief: 'Until when: a duration from now, or a time',
        placeholder: 'TIME',
      },
      ...actorFlags,
      ...commonFlags,
    },
  },
  loader: async () => (await import('./audit-ack.impl.js')).auditAck,
});
