// The port that all terminals of the default style call: opened when the first of them needs it.
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { NexoPort } from '../../ports/nexo-control.ts';
import type { NexoReceiver } from '../../ports/nexo-receiver.ts';
import { keepPort } from './kept-port.ts';

export interface NexoListenerParts {
  readonly receiver: NexoReceiver;
  readonly host: string;
  /** Null = terminals are not to call; they show an alarm. */
  readonly port: number | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface NexoListener {
  /** The port, once a terminal needed it and it could be had; null where the end came first. */
  readonly opened: Promise<number | null>;
  state(): NexoPort;
  /** Another port from now on; terminals have to be told of it in their menus. */
  use(port: number | null): Promise<void>;
  close(): Promise<void>;
}

export function createNexoListener(parts: NexoListenerParts): NexoListener {
  const { receiver, host, clock, log } = parts;
  let wanted = parts.port;
  let needed = false;
  const { promise: opened, resolve: tellOpened } = withResolver<number | null>();
  const kept = keepPort({
    name: 'terminals',
    host,
    clock,
    log,
    take: (arrival) => receiver.receive(arrival),
    onChange: (state) => {
      tellTerminals(receiver, state);
      if (state.kind === 'open') tellOpened(state.port);
    },
  });
  if (wanted === null) tellTerminals(receiver, { kind: 'off' });
  receiver.onNeeded(() => {
    needed = true;
    void kept.want(wanted);
  });
  return {
    opened,
    state: () => (!needed && wanted !== null ? { kind: 'idle', port: wanted } : kept.state()),
    use: async (port) => {
      wanted = port;
      if (needed) await kept.want(port);
      else if (port === null) tellTerminals(receiver, { kind: 'off' });
      else receiver.door({ kind: 'closed', reason: 'the port for terminals is not open' });
    },
    close: async () => {
      tellOpened(null);
      await kept.close();
    },
  };
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  const parts: { resolve?: (value: T) => void } = {};
  const promise = new Promise<T>((resolve) => {
    parts.resolve = resolve;
  });
  return { promise, resolve: (value) => parts.resolve?.(value) };
}

function tellTerminals(receiver: NexoReceiver, state: NexoPort): void {
  switch (state.kind) {
    case 'open':
      receiver.door(state);
      return;
    case 'failed': {
      const reason = `port ${state.port} cannot be opened (${state.reason})`;
      receiver.door({ kind: 'closed', reason });
      return;
    }
    case 'off':
      receiver.door({ kind: 'closed', reason: 'the port for terminals is switched off' });
      return;
    case 'idle':
      return;
  }
}
