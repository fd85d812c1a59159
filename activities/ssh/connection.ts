import type { Client } from 'ssh2';

/**
 * One logged-in connection and the turns on its channels. sshd allows a limited number of sessions at once (MaxSessions,
 * 10 by default); the capacity stays below that and shrinks when the host shows that its limit is lower.
 */
export class Connection {
  readonly client: Client;
  #capacity: number;
  #open = 0;
  #abandoned = 0;
  #closed = false;
  #queue: (() => void)[] = [];

  constructor(client: Client, capacity: number, onClose: () => void) {
    this.client = client;
    this.#capacity = capacity;
    client.once('close', () => {
      this.#closed = true;
      onClose();
      // Those who wait find the connection closed when their turn comes, and go elsewhere.
      for (const start of this.#queue.splice(0)) start();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many channels are open or being opened. */
  get open(): number {
    return this.#open;
  }

  /** Full, and at least one channel is held by a command nobody waits for: a newcomer might wait without end. */
  get clogged(): boolean {
    return this.#abandoned > 0 && this.#open >= this.#capacity;
  }

  /** Calls `start` as soon as a channel may be opened: at once, or when one has become free. */
  enter(start: () => void): void {
    if (this.#open < this.#capacity || this.#closed) {
      this.#open++;
      start();
    } else {
      this.#queue.push(() => {
        this.#open++;
        start();
      });
    }
  }

  /** The channel taken by `enter` is closed, or was never opened. */
  leave(): void {
    this.#open--;
    this.#admit();
  }

  /** The host refused one more channel: from now on no more are tried than it bears. Returns how many others are open. */
  refused(): number {
    this.#open--;
    this.#capacity = Math.max(1, Math.min(this.#capacity, this.#open));
    return this.#open;
  }

  /** The caller gave up on a command whose channel stays open until the host closes it; call the result when it does. */
  abandon(): () => void {
    this.#abandoned++;
    return () => {
      this.#abandoned--;
      this.leave();
    };
  }

  #admit(): void {
    if (this.#open < this.#capacity) this.#queue.shift()?.();
  }
}
