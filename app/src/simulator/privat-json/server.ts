// Puts a simulated terminal behind a TCP port.
import { createServer, type Server, type Socket } from 'node:net';
import { FRAME_BYTES_MAX } from '../../domain/limits.ts';
import type { PrivatJsonTerminal } from './terminal.ts';

export interface TerminalServer {
  /** `tcp://host:port`. */
  readonly address: string;
  readonly port: number;
  /** Closes the port and every link. */
  close(): Promise<void>;
}

/** Listens at `port`, any free one for 0. Rejects where the port cannot be had. */
export async function listen(
  terminal: PrivatJsonTerminal,
  port = 0,
  host = '127.0.0.1',
): Promise<TerminalServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(terminal, socket);
  });
  const bound = await bind(server, port, host);
  return {
    address: `tcp://${host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function bind(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('not a TCP port'));
      else resolve(address.port);
    });
  });
}

function serve(terminal: PrivatJsonTerminal, socket: Socket): void {
  // A broken link is told by `close`; the reason is of no interest to a terminal.
  socket.on('error', () => socket.destroy());
  const port = terminal.connect({
    send(bytes) {
      if (socket.destroyed) return;
      socket.write(bytes);
      // A client that does not read loses its link, not our memory.
      if (socket.writableLength > FRAME_BYTES_MAX) socket.destroy();
    },
    close: () => socket.destroySoon(),
  });
  if (port === null) {
    socket.resetAndDestroy();
    return;
  }
  socket.on('data', (chunk) => port.receive(chunk));
  socket.on('close', () => port.gone());
}
