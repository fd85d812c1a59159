import { z } from 'zod';
import { redact } from '../redact.js';

/** Longer than any host name, and what people write as a reason. */
const MOST = 255;

/** On one line, without what steers a terminal, redacted and short. */
const clean = (text: string): string =>
  redact(text.slice(0, 10 * MOST))
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, MOST);

/** A text that an API says, fit for a report; '' where it says none. */
export const said = z
  .string()
  .nullish()
  .transform((text) => clean(text ?? ''));

/** A text that an API always says. */
export const surelySaid = z.string().transform(clean);
