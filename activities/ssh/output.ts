import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Keeps the first `maxBytes` of a stream and lets the rest pass, so that the host's writer is never blocked. */
export class CappedOutput {
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  truncated = false;

  constructor(source: Readable, maxBytes: number) {
    this.#maxBytes = maxBytes;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** What was kept, as UTF-8; a character cut in two by the cap is left out. */
  text(): string {
    const kept = Buffer.concat(this.#chunks);
    return this.truncated ? new StringDecoder('utf8').write(kept) : kept.toString('utf8');
  }

  #take(chunk: Buffer): void {
    const room = this.#maxBytes - this.#bytes;
    if (chunk.length > room) this.truncated = true;
    if (room <= 0) return;
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    this.#bytes += Math.min(chunk.length, room);
  }
}
