// Reads a byte pipe at the protocol's own pace: one byte, or so many, each with a deadline.
import { FRAME_BYTES_MAX } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { BytePipe } from '../../ports/transport.ts';

export type ReadByte =
  | { kind: 'byte'; byte: number }
  | { kind: 'silence' }
  | { kind: 'closed' }
  | { kind: 'aborted' };

/** INVARIANT: one read waits at a time. */
export class ByteReader {
  readonly #clock: Clock;
  #chunks: Uint8Array[] = [];
  #at = 0;
  #held = 0;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(pipe: BytePipe, clock: Clock) {
    this.#clock = clock;
    pipe.onData((chunk) => {
      if (this.#held + chunk.length > FRAME_BYTES_MAX) {
        pipe.close();
        return;
      }
      this.#chunks.push(chunk);
      this.#held += chunk.length;
      this.#wake?.();
    });
    void pipe.closed.then(() => this.#end());
  }

  /** The next byte; bytes that arrived before the end are still read after it. */
  async next(timeoutMs: number, signal: AbortSignal | null = null): Promise<ReadByte> {
    const end = this.#clock.monotonic() + timeoutMs;
    for (;;) {
      const byte = this.#shift();
      if (byte !== null) return { kind: 'byte', byte };
      if (this.#closed) return { kind: 'closed' };
      if (signal?.aborted === true) return { kind: 'aborted' };
      const left = end - this.#clock.monotonic();
      if (left <= 0) return { kind: 'silence' };
      await this.#arrival(left, signal);
    }
  }

  /** Exactly `count` bytes, each within `gapMs` of the one before; null otherwise. */
  async take(count: number, gapMs: number): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(count);
    for (let index = 0; index < count; index++) {
      const read = await this.next(gapMs);
      if (read.kind !== 'byte') return null;
      bytes[index] = read.byte;
    }
    return bytes;
  }

  /** Drops what has arrived: it belongs to nobody. */
  discard(): void {
    this.#chunks = [];
    this.#at = 0;
    this.#held = 0;
  }

  #end(): void {
    this.#closed = true;
    this.#wake?.();
  }

  #shift(): number | null {
    const [first] = this.#chunks;
    const byte = first?.[this.#at];
    if (first === undefined || byte === undefined) return null;
    this.#at += 1;
    this.#held -= 1;
    if (this.#at === first.length) {
      this.#chunks.shift();
      this.#at = 0;
    }
    return byte;
  }

  #arrival(ms: number, signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        forget();
        signal?.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const forget = this.#clock.after(ms, done);
      signal?.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
