import type { Finding } from './finding.js';
import { type NodeOf, placeOf } from './place.js';

/** One process of heat-engine as Heat lists it. */
export interface HeatEngine {
  host: string;
  /** `up` or `down`, by when it reported last. */
  status: string;
  /** Heat's own time, only to be shown. */
  updatedAt: string;
}

const command = 'openstack orchestration service list';

/** Hosts without an engine that is up. Each start has a row of its own, and rows of killed engines stay. */
export function judgeHeatServices(engines: readonly HeatEngine[], nodeOf: NodeOf): Finding[] {
  const byHost = new Map<string, HeatEngine[]>();
  for (const engine of engines) byHost.set(engine.host, [...(byHost.get(engine.host) ?? []), engine]);
  if (byHost.size === 0)
    return [
      {
        check: 'heat-services',
        severity: 'error',
        what: 'Heat lists no engine at all',
        evidence: [{ value: 'an empty list', threshold: 'an engine that is up', command }],
        next: 'start heat-engine: without it stacks are accepted and never made',
      },
    ];
  return [...byHost].flatMap(([host, rows]) => {
    if (rows.some(({ status }) => status === 'up')) return [];
    const { where, ...place } = placeOf(nodeOf, host, 'heat-engine');
    const last = rows
      .map(({ updatedAt }) => updatedAt)
      .sort()
      .at(-1);
    return [
      {
        check: 'heat-services',
        ...place,
        severity: 'error',
        what: `no heat-engine on ${where} is up for Heat`,
        evidence: [
          { value: `none of ${rows.length} up, last updated at ${last || 'no time'}`, threshold: 'one up', command },
        ],
        next: 'look at heat-engine there and at its log; rows of a host that has no engine any more go with `heat-manage service clean`',
      },
    ];
  });
}
