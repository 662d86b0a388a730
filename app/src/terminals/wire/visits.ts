// For terminals that are dialled for each operation: a new pipe each time, so that nothing stale is
// ever sent after an unplug, and a look from time to time whether somebody is there.
import type { Instant } from '../../domain/ids.ts';
import { RECONNECT_MS } from '../../domain/limits.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { DriverTest, LinkState } from '../../ports/terminal-driver.ts';
import { type BytePipe, type Transport, TransportError } from '../../ports/transport.ts';
import { ByteReader } from './byte-reader.ts';
import { createMutex } from './mutex.ts';

export interface Visit {
  readonly reader: ByteReader;
  /** How the device behind the line calls itself; null where it does not. */
  readonly device: string | null;
  /** False where the bytes may not all have left. */
  send(bytes: Uint8Array): Promise<boolean>;
}

export type Visited<T> =
  | { kind: 'visited'; value: T }
  | { kind: 'busy' }
  /** Nothing was sent. */
  | { kind: 'unavailable'; reason: string };

export interface VisitsContext {
  readonly address: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How often an idle terminal is looked for. */
  readonly checkEveryMs: number;
}

function foundBy(visited: Visited<string | null>): string {
  switch (visited.kind) {
    case 'visited':
      return visited.value === null ? 'the line is open' : `the line is open: ${visited.value}`;
    case 'busy':
      return 'the terminal is busy';
    case 'unavailable':
      return visited.reason;
  }
}

/** INVARIANT: at most one pipe is open at any time, and none outlives its visit. */
export class Visits {
  readonly #context: VisitsContext;
  readonly #stop = new AbortController();
  readonly #mutex;
  readonly #listeners = new Set<() => void>();
  #state: LinkState;
  #pipe: BytePipe | null = null;
  #running: Promise<void> | null = null;
  lastSeen: Instant | null = null;

  constructor(context: VisitsContext) {
    this.#context = context;
    this.#mutex = createMutex(context.clock);
    this.#state = { kind: 'connecting', since: context.clock.now() };
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the driver stops'));
    this.#pipe?.close();
    await this.#running;
    this.#listeners.clear();
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async visit<T>(waitMs: number, action: (visit: Visit) => Promise<T>): Promise<Visited<T>> {
    const release = await this.#mutex.acquire(waitMs);
    if (release === null) return { kind: 'busy' };
    try {
      const pipe = await this.#opened();
      if (typeof pipe === 'string') return { kind: 'unavailable', reason: pipe };
      try {
        return { kind: 'visited', value: await action(this.#visitOver(pipe)) };
      } finally {
        pipe.close();
        await pipe.closed;
        this.#pipe = null;
      }
    } finally {
      release();
    }
  }

  /** A quiet look for «test this terminal»: is there a line, and what is on it? */
  async test(waitMs: number): Promise<DriverTest> {
    const visited = await this.visit(waitMs, ({ device }) => Promise.resolve(device));
    const ok = visited.kind === 'visited';
    return { ok, steps: [{ name: 'open', ok, detail: foundBy(visited) }] };
  }

  #visitOver(pipe: BytePipe): Visit {
    return {
      reader: new ByteReader(pipe, this.#context.clock),
      device: pipe.device ?? null,
      send: async (bytes) => {
        try {
          await pipe.write(bytes);
          return true;
        } catch (error) {
          if (!(error instanceof TransportError)) throw error;
          return false;
        }
      },
    };
  }

  /** The open pipe, or why there is none. */
  async #opened(): Promise<BytePipe | string> {
    const { address, transport, clock } = this.#context;
    if (this.#stop.signal.aborted) return 'stopped';
    try {
      const pipe = await transport.open(address, this.#stop.signal);
      this.#pipe = pipe;
      this.lastSeen = clock.now();
      this.#become({ kind: 'ready', since: clock.now() });
      return pipe;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.#become({ kind: 'offline', since: clock.now(), reason: error.message });
      return error.message;
    }
  }

  async #run(): Promise<void> {
    const { clock, random, checkEveryMs } = this.#context;
    const { signal } = this.#stop;
    let pause: number = RECONNECT_MS.first;
    while (!signal.aborted) {
      const visited = await this.visit(0, () => Promise.resolve());
      const there = visited.kind !== 'unavailable';
      const rest = there ? checkEveryMs : pause * (0.5 + random.fraction() / 2);
      pause = there ? RECONNECT_MS.first : Math.min(pause * 2, RECONNECT_MS.longest);
      await clock.sleep(rest, signal).catch(() => undefined); // stopped: the loop ends
    }
    this.#become({ kind: 'offline', since: clock.now(), reason: 'stopped' });
  }

  #become(next: LinkState): void {
    const before = this.#state;
    const reasons = [before, next].map((state) => (state.kind === 'offline' ? state.reason : null));
    if (before.kind === next.kind && reasons[0] === reasons[1]) return;
    if (next.kind === 'offline') this.#context.log.warn('link-offline', { reason: next.reason });
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}
