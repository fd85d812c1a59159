import { type Application, proposeCompletions } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { printable } from '../render/text.js';

/** The hidden command behind the scripts of `ostler completion`. */
export const COMPLETE = '__complete';

/**
 * Prints what could stand in the place of the last word: one proposal a line, a tab, and what it is for.
 * @param words the words after `ostler`, the last of them unfinished and perhaps empty
 */
export async function propose(
  application: Application<OstlerContext>,
  words: readonly string[],
  context: OstlerContext,
): Promise<void> {
  const proposals = await proposeCompletions(application, words.length > 0 ? words : [''], context);
  for (const { completion, brief } of proposals) context.io.stdout(`${completion}\t${printable(brief)}\n`);
}
