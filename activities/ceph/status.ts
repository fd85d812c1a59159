import { z } from 'zod';
import type { CephHealth, CephStatus } from '../../domain/ceph.js';
import { checked } from '../pacemaker/xml.js';

const state = z.enum(['HEALTH_OK', 'HEALTH_WARN', 'HEALTH_ERR']);

const health = z.object({
  // Luminous has both: its overall_status is always a warning, to be noticed by who still reads it.
  status: state.optional(),
  overall_status: state.optional(),
  checks: z
    .record(
      z.string(),
      z.object({ severity: state, summary: z.object({ message: z.string() }), muted: z.boolean().default(false) }),
    )
    .optional(),
  summary: z.array(z.object({ severity: state, summary: z.string() })).default([]),
});

const status = z.object({
  health,
  pgmap: z.object({
    pgs_by_state: z.array(z.object({ state_name: z.string(), count: z.number() })).default([]),
    bytes_used: z.number().optional(),
    bytes_total: z.number().optional(),
  }),
});

/**
 * Reads `ceph status -f json`, of before Luminous (sentences) and after (codes).
 * @throws {Error} when it is something else
 */
export function parseCephStatus(text: string): CephStatus {
  const parsed = checked(JSON.parse(text), status, 'the status of Ceph');
  const { pgs_by_state, bytes_used: used, bytes_total: total } = parsed.pgmap;
  return {
    health: healthOf(parsed.health),
    groups: pgs_by_state.map(({ state_name, count }) => ({ state: state_name, count })),
    ...(used !== undefined && total !== undefined && { raw: { used, total } }),
  };
}

function healthOf({ status, overall_status, checks, summary }: z.output<typeof health>): CephHealth[] {
  const found = checks
    ? Object.entries(checks)
        .filter(([, { muted }]) => !muted)
        .map(([code, { severity, summary }]) => ({ code, severity, summary: summary.message }))
    : summary.map(({ severity, summary }) => ({ severity, summary }));
  const bad = found.flatMap(({ severity, ...one }) =>
    severity === 'HEALTH_OK' ? [] : [{ ...one, severity: severityOf(severity) }],
  );
  const overall = status ?? overall_status;
  const isMuted = checks !== undefined && Object.keys(checks).length > 0;
  if (bad.length > 0 || isMuted || overall === undefined || overall === 'HEALTH_OK') return bad;
  return [{ summary: `its health is ${overall}, and it does not say why`, severity: severityOf(overall) }];
}

const severityOf = (word: z.output<typeof state>): CephHealth['severity'] => (word === 'HEALTH_ERR' ? 'error' : 'warn');
