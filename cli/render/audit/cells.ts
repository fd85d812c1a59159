import type { Check } from '../../../domain/audit/check.js';
import {
  type AuditReport,
  type CellState,
  REACHABLE,
  type ReportedFinding,
  worstOf,
} from '../../../domain/audit/report.js';
import { groupedBy } from './grouped.js';

/** Every check that there is, by its id. */
export type Checks = ReadonlyMap<string, Check>;

/** Whom a check is asked of: a node by its name, or the cloud as a whole. */
export type Asked = string | undefined;

/** What one check says of one node, or of the cloud. */
export interface Cell {
  /** `not-asked`: it would have been, had its host been in reach. `none`: it is not asked of this one at all. */
  state: CellState | 'not-asked' | 'none';
  /** Somebody has acknowledged all that was found. */
  acked: boolean;
  findings: readonly ReportedFinding[];
}

/** A row: who is asked, and one cell for each check of the report. */
export interface Row {
  node: Asked;
  roles: readonly string[];
  cells: Cell[];
}

/** The checks of a report, each as the catalogue has it; of one that only a newer worker knows, its id. */
export const checksOf = ({ checks: ids }: Pick<AuditReport, 'checks'>, checks: Checks): Check[] =>
  ids.map((id) => checks.get(id) ?? { ...UNHEARD_OF, id, title: id });

const UNHEARD_OF: Omit<Check, 'id' | 'title'> = {
  module: 'other',
  scope: 'node',
  roles: ['controller', 'compute', 'mongo', 'ceph-osd', 'eqlx', 'fuel'],
  means: 'This version of the command does not know the check; the worker that ran it is a newer one.',
  thresholds: {},
  remedy: 'Install the version of the worker to read more about it.',
  source: 'the worker',
};

/** The whole picture: the cloud first, then its nodes in the order of the inventory. */
export function rowsOf(report: AuditReport, checks: Checks): Row[] {
  const asked = checksOf(report, checks);
  const byPlace = groupedBy(report.findings, ({ check, node }) => placeOf(check, node));
  const byCheck = groupedBy(report.findings, ({ check }) => check);
  const found = (check: Check, node: Asked): readonly ReportedFinding[] => byPlace.get(placeOf(check.id, node)) ?? [];

  const ofCloud = (check: Check): Cell => {
    const findings = (check.scope === 'cloud' ? byCheck.get(check.id) : found(check, undefined)) ?? [];
    return cellOf(findings, check.scope === 'cloud' ? 'ok' : 'none');
  };
  const ofNode =
    (node: string, roles: readonly string[], isSilent: boolean) =>
    (check: Check): Cell => {
      const isFor = check.scope === 'node' && check.roles.some((role) => roles.includes(role));
      const wasAsked = !isSilent || check.id === REACHABLE;
      // What could not be asked of the cloud was not asked of any of its nodes.
      const isKnown = wasAsked && !found(check, undefined).some(({ severity }) => severity === 'unknown');
      return cellOf(found(check, node), !isFor ? 'none' : isKnown ? 'ok' : 'not-asked');
    };

  return [
    { node: undefined, roles: [], cells: asked.map(ofCloud) },
    ...nodesOf(report).map(({ name, roles }) => {
      const isSilent = byPlace.has(placeOf(REACHABLE, name));
      return { node: name, roles, cells: asked.map(ofNode(name, roles, isSilent)) };
    }),
  ];
}

const placeOf = (check: string, node: Asked): string => JSON.stringify([check, node]);

/** The nodes that were asked, and those that only a check of the cloud speaks of. */
function nodesOf({ nodes, findings }: AuditReport): { name: string; roles: readonly string[] }[] {
  const names = new Set(nodes.map(({ name }) => name));
  const others = new Set(findings.flatMap(({ node }) => (node === undefined || names.has(node) ? [] : [node])));
  return [...nodes, ...[...others].map((name) => ({ name, roles: [] }))];
}

/** The worst that nobody has acknowledged decides; where everything is acknowledged, the worst of that. */
function cellOf(findings: readonly ReportedFinding[], otherwise: Cell['state']): Cell {
  if (findings.length === 0) return { state: otherwise, acked: false, findings };
  const open = findings.filter(({ ack }) => ack === undefined);
  return { state: worstOf(open.length > 0 ? open : findings), acked: open.length === 0, findings };
}
