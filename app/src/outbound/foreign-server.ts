// One request to a server that is not ours: bounded in time and size, with a certificate
// authority of its own, without cookies, redirects or kept connections.
import { Buffer } from 'node:buffer';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import { FOREIGN_ANSWER_BYTES_MAX } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';

export interface ForeignRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** PEM; only what it signed is trusted. Undefined = the public authorities. */
  readonly authority: string | undefined;
  readonly timeoutMs: number;
}

export type ForeignAnswer =
  | { kind: 'answer'; status: number; type: string; body: Buffer }
  /**
   * Nobody knows whether the request was taken. `code` is the system's (ECONNREFUSED, …) or
   * `timeout`, `stopping`, `cut`, `too-large`.
   */
  | { kind: 'failed'; code: string; detail: string };

export function ask(
  asked: ForeignRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<ForeignAnswer> {
  return new Promise((resolve) => {
    const body = asked.body === null ? null : Buffer.from(asked.body, 'utf8');
    const options: RequestOptions = {
      method: asked.method,
      agent: false,
      headers: {
        ...asked.headers,
        'User-Agent': 'Tillgate',
        Connection: 'close',
        ...(body === null ? {} : { 'Content-Length': String(body.length) }),
      },
      ...(asked.authority === undefined ? {} : { ca: asked.authority }),
    };
    const send = asked.url.startsWith('https:') ? tlsRequest : plainRequest;
    const outgoing = send(asked.url, options);
    const finish = (answer: ForeignAnswer): void => {
      forget();
      signal.removeEventListener('abort', stopped);
      resolve(answer);
      outgoing.destroy();
    };
    const failed = (detail: string, code: string): void => finish({ kind: 'failed', code, detail });
    const broken = (error: Error): void => failed(words(error), codeOf(error));
    const stopped = (): void => failed('the gateway is stopping', 'stopping');
    const forget = clock.after(asked.timeoutMs, () => {
      failed(`no answer within ${asked.timeoutMs / 1_000} s`, 'timeout');
    });
    signal.addEventListener('abort', stopped, { once: true });
    outgoing.on('error', broken);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > FOREIGN_ANSWER_BYTES_MAX) failed('the answer is too large', 'too-large');
        else chunks.push(chunk);
      });
      response.on('error', broken);
      response.on('aborted', () => failed('the answer was cut', 'cut'));
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        const status = response.statusCode ?? 0;
        finish({ kind: 'answer', status, type, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(body ?? undefined);
  });
}

export function basic(user: string, password: string): Readonly<Record<string, string>> {
  if (user === '') return {};
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

export function charsetOf(contentType: string): string | null {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? null;
}

/** An `AggregateError` of several addresses has no message of its own. */
function words(error: Error): string {
  return error.message === '' ? codeOf(error) : error.message;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
