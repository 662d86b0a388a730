// The front door: one koa application on plain HTTP and, where there is a certificate, on TLS.
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  CONNECTIONS_MAX,
  HTTP_KEEP_ALIVE_MS,
  HTTP_TIMEOUT_CHECK_MS,
  REQUEST_BODY_TIMEOUT_MS,
  REQUEST_HEADERS_TIMEOUT_MS,
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
  /** For tests without sockets. */
  readonly listener: RequestListener;
  /**
   * Takes no new connections, answers waiting tills with what is known, ends event streams, and
   * cuts what is left after the grace.
   */
  close(graceMs: number): Promise<void>;
}

export function createHttpServer(parts: HttpServerParts): HttpServer {
  const application = createApplication(parts);
  const { listener } = application;
  const options = nodeOptions(parts.timeouts ?? {});
  const servers: Server[] = [];
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
      if (parts.tls === null) throw new Error('there is no certificate to listen with');
      const { key, cert } = parts.tls;
      // A client that does not finish its handshake is as slow as one that sends no headers.
      const handshakeTimeout = options.headersTimeout;
      const tls = { ...options, key, cert, minVersion: 'TLSv1.2', handshakeTimeout } as const;
      return open(createTlsServer(tls, listener), port, host);
    },
    close: async (graceMs) => {
      application.hurry();
      await Promise.all(servers.map((server) => closing(server, graceMs, parts.clock)));
    },
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
