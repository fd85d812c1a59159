import { z } from 'zod';
import { parseDuration } from './duration.js';

/** A duration as people write it (`10s`, `2m`); milliseconds once parsed. */
export const durationSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be a duration with its unit, such as 10s or 2m')
  .transform((text) => parseDuration(text) as number);
