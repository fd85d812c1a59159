/**
 * One word of a POSIX shell command line that stands for exactly `word`, whatever it contains. Single quotes take
 * everything literally but the single quote itself, which is closed, escaped and reopened (POSIX sh, 2.2.2).
 *
 * @throws RangeError for NUL, which no argument of a process can hold
 */
export function shellWord(word: string): string {
  if (word.includes('\0')) throw new RangeError('a shell word cannot contain a NUL character');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A shell command line that runs `argv` with each argument passed literally.
 *
 * @throws RangeError for an empty argv or a NUL character
 */
export function shellCommand(argv: readonly string[]): string {
  if (argv.length === 0) throw new RangeError('a command needs at least one word');
  return argv.map(shellWord).join(' ');
}
