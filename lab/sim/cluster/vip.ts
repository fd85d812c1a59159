import { createServer, type Server, type Socket } from 'node:net';

/** Where an address listens, if it can; the likeliest port of an API, at which probers knock first. */
const PORT = 5000;
const ATTEMPTS = 20;

/** A time during which nobody held an address. Milliseconds since the epoch. */
export interface VipGap {
  from: number;
  until?: number;
}

/**
 * One address of a simulated cluster: a TCP listener on loopback that says who holds it. While nobody does, nothing listens there, and what
 * was connected is reset.
 */
export class Vip {
  readonly gaps: VipGap[] = [];
  address = '';
  port = 0;
  holder: string | undefined;
  private listener: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(readonly id: string) {}

  /** Finds an address that is free, and gives it to its first holder. */
  async open(holder: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = attempt < ATTEMPTS ? PORT : 0;
      // Only Linux answers on all of 127.0.0.0/8 without being told.
      if (process.platform === 'linux') this.address = `127.11.${octet()}.${1 + octet()}`;
      else [this.address, this.port] = ['127.0.0.1', 0];
      try {
        await this.listen();
        this.holder = holder;
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
  }

  /** A controller takes the address; it answers from then on. */
  async takenBy(holder: string): Promise<void> {
    if (this.holder !== undefined) return;
    this.holder = holder;
    await this.listen();
    const gap = this.gaps.at(-1);
    if (gap) gap.until = Date.now();
  }

  /** Its holder gives it up, or has lost its power. */
  release(): void {
    if (this.holder === undefined) return;
    this.holder = undefined;
    this.gaps.push({ from: Date.now() });
    this.close();
  }

  close(): void {
    this.listener?.close();
    this.listener = undefined;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private listen(): Promise<void> {
    const listener = createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      socket.end(`${this.holder}\n`);
    });
    this.listener = listener;
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(this.port, this.address, () => {
        const bound = listener.address();
        if (typeof bound === 'object' && bound) this.port = bound.port;
        resolve();
      });
    });
  }
}

const octet = (): number => Math.floor(Math.random() * 254);
