import { z } from 'zod';
import { shareSchema } from './inventory.schema.js';
import { isWord } from './names.js';

const word = z.string().refine(isWord, 'must be a word');
const durationMs = z
  .int()
  .min(0)
  .max(7 * 86_400_000, 'must be at most 7 days');
const line = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(500, 'must be at most 500 characters')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line without control characters');

/** A rollout as it may arrive over the wire; checked again by the worker that will carry it out. */
export const rolloutRequestSchema = z.strictObject({
  operation: z.literal('restart'),
  cloud: word,
  target: word,
  selection: z.string().max(200_000).optional(),
  batch: z.array(shareSchema).min(1).max(50).optional(),
  spread: z.boolean().optional(),
  maxUnavailable: shareSchema.optional(),
  soakMs: durationMs,
  maxFailures: shareSchema,
  onFailure: z.enum(['pause', 'abort']),
  promote: z.boolean(),
  untilMs: z.int().positive().optional(),
  pauseDeadlineMs: durationMs,
  admitDeadlineMs: durationMs,
  actor: line,
  reason: line,
  expect: z
    .string()
    .regex(/^[0-9a-f]{4,64}$/, 'must be a plan hash')
    .optional(),
  agreed: z.string().max(255).optional(),
});
