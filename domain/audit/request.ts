import type { Role } from '../inventory.js';

/** What an audit is asked to look at. Names only: the worker that holds the inventory resolves them (design, section 2). */
export interface AuditRequest {
  cloud: string;
  /** Ids of checks or names of modules; every check that fits the inventory without it. */
  checks?: string[];
  /** A selection of nodes, as `--on` takes it: checks of these nodes only. Every node, and the cloud itself, without it. */
  on?: string;
  actor: string;
  reason: string;
}

/** What one audit asks, as its first activity has resolved it. */
export interface AuditPlan {
  /** Ids of the checks that each node is asked, as far as they fit its roles, in the order of the catalogue of checks. */
  nodeChecks: string[];
  nodes: { name: string; roles: readonly Role[] }[];
  /** The systems that are asked once, with the ids of their checks. */
  systems: { system: string; checks: string[] }[];
  /** The audits that must see a finding, one after the other, before people are told of it; the same of its end. */
  samples: number;
  /** Who is told, by the names that the site has for them. */
  channels: string[];
}

/** How many nodes one activity reads: their findings must fit into one payload (design, rule 10). */
const NODES_PER_PART = 100;

/** The names of a plan's nodes in parts, each for one activity. */
export function partsOf({ nodes }: Pick<AuditPlan, 'nodes'>): string[][] {
  const names = nodes.map(({ name }) => name);
  return Array.from({ length: Math.ceil(names.length / NODES_PER_PART) }, (_, index) =>
    names.slice(index * NODES_PER_PART, (index + 1) * NODES_PER_PART),
  );
}
