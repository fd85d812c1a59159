import { describe, expect, it } from 'vitest';
import { parseErlangTerm } from '../../../activities/rabbitmq/erlang-term.js';

describe('a term', () => {
  it.each([
    ['an atom', 'running', 'running'],
    ['an atom in quotes', "'rabbit@node-1'", 'rabbit@node-1'],
    ['an empty atom', "''", ''],
    ['a binary', '<<"rabbit@node-1.domain.tld">>', 'rabbit@node-1.domain.tld'],
    ['a string with what ends lists', '"a]}, b"', 'a]}, b'],
    ['a number', '0.4', '0.4'],
    ['an empty list', '[]', []],
    ['an empty tuple', '{}', { tuple: [] }],
    ['line breaks anywhere', "[\n{a,\n\t['b',\n'c']}\n]", [{ tuple: ['a', ['b', 'c']] }]],
    ['a pid', '<0.42.0>', '<0.42.0>'],
  ])('%s', (_what, text, term) => {
    expect(parseErlangTerm(text)).toEqual(term);
  });

  it('ends where it ends, whatever comes after it', () => {
    expect(parseErlangTerm('[a]\n...done.\n')).toEqual(['a']);
  });

  it.each(['', '[', '[a', '[a,', '{a,[b}', "['a", '["a', ']', '}', '[a}'])('%j is none', (text) => {
    expect(() => parseErlangTerm(text)).toThrow(SyntaxError);
  });

  it('nested a thousand deep is read', () => {
    expect(() => parseErlangTerm(`${'['.repeat(1_000)}${']'.repeat(1_000)}`)).not.toThrow();
  });
});
