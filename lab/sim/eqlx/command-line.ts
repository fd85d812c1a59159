import type { SimArray, SimPool } from './array.js';

/** Lines of a page, of an answer that is formatted for people. */
const PAGE = 20;

/**
 * One session at the command line of an array: echoes what is typed, answers a command at its carriage return, and shows the prompt again. It
 * refuses in its answers (`% Error - ...`), for it has no exit codes.
 */
export class CommandLine {
  private readonly array: SimArray;
  private readonly print: (text: string) => void;
  private readonly hangUp: () => void;
  private readonly settings: Record<string, boolean> = {
    confirmation: true,
    events: true,
    formatoutput: true,
    paging: true,
  };
  private columns = 80;
  private line = '';
  /** What of an answer waits for a key. */
  private rest: string[] = [];
  private hangs = false;

  constructor(array: SimArray, print: (text: string) => void, hangUp: () => void) {
    this.array = array;
    this.print = print;
    this.hangUp = hangUp;
  }

  /** Greets, where the group bears one more session; says that it does not, and ends, where not. */
  begin(): void {
    if (!this.array.enter(this)) {
      this.print('% Error - Maximum number of management sessions reached.\r\n');
      this.hangUp();
      return;
    }
    const { isMute, promptAfterMs } = this.array.faults;
    this.print('\r\n          Welcome to Group Manager\r\n\r\n');
    if (isMute) return;
    if (promptAfterMs === 0) this.prompt();
    else setTimeout(() => this.prompt(), promptAfterMs).unref();
  }

  /** Keys as they arrive. */
  type(keys: string): void {
    for (const key of keys) {
      if (this.rest.length > 0) this.page(this.rest);
      else if (key === '\r') this.enter();
      else if (key !== '\n') {
        this.line += key;
        this.print(key);
      }
    }
  }

  event(text: string): void {
    if (this.settings.events) this.print(`INFO:mgmtd:1-Jan-2015 10:00:00.000001:event.cc:1:INFO:1.1.1:${text}\r\n`);
  }

  private prompt(): void {
    this.print(`${this.array.group}> `);
  }

  private enter(): void {
    const command = this.line.trim();
    this.line = '';
    this.print('\r\n');
    if (this.hangs) return;
    this.array.typed.push(command);
    if (command === 'logout') {
      this.array.leave(this, 'byLogout');
      this.hangUp();
      return;
    }
    const { hangsAt, isNoisy } = this.array.faults;
    if (hangsAt !== undefined && command.includes(hangsAt)) {
      this.hangs = true;
      return;
    }
    const [first = '', ...more] = this.answer(command.split(/\s+/));
    if (first !== '') this.say(first);
    if (isNoisy) this.event('A volume was created.');
    this.page(more);
  }

  /** The next page of an answer, and the prompt when that was the last. */
  private page(lines: string[]): void {
    const isPaged = this.settings.formatoutput && this.settings.paging;
    const now = isPaged ? lines.slice(0, PAGE) : lines;
    this.rest = lines.slice(now.length);
    for (const line of now) this.say(line);
    if (this.rest.length > 0) this.print('Press any key to continue (q to quit)');
    else this.prompt();
  }

  /** One line, broken where the terminal ends. */
  private say(line: string): void {
    const pieces = line.match(new RegExp(`.{1,${this.columns}}`, 'g')) ?? [''];
    this.print(pieces.map((piece) => `${piece}\r\n`).join(''));
  }

  private answer(words: string[]): string[] {
    const [verb, noun = '', third = '', fourth] = words;
    if (verb === '') return [];
    if (verb === 'stty' && noun === 'columns' && /^\d+$/.test(third)) {
      this.columns = Number(third);
      return [];
    }
    if (verb === 'cli-settings' && noun in this.settings && /^(?:on|off)$/.test(third)) {
      this.settings[noun] = third === 'on';
      return [];
    }
    if (verb === 'pool' && noun === 'select' && fourth === 'show') {
      const pool = this.array.pools.find(({ name }) => name === third);
      return pool ? this.facts(pool) : [`Pool ${third} does not exist.`];
    }
    return ['% Error - Bad command or syntax.'];
  }

  /** One fact a line, or two beside each other for people, with a list of the volumes below. */
  private facts({ name, capacity, free, volumes }: SimPool): string[] {
    const facts = [
      `Name: ${name}`,
      `Default: ${name === 'default'}`,
      `TotalVolumes: ${volumes}`,
      `VolumesOnline: ${volumes}`,
      `TotalCapacity: ${capacity}`,
      `FreeSpace: ${free}`,
    ];
    const list = Array.from({ length: volumes }, (_, index) => `volume-${String(index + 1).padStart(4, '0')}`);
    if (!this.settings.formatoutput) return ['Pool Information', ...facts, 'Volumes', ...list];
    const beside = facts.flatMap((fact, index) =>
      index % 2 === 0 ? [`${fact.padEnd(39)}${facts[index + 1] ?? ''}`] : [],
    );
    return ['_'.repeat(30), ...beside, '_'.repeat(30), ...list];
  }
}
