// Links to simulated terminals without sockets, for simulations that run on a fake clock.
import type { Clock } from '../ports/clock.ts';
import {
  type BytePipe,
  type CloseReason,
  type Transport,
  TransportError,
} from '../ports/transport.ts';
import type { PrivatJsonTerminal } from './privat-json/terminal.ts';

/** Opens `mem://NAME`; `find` knows the terminals. Bytes take `latencyMs` each way. */
export function memoryTransport(
  clock: Clock,
  find: (name: string) => PrivatJsonTerminal | null,
  latencyMs = 0,
): Transport {
  return {
    async open(address, signal) {
      const name = /^mem:\/\/([^/?#]+)$/.exec(address)?.[1];
      if (name === undefined)
        throw new TransportError('bad-address', `not a memory link: ${address}`);
      if (signal.aborted) throw new TransportError('aborted', 'aborted before it was opened');
      const terminal = find(name);
      const pipe = terminal === null ? null : openPipe(clock, terminal, latencyMs);
      if (pipe === null) throw new TransportError('ECONNREFUSED', `nobody listens at ${address}`);
      return pipe;
    },
  };
}

/** One link; null while the terminal has no power. Order of bytes and of the end is kept. */
export function openPipe(
  clock: Clock,
  terminal: PrivatJsonTerminal,
  latencyMs = 0,
): BytePipe | null {
  let listener: ((chunk: Uint8Array) => void) | null = null;
  let early: Uint8Array[] = [];
  let open = true;
  const ended = deferred<CloseReason>();
  const end = (reason: CloseReason): void => {
    if (!open) return;
    open = false;
    ended.resolve(reason);
  };
  const port = terminal.connect({
    send(bytes) {
      const copy = Uint8Array.from(bytes);
      clock.after(latencyMs, () => {
        if (!open) return;
        if (listener === null) early.push(copy);
        else listener(copy);
      });
    },
    close: () => void clock.after(latencyMs, () => end({ kind: 'closed-by-peer' })),
  });
  if (port === null) return null;
  return {
    closed: ended.promise,
    async write(bytes) {
      if (!open) throw new TransportError('closed', 'the link is closed');
      const copy = Uint8Array.from(bytes);
      clock.after(latencyMs, () => port.receive(copy));
    },
    onData(next) {
      listener = next;
      const chunks = early;
      early = [];
      for (const chunk of chunks) next(chunk);
    },
    close() {
      if (!open) return;
      end({ kind: 'closed-by-us' });
      clock.after(latencyMs, () => port.gone());
    },
  };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  const resolvers: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => {
    resolvers.push(resolve);
  });
  return { promise, resolve: (value) => resolvers[0]?.(value) };
}
