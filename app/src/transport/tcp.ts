// TCP to a terminal: one connection, found dead by keepalive when the peer vanishes in silence.
import { connect, type Socket } from 'node:net';
import { CONNECT_TIMEOUT_MS, TCP_KEEPALIVE_IDLE_MS } from '../domain/limits.ts';
import { type BytePipe, type CloseReason, TransportError } from '../ports/transport.ts';
import { createInbox } from './inbox.ts';

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export async function openTcp(address: TcpAddress, signal: AbortSignal): Promise<BytePipe> {
  const socket = await connected(address, signal);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEPALIVE_IDLE_MS);
  return pipeOf(socket);
}

function connected({ host, port }: TcpAddress, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new TransportError('aborted', 'aborted before connecting', signal.reason));
      return;
    }
    const socket = connect({ host, port });
    const fail = (code: string, detail: string, cause: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(new TransportError(code, detail, cause));
    };
    const onAbort = (): void => fail('aborted', 'aborted while connecting', signal.reason);
    const onTimeout = (): void => fail('ETIMEDOUT', `no answer from ${host}:${port}`, undefined);
    // Stays attached after a failure: a later error must not end the process.
    const onError = (error: NodeJS.ErrnoException): void => {
      fail(error.code ?? 'error', error.message, error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(CONNECT_TIMEOUT_MS, onTimeout);
    socket.on('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.setTimeout(0, onTimeout);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

function pipeOf(socket: Socket): BytePipe {
  const inbox = createInbox();
  let reason: CloseReason | null = null;
  const close = (why: CloseReason): void => {
    reason ??= why;
    socket.destroy();
  };
  const closed = new Promise<CloseReason>((resolve) => {
    socket.once('close', () => resolve(reason ?? { kind: 'closed-by-peer' }));
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason ??= { kind: 'error', code: error.code ?? 'error', detail: error.message };
  });
  // A half-closed terminal cannot answer, so its end is the end.
  socket.on('end', () => close({ kind: 'closed-by-peer' }));
  socket.on('data', (chunk: Uint8Array) => {
    if (!inbox.put(chunk)) close({ kind: 'error', code: 'overflow', detail: 'nobody listens' });
  });
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (reason !== null || socket.destroyed || !socket.writable) {
          reject(new TransportError('closed', 'the connection is closed'));
          return;
        }
        socket.write(bytes, (error) => {
          if (!error) resolve();
          else reject(new TransportError(codeOf(error), error.message, error));
        });
      }),
    onData: (listener) => inbox.listen(listener),
    closed,
    close: () => close({ kind: 'closed-by-us' }),
  };
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? 'error';
}
