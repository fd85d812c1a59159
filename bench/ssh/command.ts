/** What is run on every host: a builtin of its shell, so that clients are measured and not the command. */
export const COMMAND = 'echo bench-ok';
export const ANSWER = 'bench-ok';

/** Hosts worked on at the same time, by everyone. */
export const FANOUT = 32;
