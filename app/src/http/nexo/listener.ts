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
  /** The port, once a terminal needed it and it could be had; null where the end came first. */
  readonly opened: Promise<number | null>;
  close(): Promise<void>;
}

export function createNexoListener(parts: NexoListenerParts): NexoListener {
  const { receiver, port } = parts;
  const ending = new AbortController();
  const opening = new Promise<OpenDoor | null>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(null), { once: true });
    if (port === null) {
      receiver.door({ kind: 'closed', reason: 'the port for terminals is switched off' });
    } else receiver.onNeeded(() => resolve(keepTrying(parts, port, ending.signal)));
  });
  return {
    opened: opening.then((door) => door?.port ?? null),
    close: async () => {
      ending.abort(new Error('closing'));
      await (await opening)?.close();
    },
  };
}

/** Null where the end came first. */
async function keepTrying(
  parts: NexoListenerParts,
  port: number,
  ending: AbortSignal,
): Promise<OpenDoor | null> {
  while (!ending.aborted) {
    const door = await tryToOpen(parts, port);
    if (door !== null) return door;
    await parts.clock.sleep(NEXO_DOOR_RETRY_MS, ending).catch(() => undefined);
  }
  return null;
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
