import type { AuditReport } from '../../../../domain/audit/report.js';
import { type Cell, type Checks, checksOf, rowsOf } from '../cells.js';

/** One letter for each cell; of acknowledged findings the capital one. */
const LETTERS: Record<Cell['state'], string> = {
  ok: '.',
  error: 'e',
  unknown: 'u',
  warn: 'w',
  'not-asked': '-',
  none: ' ',
};

/** What page.js draws the heat map from; some 100 bytes a node. */
export function heatMap(report: AuditReport, checks: Checks) {
  const [cloud, ...nodes] = rowsOf(report, checks).map(({ node, roles, cells }) => ({
    name: node ?? '',
    roles,
    cells: cells.map(({ state, acked }) => (acked ? LETTERS[state].toUpperCase() : LETTERS[state])).join(''),
  }));
  return {
    checks: checksOf(report, checks).map(({ id, title, module, means, warns, fails, remedy }) => ({
      id,
      title,
      module,
      means,
      warns,
      fails,
      remedy,
    })),
    cloud,
    nodes,
  };
}
