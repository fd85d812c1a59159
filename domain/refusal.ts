/** Why nothing may be taken down, and whether that may pass by itself. */
export interface Refusal {
  why: string;
  passes?: true;
}

/** Everything that speaks against it, in one sentence. */
export const sentenceOf = (refusals: readonly Refusal[]): string => refusals.map(({ why }) => why).join('; ');
