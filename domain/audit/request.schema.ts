import { z } from 'zod';
import { isWord } from '../names.js';

const line = z.string().trim().min(1).max(500);

/** What comes over the wire as {@link AuditRequest}: parsed in the CLI and again by the worker. */
export const auditRequestSchema = z.strictObject({
  cloud: z.string().refine(isWord, 'must be a word'),
  checks: z.array(z.string().min(1).max(64)).min(1, 'names no check').max(200).optional(),
  on: z.string().min(1, 'names no node').max(10_000).optional(),
  actor: line,
  reason: line,
});
