// The port that all terminals of the default style call: opened when the first of them needs it.
import { NEXO_DOOR_RETRY_MS } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { NexoReceiver } from '../../ports/nexo-receiver.ts';
import { type OpenDoor, openNexoDoor } from './door.ts';

export interface NexoListenerParts {
  readonly receiver: NexoReceiver;
  readonly host: string;
  /** Null = terminals are not to call; they show an alarm. */
  readonly port: number | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface NexoListener {
  /** The port, once a terminal needed it and it could be had. */
  readonly opened: Promise<number>;
  close(): Promise<void>;
}

export function createNexoListener(parts: NexoListenerParts): NexoListener {
  const { receiver, port } = parts;
  let door: OpenDoor | null = null;
  let closed = false;
  let told: (port: number) => void = () => undefined;
  const opened = new Promise<number>((resolve) => {
    told = resolve;
  });
  let opening: Promise<void> = Promise.resolve();
  const open = async (wanted: number): Promise<void> => {
    while (!closed && door === null) {
      door = await tryToOpen(parts, wanted);
      if (door === null) await nap(parts.clock, NEXO_DOOR_RETRY_MS);
    }
    if (door !== null) told(door.port);
  };
  if (port === null) {
    receiver.door({ kind: 'closed', reason: 'the port for terminals is switched off' });
  } else {
    receiver.onNeeded(() => {
      opening = open(port);
    });
  }
  return {
    opened,
    close: async () => {
      closed = true;
      // A retry under way ends by itself; what it opens meanwhile is closed with it.
      if (door === null) void opening.then(() => door?.close());
      else await door.close();
    },
  };
}

async function tryToOpen(parts: NexoListenerParts, port: number): Promise<OpenDoor | null> {
  const { receiver, host, log } = parts;
  try {
    const door = await openNexoDoor({
      host,
      port,
      log,
      take: (arrival) => receiver.receive(arrival),
    });
    log.info('nexo-listening', { port: door.port });
    receiver.door({ kind: 'open', port: door.port });
    return door;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    log.error('nexo-port-not-open', { port, code }, error);
    receiver.door({ kind: 'closed', reason: `port ${port} cannot be opened (${code})` });
    return null;
  }
}

/** Keeps no process alive. */
function nap(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
