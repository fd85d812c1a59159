/** True for text with `*` (any text) or `?` (one character) in it. */
export const isGlob = (text: string): boolean => /[*?]/.test(text);

/** The expression that fits what a pattern of `*` and `?` fits. */
export const globExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$+.()|[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
