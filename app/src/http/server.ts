// The front door: one koa application on plain HTTP and, where there is a certificate, on TLS.
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  CONNECTIONS_MAX,
  HTTP_KEEP_ALIVE_MS,
  HTTP_TIMEOUT_CHECK_MS,
  REQUEST_BODY_TIMEOUT_MS,
  REQUEST_HEADERS_TIMEOUT_MS,
  UPLOAD_TIMEOUT_MS,
} from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import { type ApplicationParts, createApplication } from './application.ts';

export interface HttpServerParts extends ApplicationParts {
  /** PEM texts; null = no TLS. */
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** Shorter ones are for tests. */
  readonly timeouts?: Partial<HttpTimeouts>;
}

export interface HttpTimeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkMs: number;
}

export interface HttpServer {
  /** Resolves with the port, once it is open; 0 = any free one. */
  listen(port: number, host: string): Promise<number>;
  listenTls(port: number, host?: string): Promise<number>;
  /** New connections get it; those that are open keep what they have. */
  useCertificate(pem: { readonly key: string; readonly cert: string }): void;
  /** For tests without sockets. */
  readonly listener: RequestListener;
  /**
   * Takes no new connections, answers waiting tills with what is known, ends event streams, and
   * cuts what is left after the grace.
   */
  close(graceMs: number): Promise<void>;
}

export function createHttpServer(parts: HttpServerParts): HttpServer {
  const options = nodeOptions(parts.timeouts ?? {});
  const servers: Server[] = [];
  const tlsServers: TlsServer[] = [];
  let pem = parts.tls;
  const application = createApplication({
    ...parts,
    holdBodyTimeout: bodyTimeoutHolder(servers, options.requestTimeout),
  });
  const { listener } = application;
  const open = async (server: Server, port: number, host: string): Promise<number> => {
    server.maxConnections = CONNECTIONS_MAX;
    server.on('drop', () => parts.log.warn('http-connections-full', { max: CONNECTIONS_MAX }));
    await listening(server, port, host);
    servers.push(server);
    // A listening TCP server has an address of this form.
    return (server.address() as AddressInfo).port;
  };
  return {
    listener,
    listen: (port, host) => open(createServer(options, listener), port, host),
    listenTls: async (port, host = '0.0.0.0') => {
      if (pem === null) throw new Error('there is no certificate to listen with');
      // A client that does not finish its handshake is as slow as one that sends no headers.
      const handshakeTimeout = options.headersTimeout;
      const tls = { ...options, ...secureOptions(pem), handshakeTimeout };
      const server = createTlsServer(tls, listener);
      const opened = await open(server, port, host);
      tlsServers.push(server);
      return opened;
    },
    useCertificate: (next) => {
      pem = next;
      for (const server of tlsServers) server.setSecureContext(secureOptions(next));
    },
    close: async (graceMs) => {
      application.hurry();
      await Promise.all(servers.map((server) => closing(server, graceMs, parts.clock)));
    },
  };
}

function secureOptions({ key, cert }: { readonly key: string; readonly cert: string }) {
  // No client shows a certificate, so the world's authorities are not read in at the start.
  const ca: string[] = [];
  return { key, cert, ca, minVersion: 'TLSv1.2' } as const;
}

/**
 * Node has one time for the bodies of all connections. While an administrator uploads a large file,
 * it is long; what is returned ends that.
 */
function bodyTimeoutHolder(servers: readonly Server[], usualMs: number): () => () => void {
  let held = 0;
  const set = (): void => {
    for (const server of servers) server.requestTimeout = held > 0 ? UPLOAD_TIMEOUT_MS : usualMs;
  };
  return () => {
    let mine = true;
    held += 1;
    set();
    return () => {
      if (!mine) return;
      mine = false;
      held -= 1;
      set();
    };
  };
}

function nodeOptions(timeouts: Partial<HttpTimeouts>) {
  return {
    headersTimeout: timeouts.headersMs ?? REQUEST_HEADERS_TIMEOUT_MS,
    // From the first byte to the end of the body; how long we take to answer does not count.
    requestTimeout: timeouts.requestMs ?? REQUEST_BODY_TIMEOUT_MS,
    connectionsCheckingInterval: timeouts.checkMs ?? HTTP_TIMEOUT_CHECK_MS,
    keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Node's own backlog is 511: of a thousand tills that come back at once the others would try
    // again after seconds.
    server.listen({ port, host, backlog: CONNECTIONS_MAX }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closing(server: Server, graceMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const forget = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      forget();
      resolve();
    });
    server.closeIdleConnections();
  });
}
