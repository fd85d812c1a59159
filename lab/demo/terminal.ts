/** How a redraw of Ostler's live picture begins (cli/render/screen.ts): some lines up, and clear from there on. */
const redrawn = 'A\r\u001b[J';

/**
 * The terminal that the narrator shares with a command whose live picture is redrawn in place. What the narrator says
 * while the picture is shown is put above it.
 */
export class SharedTerminal {
  /** The picture as it stands at the bottom of the screen; undefined while there is none. */
  #picture: string | undefined;
  /** Said when it was not yet known where the picture begins. */
  #held: string[] = [];
  #live = false;

  constructor(private readonly write: (text: string) => void) {}

  /** A command takes the screen. @param live whether it will redraw a picture */
  begin(live: boolean): void {
    this.#live = live;
  }

  /** The command has ended; what it wrote last stays. */
  end(): void {
    this.#live = false;
    this.#picture = undefined;
    this.#saysHeld();
  }

  /** Shows what the command writes. */
  pass(text: string): void {
    this.write(text);
    if (!this.#live) return;
    const at = text.lastIndexOf(redrawn);
    if (at >= 0) {
      this.#picture = text.slice(at + redrawn.length);
      this.#saysHeld();
    } else if (this.#picture !== undefined) this.#picture += text;
  }

  /** Says a line, above the picture if there is one. */
  say(line: string): void {
    if (!this.#live) this.write(`${line}\n`);
    else if (this.#picture === undefined) this.#held.push(line);
    else this.write(`${upAndClear(this.#picture)}${line}\n${this.#picture}`);
  }

  #saysHeld(): void {
    for (const line of this.#held.splice(0)) this.say(line);
  }
}

const upAndClear = (picture: string): string => {
  const lines = picture.split('\n').length - 1;
  return lines > 0 ? `\u001b[${lines}${redrawn}` : '\r\u001b[J';
};
