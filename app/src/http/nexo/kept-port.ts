// A port that is open while it is wanted: tried again where it cannot be had, changed without a
// restart. What is under way at a port that is given up ends there.
import { NEXO_DOOR_RETRY_MS } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { NexoPort } from '../../ports/nexo-control.ts';
import { type NexoDoorParts, type OpenDoor, openNexoDoor } from './door.ts';

export interface KeptPortParts {
  /** In the log. */
  readonly name: 'terminals' | 'facade';
  readonly host: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly take: NexoDoorParts['take'];
  /** After each change. */
  readonly onChange?: (state: NexoPort) => void;
}

export interface KeptPort {
  state(): NexoPort;
  /** Null = shut. Resolves when it is open, or when the first try has failed. */
  want(port: number | null): Promise<void>;
  close(): Promise<void>;
}

const nothing = (): void => undefined;

/** INVARIANT: one change after another; one door at most takes new messages. */
export function keepPort(parts: KeptPortParts): KeptPort {
  const { clock, log, host, name, take } = parts;
  const leaving = new Set<OpenDoor>();
  let state: NexoPort = { kind: 'off' };
  let wanted: number | null = null;
  let door: OpenDoor | null = null;
  let closed = false;
  let forget = nothing;
  let turn: Promise<void> = Promise.resolve();

  const become = (next: NexoPort): void => {
    state = next;
    parts.onChange?.(next);
  };
  const leave = (): void => {
    const old = door;
    door = null;
    if (old === null) return;
    leaving.add(old);
    void old.retire().then(() => leaving.delete(old));
  };
  const open = async (port: number): Promise<void> => {
    try {
      const opened = await openNexoDoor({ host, port, log, take });
      leave();
      door = opened;
      log.info('nexo-listening', { for: name, port: opened.port });
      become({ kind: 'open', port: opened.port });
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'error';
      log.error('nexo-port-not-open', { for: name, port, reason }, error);
      leave();
      become({ kind: 'failed', port, reason });
      forget = clock.after(NEXO_DOOR_RETRY_MS, () => void next(() => retry(port)));
    }
  };
  const retry = async (port: number): Promise<void> => {
    if (!closed && wanted === port && door === null) await open(port);
  };
  const next = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    return turn;
  };
  const change = async (port: number | null): Promise<void> => {
    if (closed || (port === wanted && (port === null) === (door === null))) return;
    forget();
    wanted = port;
    if (port !== null) return open(port);
    leave();
    become({ kind: 'off' });
  };
  return {
    state: () => state,
    want: (port) => next(() => change(port)),
    close: () =>
      next(async () => {
        closed = true;
        forget();
        const doors = [...leaving, ...(door === null ? [] : [door])];
        door = null;
        for (const one of doors) await one.close();
      }),
  };
}
