// Posting to a terminal or a till that speaks HTTP, and knowing whether a byte has left.

export interface HttpPost {
  /** `http://host:port/path`. */
  readonly url: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Ends the wait; a request that has left may still be worked on. */
  readonly signal: AbortSignal;
  /**
   * True for what must not be sent twice: a connection of its own. A kept connection may have been
   * closed by the peer just now, and nobody can tell whether it read the request.
   */
  readonly fresh: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

export interface HttpClient {
  /** Rejects with HttpClientError. A request that is not `fresh` may be sent twice. */
  post(request: HttpPost): Promise<HttpAnswer>;
  /** Ends connections that are kept and those that are in use. */
  close(): void;
}

/** `code` is the system's (ECONNREFUSED, …) or `aborted`, `cut`, `too-large`, `bad-address`. */
export class HttpClientError extends Error {
  override readonly name = 'HttpClientError';
  readonly code: string;
  /** False where it is certain that no byte of the request left. */
  readonly sent: boolean;
  constructor(code: string, detail: string, sent: boolean, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
    this.sent = sent;
  }
}
