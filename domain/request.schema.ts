import { z } from 'zod';
import { forceable } from './failover.js';
import { roleSchema, shareSchema } from './inventory.schema.js';
import { isHostName, isWord } from './names.js';
import { operations } from './plan.js';

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

const controllerRequest = z.strictObject({
  hold: z
    .union([
      z.strictObject({ kind: z.literal('for'), ms: durationMs }),
      z.strictObject({ kind: z.literal('until-returned'), limitMs: durationMs }),
    ])
    .optional(),
  dead: z.strictObject({ confirmed: z.boolean() }).optional(),
  vipsHome: z.boolean().optional(),
  force: z.array(z.enum(forceable)).max(forceable.length).optional(),
  to: z.string().refine(isHostName, 'must be a host name').optional(),
  module: word.optional(),
});

/** A rollout as it may arrive over the wire; checked again by the worker that will carry it out. */
export const rolloutRequestSchema = z.strictObject({
  operation: z.enum(operations),
  cloud: word,
  target: z.string().refine((text) => isWord(text) || isHostName(text), 'must be a word or a host name'),
  selection: z.string().max(200_000).optional(),
  role: roleSchema.optional(),
  each: z.literal(true).optional(),
  unnamed: z.literal(true).optional(),
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
  controller: controllerRequest.optional(),
  expect: z
    .string()
    .regex(/^[0-9a-f]{4,64}$/, 'must be a plan hash')
    .optional(),
  agreed: z.string().max(255).optional(),
});
