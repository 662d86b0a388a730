// One HTTP port that takes nexo messages and nothing else: bounded in size, time and number.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  HTTP_KEEP_ALIVE_MS,
  HTTP_TIMEOUT_CHECK_MS,
  NEXO_CONNECTIONS_MAX,
  REQUEST_BODY_TIMEOUT_MS,
  REQUEST_HEADERS_TIMEOUT_MS,
} from '../../domain/limits.ts';
import type { Log } from '../../ports/log.ts';
import type { NexoArrival, NexoReply } from '../../ports/nexo-receiver.ts';
import { readBytes } from '../read-body.ts';

export const NEXO_PATH = '/EPASSaleToPOI/3.1';
export const NEXO_TYPE = 'application/xml; charset=utf-8';

export interface NexoDoorParts {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Log;
  take(arrival: NexoArrival & { readonly authorization: string | null }): Promise<DoorReply>;
}

/** `drop`: the connection is cut, because there is nothing true to say. */
export type DoorReply = NexoReply | { readonly status: 'drop' };

export interface OpenDoor {
  readonly port: number;
  /** Takes nothing new; what is under way is still answered. Resolves when the last has ended. */
  retire(): Promise<void>;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

/** Rejects where the port cannot be had. */
export async function openNexoDoor(parts: NexoDoorParts): Promise<OpenDoor> {
  const closing = new AbortController();
  let retired: Promise<void> | null = null;
  const server = createServer(
    {
      headersTimeout: REQUEST_HEADERS_TIMEOUT_MS,
      // From the first byte to the end of the body; how long an answer takes does not count.
      requestTimeout: REQUEST_BODY_TIMEOUT_MS,
      connectionsCheckingInterval: HTTP_TIMEOUT_CHECK_MS,
      keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
    },
    (request, response) => {
      if (retired === null) void serve(parts, request, response, closing.signal);
      else response.writeHead(503, { Connection: 'close', 'Content-Length': 0 }).end();
    },
  );
  server.maxConnections = NEXO_CONNECTIONS_MAX;
  const port = await listening(server, parts);
  const retire = (): Promise<void> => {
    // The callback of a second close would tell of an error; one is enough for both.
    retired ??= new Promise((resolve) => {
      server.close(() => resolve());
    });
    return retired;
  };
  return {
    port,
    retire,
    close: async () => {
      closing.abort(new Error('closing'));
      const ended = retire();
      server.closeAllConnections();
      await ended;
    },
  };
}

function listening(server: Server, { port, host }: NexoDoorParts): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A listening TCP server has an address of this form.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function serve(
  parts: NexoDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const away = new AbortController();
  response.once('close', () => away.abort(new Error('the peer went away')));
  try {
    const reply = await replyTo(parts, request, AbortSignal.any([away.signal, closing]));
    if (reply.status === 'drop') request.socket.destroy();
    else send(response, reply);
  } catch (error) {
    parts.log.error('nexo-request-failed', {}, error);
    send(response, { status: 500, body: null });
  }
}

async function replyTo(
  parts: NexoDoorParts,
  request: IncomingMessage,
  gone: AbortSignal,
): Promise<Sent | { readonly status: 'drop' }> {
  const path = (request.url ?? '').split('?')[0]?.replace(/\/$/, '');
  if (path !== NEXO_PATH) return { status: 404, body: null };
  if (request.method !== 'POST') return { status: 405, body: null };
  const contentType = request.headers['content-type'] ?? '';
  // A page in a browser cannot send this type without asking us first.
  if (!/^\s*(?:application|text)\/xml\s*(?:;|$)/i.test(contentType))
    return { status: 415, body: null };
  const read = await readBytes(request);
  if (read.kind === 'gone') return { status: 400, body: null };
  if (read.kind === 'refused') return { status: 413, body: null, close: read.close };
  return parts.take({
    peer: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    body: read.bytes,
    charset: /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? null,
    gone,
    authorization: request.headers.authorization ?? null,
  });
}

interface Sent {
  readonly status: number;
  readonly body: string | null;
  readonly close?: boolean;
}

function send(response: ServerResponse, { status, body, close }: Sent): void {
  if (response.destroyed || response.headersSent) return;
  const headers: Record<string, string | number> = close === true ? { Connection: 'close' } : {};
  if (body === null) {
    response
      .writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': 0 })
      .end();
    return;
  }
  headers['Content-Type'] = NEXO_TYPE;
  // A length, never chunks: small clients of terminals do not read them.
  headers['Content-Length'] = Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}
