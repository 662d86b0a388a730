// A byte pipe to a terminal, whatever carries it.

export type CloseReason =
  | { kind: 'closed-by-us' }
  | { kind: 'closed-by-peer' }
  | { kind: 'error'; code: string; detail: string };

export interface BytePipe {
  /**
   * Resolves when the bytes were handed to the kernel; rejects with TransportError when the pipe
   * is closed. After a rejection it is not known how many bytes left the box.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Chunks as they arrive; one listener, set before the first chunk can be missed. */
  onData(listener: (chunk: Uint8Array) => void): void;
  /** Resolves once, when the pipe is gone for whatever reason. Never rejects. */
  readonly closed: Promise<CloseReason>;
  /** Closes now; further calls do nothing. */
  close(): void;
  /** How the device behind a line calls itself, with its ids; null or missing where it does not. */
  readonly device?: string | null;
}

export interface Transport {
  /**
   * Opens `tcp://host:port` or `serial:///dev/…?baud=115200`. Rejects with TransportError when the
   * peer is not there or `signal` aborts.
   */
  open(address: string, signal: AbortSignal): Promise<BytePipe>;
}

/** `code` is the system's (ECONNREFUSED, ENOENT, …) or `closed`, `aborted`, `bad-address`. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: string;
  constructor(code: string, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
  }
}
