import { z } from 'zod';
import type { CliConstraint } from '../../domain/cluster.js';
import { element, parseXml } from './xml.js';

/** With a lifetime, a constraint names node and end in a rule, which `crm_resource` writes. */
const rule = element({
  score: z.string().optional(),
  role: z.string().optional(),
  expression: z.array(element({ attribute: z.string().optional(), value: z.string().optional() })).default([]),
  date_expression: z.array(element({ end: z.string().optional() })).default([]),
});

const location = element({
  id: z.string(),
  rsc: z.string().optional(),
  node: z.string().optional(),
  score: z.string().optional(),
  role: z.string().optional(),
  rule: z.array(rule).default([]),
});

const constraintsDocument = z.object({ constraints: element({ rsc_location: z.array(location).default([]) }) });

/** The constraints that a move or a ban left, of what `cibadmin -Q -oconstraints` printed. */
export const cliConstraints = (xml: string): CliConstraint[] =>
  parseXml(xml, constraintsDocument, 'what cibadmin printed of the constraints')
    .constraints.rsc_location.filter(({ id }) => id.startsWith('cli-'))
    .map(({ id, rsc, node, score, role: own, rule }) => {
      const expressions = rule.flatMap(({ expression }) => expression);
      const place = node ?? expressions.find(({ attribute }) => attribute === '#uname')?.value;
      const until = rule.flatMap(({ date_expression: dates }) => dates).find(({ end }) => end !== undefined)?.end;
      const role = own ?? rule.find((one) => one.role !== undefined)?.role;
      return {
        id,
        resource: rsc ?? '',
        ...(place !== undefined && { node: place }),
        score: score ?? rule.find((one) => one.score !== undefined)?.score ?? '0',
        ...(role !== undefined && role !== 'Started' && { role }),
        ...(until !== undefined && { until }),
      };
    });

/** What a health check needs to know; `crm_mon` before 1.1.19 does not tell maintenance-mode. */
const PROPERTIES = ['maintenance-mode', 'no-quorum-policy', 'stonith-enabled', 'symmetric-cluster'];

const propertiesDocument = z.object({
  crm_config: element({
    cluster_property_set: z
      .array(element({ nvpair: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]) }))
      .default([]),
  }),
});

/** The cluster properties that somebody set, of what `cibadmin -Q -ocrm_config` printed. */
export const clusterProperties = (xml: string): Record<string, string> =>
  Object.fromEntries(
    parseXml(xml, propertiesDocument, 'what cibadmin printed of the properties')
      .crm_config.cluster_property_set.flatMap(({ nvpair }) => nvpair)
      .filter(({ name }) => PROPERTIES.includes(name))
      .map(({ name, value = '' }) => [name, value]),
  );
