// Holds what arrives before the pipe's owner listens, so that no first byte is missed.
import { FRAME_BYTES_MAX } from '../domain/limits.ts';

export interface Inbox {
  /** False when too much arrived with nobody listening: the pipe should be closed. */
  put(chunk: Uint8Array): boolean;
  listen(listener: (chunk: Uint8Array) => void): void;
}

export function createInbox(): Inbox {
  let early: Uint8Array[] = [];
  let earlyBytes = 0;
  let listener: ((chunk: Uint8Array) => void) | null = null;
  return {
    put: (chunk) => {
      if (listener !== null) {
        listener(chunk);
        return true;
      }
      earlyBytes += chunk.length;
      if (earlyBytes > FRAME_BYTES_MAX) return false;
      early.push(chunk);
      return true;
    },
    listen: (given) => {
      if (listener !== null) throw new Error('a pipe has one listener');
      listener = given;
      const waiting = early;
      early = [];
      for (const chunk of waiting) given(chunk);
    },
  };
}
