// Time and chance come in through one door, so that a test can hold them still.
import type { Instant } from '../domain/ids.ts';

export interface Clock {
  now(): Instant;
  /** Milliseconds that never go backwards; for durations. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with `signal.reason` when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the returned function cancels it. Does not keep a process alive. */
  after(ms: number, callback: () => void): () => void;
  /** False until NTP, an RTC or a person confirms the time of day. */
  trusted(): boolean;
}

export interface Random {
  /** A float in [0, 1), for jitter. */
  fraction(): number;
  /** Unguessable bytes, for keys and tokens. */
  bytes(count: number): Uint8Array;
}
