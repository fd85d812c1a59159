import { z } from 'zod';
import { eqlxAuditSchema, fuelAuditSchema, mongodbAuditSchema } from './appliance-settings.schema.js';
import { limitsOf } from './check.js';
import { checks } from './checks.js';
import { nodeAuditSchema } from './node-settings.schema.js';
import { openStackAuditSchema } from './openstack-settings.schema.js';

const checkId = z.enum([...checks.keys()] as [string, ...string[]]);

/** A site's own numbers, each of a check that there is and a number that it has. */
const thresholdsSchema = z
  .partialRecord(checkId, z.record(z.string(), z.number().min(0)))
  .superRefine((own, context) => {
    for (const [id, numbers] of Object.entries(own)) {
      const check = checks.get(id);
      if (!check || !numbers) continue;
      const names = Object.keys(check.thresholds);
      for (const name of Object.keys(numbers).filter((name) => !names.includes(name))) {
        context.addIssue({
          code: 'custom',
          path: [id, name],
          message:
            names.length === 0 ? 'has no number to set' : `is no number of this check; it has ${names.join(', ')}`,
        });
      }
      const { warn, error } = limitsOf(check, { [id]: numbers });
      const [least, most] = [check.thresholds.warn?.value ?? 0, check.thresholds.error?.value ?? 0];
      if (warn === undefined || error === undefined) continue;
      if (least < most ? warn > error : warn < error)
        context.addIssue({
          code: 'custom',
          path: [id],
          message: `would be an error (${error}) before it is a warning (${warn})`,
        });
    }
  })
  .transform((own) => own as Record<string, Record<string, number>>);

/** `audit:` of ostler.yaml: what an audit asks beyond what fits every cloud, and when something is trouble. */
export const auditSchema = z.strictObject({
  samples: z
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe(
      'So many audits in a row must see a finding before people are told of it, and must miss it before they are told of its end',
    ),
  off: z.array(checkId).default([]).describe('Checks that are never asked'),
  thresholds: thresholdsSchema
    .default({})
    .describe('Numbers of checks, by check id; each check has its own by default'),
  node: nodeAuditSchema.prefault({}).describe('What a site wants of its hosts beyond what fits every cloud'),
  openstack: openStackAuditSchema.prefault({}).describe('What cannot be known of the cloud by asking its APIs'),
  mongodb: mongodbAuditSchema.optional().describe('The account that asks for the state of the replica set'),
  eqlx: eqlxAuditSchema.prefault({}).describe('The arrays behind Cinder'),
  fuel: fuelAuditSchema.prefault({}).describe('The deployment master'),
});
