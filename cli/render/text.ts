/** Control and format characters (the marks that turn the direction of text among these), line and paragraph separators. */
const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text from a host, a person or a history, made harmless for a terminal: control characters are written out
 * (`\x1b`), so that nothing can move the cursor, recolour the screen or forge a line.
 */
export const printable = (text: string): string =>
  text.replace(HOSTILE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff ? `\\u{${code.toString(16)}}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });

/** `1 host`, `3 hosts`. */
export const count = (number: number, thing: string, things = `${thing}s`): string =>
  `${number} ${number === 1 ? thing : things}`;

/** At most `width` characters, the last an ellipsis when something was cut. */
export const clipped = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
