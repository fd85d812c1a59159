import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellCommand, shellWord } from '../../../activities/ssh/quote.js';

/** Anything a process argument can hold, with the characters that mean something to a shell drawn often. */
const argument = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', '\\', '\n', '\r', '$', '`', '!', '-', '*', '~', ';', '#', ' ', '\t', '&', '|', '%'),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom("'\\''", '$(id)', '$HOME', '--help', '-n', 'é', '日本語', '🐎', "'; exit 9; '"),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

/** What a real sh passes on, each argument followed by NUL. */
function argumentsSeenBySh(words: string): string[] {
  const command = `${shellWord(process.execPath)} -e ${shellWord(PRINT_ARGUMENTS)} -- ${words}`;
  const output = execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}
const PRINT_ARGUMENTS = 'for (const a of process.argv.slice(1)) process.stdout.write(a + "\\0")';

describe('quoting for a shell', () => {
  it('passes any argument list through a real sh unchanged', () => {
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 40 }), (argv) => {
        expect(argumentsSeenBySh(shellCommand(argv))).toEqual(argv);
      }),
      { numRuns: 40 },
    );
  });

  it('passes any script through a second sh unchanged, as the transport sends it', () => {
    fc.assert(
      fc.property(argument, (text) => {
        const script = `printf '%s' ${shellWord(text)}`;
        const output = execFileSync('/bin/sh', ['-c', `/bin/sh -c ${shellWord(script)}`], { encoding: 'utf8' });
        expect(output).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['', "it's", 'a\nb', '-rf', 'Grüße 🐎', '\\', "''"])('keeps %j one word', (word) => {
    expect(argumentsSeenBySh(shellWord(word))).toEqual([word]);
  });

  it('refuses NUL, which would end the argument early', () => {
    expect(() => shellWord('a\0b')).toThrow(RangeError);
    expect(() => shellCommand(['echo', '\0'])).toThrow('NUL');
  });

  it('refuses an empty command', () => {
    expect(() => shellCommand([])).toThrow('at least one word');
  });
});
