/** Where operations leave side effects that somebody has to take back. */
export type LeftIn = 'the controllers' | 'Ceph';

/** What is left there now: one line for each, as a run that took it would have noted it, and who does not say. */
export interface Left {
  found: string[];
  silent: { who: LeftIn; why: string }[];
}
