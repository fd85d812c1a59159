import { z } from 'zod';
import { secretReferenceSchema } from '../fields.schema.js';

/** A name as an array's command line takes it in one word: it is typed there. */
const arrayName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,62}$/, 'must be a name of letters, digits, dots, colons, hyphens, underscores');

/** `audit.eqlx` of ostler.yaml: the arrays behind Cinder. */
export const eqlxAuditSchema = z.strictObject({
  group: arrayName
    .optional()
    .describe('Name of the group, as its prompt says it (eqlx_group_name of cinder.conf); without it any is taken'),
  pools: z
    .array(arrayName)
    .min(1, 'needs at least one pool')
    .default(['default'])
    .describe('Pools whose free space is asked'),
  password: secretReferenceSchema
    .optional()
    .describe(
      "Where the password of the array's account is kept: env:NAME or file:PATH; without it the key or agent of its ssh settings",
    ),
});

/** `audit.mongodb` of ostler.yaml: an account that may ask for the state of the replica set, as the role clusterMonitor may; to restart
 * members it also needs the action replSetStateChange. */
export const mongodbAuditSchema = z.strictObject({
  user: z.string().min(1, 'must not be empty').describe('An account of the database admin'),
  password: secretReferenceSchema.describe('Where its password is kept: env:NAME or file:PATH'),
});

/** `audit.fuel` of ostler.yaml: the deployment master. */
export const fuelAuditSchema = z.strictObject({
  backupDir: z
    .string()
    .regex(/^\/[^\0\n\r]*$/, 'must be an absolute path on one line')
    .default('/var/backup/fuel')
    .describe('Where the backups of the Fuel node are'),
});

export type EqlxAuditSettings = z.output<typeof eqlxAuditSchema>;
export type MongodbAuditSettings = z.output<typeof mongodbAuditSchema>;
export type FuelAuditSettings = z.output<typeof fuelAuditSchema>;
