// The door of the hand: a unix socket, one line in, lines out. Who may knock is decided by the
// socket's owner and mode.
import { createServer, type Server, type Socket } from 'node:net';
import {
  HAND_CONNECTIONS_MAX,
  HAND_IDLE_MS,
  HAND_REQUEST_BYTES_MAX,
  HAND_REQUEST_TIMEOUT_MS,
} from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Handed } from '../ports/machine-hand.ts';
import { refused } from './answers.ts';
import { parseRequest } from './requests.ts';
import type { Hand } from './verbs.ts';

export interface HandDoor {
  readonly hand: Hand;
  readonly clock: Clock;
  readonly log: Log;
  /** Nobody asked for HAND_IDLE_MS, and nothing goes on. */
  readonly onIdle: () => void;
}

export function createHandServer({ hand, clock, log, onIdle }: HandDoor): Server {
  let open = 0;
  let cancelIdle: (() => void) | null = null;
  const waitForIdle = (): void => {
    cancelIdle?.();
    cancelIdle = clock.after(HAND_IDLE_MS, () => {
      if (open > 0 || hand.busy()) waitForIdle();
      else onIdle();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
      waitForIdle();
    });
    serve(socket, hand, clock).catch((error: unknown) => {
      log.error('hand-connection-failed', {}, error);
      socket.destroy();
    });
  });
  server.maxConnections = HAND_CONNECTIONS_MAX;
  server.once('close', () => cancelIdle?.());
  waitForIdle();
  return server;
}

async function serve(socket: Socket, hand: Hand, clock: Clock): Promise<void> {
  const gone = new AbortController();
  // A peer that goes away in the middle is no fault of ours.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => gone.abort());
  // An asker of ours keeps its half open until it has its answer.
  socket.once('end', () => gone.abort());
  const line = await requestLine(socket, clock);
  if (line === null) {
    socket.destroy();
    return;
  }
  const say = (value: unknown): void => {
    if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
  };
  const request = parseRequest(line);
  const answer: Handed<unknown> =
    request === null
      ? refused({ code: 'invalid', field: 'request' })
      : await hand.perform(request, {
          tell: (progress) => say({ kind: 'progress', ...progress }),
          gone: gone.signal,
        });
  say(answer);
  socket.end();
  // The other half is of no use any more.
  socket.destroySoon();
}

/** Null where no whole line came in time, or more than one. */
function requestLine(socket: Socket, clock: Clock): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (line: string | null): void => {
      cancel();
      socket.off('data', take);
      socket.off('end', none);
      socket.off('close', none);
      // Whatever else comes is read and dropped; a socket that is not read does not close.
      socket.resume();
      resolve(line);
    };
    const none = (): void => finish(null);
    const take = (chunk: string): void => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) finish(end === text.length - 1 ? text.slice(0, end) : null);
      else if (text.length > HAND_REQUEST_BYTES_MAX) none();
    };
    const cancel = clock.after(HAND_REQUEST_TIMEOUT_MS, none);
    socket.setEncoding('utf8');
    socket.on('data', take);
    socket.once('end', none);
    socket.once('close', none);
  });
}
