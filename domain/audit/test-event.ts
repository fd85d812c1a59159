import type { AuditEvent } from './event.js';

/** What is told when somebody tries out whether people can be told at all: one finding of each turn that templates have a part for. */
export function testEvent({ id, cloud, at, run }: Pick<AuditEvent, 'id' | 'cloud' | 'at' | 'run'>): AuditEvent {
  const finding = (about: string, what: string) => ({
    key: `test//${about}`,
    check: 'test',
    about,
    what,
    since: at,
  });
  const next = 'nothing to do: this finding is invented';
  return {
    id,
    cloud,
    at,
    run,
    opened: [{ ...finding('new', 'a finding that is new'), severity: 'warn', next }],
    worsened: [{ ...finding('worse', 'a finding that got worse'), severity: 'error', was: 'warn', next }],
    eased: [{ ...finding('better', 'a finding that got better'), severity: 'warn', was: 'error', next }],
    resolved: [{ ...finding('resolved', 'a finding that is gone'), severity: 'error' }],
    omitted: 0,
    counts: { error: 1, unknown: 0, warn: 2, acked: 0 },
  };
}
