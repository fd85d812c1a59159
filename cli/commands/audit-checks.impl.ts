import type { Check } from '../../domain/audit/check.js';
import { checks } from '../../domain/audit/checks.js';
import { type OstlerContext, printJson } from '../context.js';
import type { OutputFlags } from '../flags.js';
import { table } from '../render/tables.js';

/** `ostler audit checks`: every check there is, and where trouble begins by default. */
export function auditChecks(this: OstlerContext, flags: OutputFlags): void {
  const all = [...checks.values()];
  if (flags.json) printJson(this, { checks: all });
  else
    this.io.stdout(
      `${table(['CHECK', 'MODULE', 'ASKS', 'ABOUT', 'LIMITS'], all.map(rowOf), { colour: this.io.isColour })}\n`,
    );
}

const rowOf = ({ id, module, scope, roles, title, thresholds }: Check): string[] => [
  id,
  module,
  scope === 'cloud' ? 'the cloud' : roles.length > 2 ? 'every host' : roles.join(','),
  title,
  Object.entries(thresholds)
    .map(([name, { value, unit }]) => `${name} ${value} ${unit}`.trim())
    .join(', ') || '-',
];
