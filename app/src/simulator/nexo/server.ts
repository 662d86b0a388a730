// Puts a simulated nexo terminal behind an HTTP port, and lets it call the till.
import {
  createServer,
  type IncomingMessage,
  request as open,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { FRAME_BYTES_MAX } from '../../domain/limits.ts';
import type { NexoTerminal } from './terminal.ts';

const PATH = '/EPASSaleToPOI/3.1';
const TYPE = 'application/xml; charset=utf-8';

export interface NexoTerminalServer {
  /** `http://127.0.0.1:port`. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Listens at `port`, any free one for 0. */
export async function listenNexo(terminal: NexoTerminal, port = 0): Promise<NexoTerminalServer> {
  const server = createServer((request, response) => {
    void serve(terminal, request, response);
  });
  terminal.onReboot = () => server.closeAllConnections();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A listening TCP server has an address of this form.
  const bound = (server.address() as AddressInfo).port;
  return {
    address: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  terminal: NexoTerminal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await read(request).catch(() => null);
  if (text === null) {
    response.destroy();
    return;
  }
  if (request.method !== 'POST' || request.url !== PATH) {
    response.writeHead(404).end();
    return;
  }
  const handled = await terminal.handle(text);
  if (handled.kind === 'drop' || response.destroyed) {
    request.socket.destroy();
    return;
  }
  if (handled.body === null) response.writeHead(handled.status).end();
  else {
    const length = Buffer.byteLength(handled.body);
    response.writeHead(handled.status, { 'Content-Type': TYPE, 'Content-Length': length });
    response.end(handled.body);
  }
}

async function read(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer; // no encoding is set
    total += bytes.length;
    if (total > FRAME_BYTES_MAX) throw new Error('too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function bodyOf(response: IncomingMessage): Promise<string | null> {
  const body = await read(response);
  if (response.statusCode === 200) return body;
  if (response.statusCode === 204) return null;
  throw new Error(`the till answered ${response.statusCode}`);
}

/** For `terminal.callBack`: posts to the till's listener. Rejects where it cannot be reached. */
export function callTill(address: string): (text: string) => Promise<string | null> {
  return (text) =>
    new Promise((resolve, reject) => {
      const request = open(`${address}${PATH}`, {
        method: 'POST',
        headers: { 'Content-Type': TYPE, 'Content-Length': Buffer.byteLength(text) },
      });
      request.once('error', reject);
      request.once('response', (response) => {
        resolve(bodyOf(response));
      });
      request.end(text);
    });
}
