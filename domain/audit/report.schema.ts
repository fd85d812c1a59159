import { z } from 'zod';
import { roleSchema } from '../inventory.schema.js';

const severitySchema = z.enum(['error', 'unknown', 'warn']);
const time = z.iso.datetime().describe('ISO 8601, UTC');
const key = z.string().describe('Stays the same from one audit to the next: what `ostler audit ack` takes');

/** Fields are added over time: whoever reads a report ignores what it does not know. */
const evidenceSchema = z.looseObject({
  value: z.string().describe('The value as it was read, with its unit'),
  threshold: z.string().optional().describe('What it should be, or where trouble begins'),
  command: z.string().describe('What an operator would run, or ask, to see the same'),
});

const ackSchema = z
  .looseObject({ actor: z.string(), reason: z.string(), until: time })
  .describe('Who knows of it, why that is enough, and until when; gone when the finding gets worse');

const findingSchema = z.looseObject({
  check: z.string().describe('Id of the check'),
  node: z.string().optional().describe('Left out when it is the cloud as a whole'),
  about: z.string().optional().describe('What on the node or in the cloud it is about: a mount point, a unit, a queue'),
  severity: severitySchema.describe('`unknown`: the check could not be run'),
  what: z.string().describe('One sentence'),
  evidence: z.array(evidenceSchema),
  next: z.string().describe('What to do about it'),
  key,
  since: time.describe('When it was first seen without having been gone since'),
  ack: ackSchema.optional(),
});

const count = z.int().min(0);
const countsSchema = z
  .looseObject({ error: count, unknown: count, warn: count, acked: count })
  .describe('Findings that nobody has acknowledged by how bad they are, and those that somebody has');

const markSchema = z.looseObject({ run: z.string(), at: time.describe('When it ended'), counts: countsSchema });

/** What `ostler audit --json` prints: an `AuditReport`. */
export const auditReportSchema = z.looseObject({
  cloud: z.string(),
  run: z.string().describe('Name of the run: `<workflow id>@<8 characters of its first run id>`'),
  startedAt: time,
  endedAt: time,
  checks: z.array(z.string()).describe('Ids of the checks that were asked'),
  nodes: z
    .array(z.looseObject({ name: z.string(), roles: z.array(roleSchema) }))
    .describe('The nodes that were asked, in the order of the inventory'),
  findings: z.array(findingSchema).describe('Errors first, then what is unknown, then warnings'),
  omitted: count.describe(
    'Findings that are only counted: those that did not fit, and what one check found on one node beyond 25; the least bad',
  ),
  trend: z
    .array(markSchema)
    .describe('The last audits of everything, oldest first, this one included when it was one of them'),
  undelivered: z
    .array(z.looseObject({ channel: z.string(), at: time.describe('When it was given up'), why: z.string() }))
    .describe('Channels that were not told of the last change that they should have been told of'),
});
