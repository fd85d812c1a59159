import { stripVTControlCharacters } from 'node:util';
import { clipped } from './text.js';

/** A picture on a terminal that is drawn again and again in the same place. */
export class Screen {
  #drawn = 0;

  constructor(private readonly write: (text: string) => void) {}

  /** Draws `lines` over what was drawn before; lines wider than the terminal are cut, because wrapped ones would stay. */
  draw(lines: readonly string[], columns: number): void {
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A\r\u001b[J` : '';
    this.write(`${up}${lines.map((line) => `${fitted(line, columns)}\n`).join('')}`);
    this.#drawn = lines.length;
  }
}

/** A line without its colours and cut, when it would not fit. */
const fitted = (line: string, columns: number): string => {
  const bare = stripVTControlCharacters(line);
  return bare.length < columns ? line : clipped(bare, columns - 1);
};
