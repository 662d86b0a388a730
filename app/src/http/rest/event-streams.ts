// Server-Sent Events of one operation: first what the ledger has, then what happens, no gap.
import type { OperationId } from '../../domain/ids.ts';
import { EVENT_STREAM_HEARTBEAT_MS, EVENT_STREAMS_MAX } from '../../domain/limits.ts';
import { isFinal, type Operation } from '../../domain/operation.ts';
import { transition } from '../../domain/transition.ts';
import type { Gateway, Principal } from '../../operations/gateway.ts';
import type { Language } from '../../operations/settings-schema.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StoredEvent } from '../../ports/ledger.ts';
import { presentEvent } from './present.ts';
import type { EventSink } from './route.ts';

export interface StreamRequest {
  readonly who: Principal;
  readonly id: OperationId;
  readonly language: Language;
  /** `seq` of the last event that the client has; 0 = none. */
  readonly after: number;
  /** A terminal's live text in the words of the reader; as it is where this is missing. */
  readonly say?: (text: string) => string;
}

/** Milliseconds after which a browser connects again. */
const RECONNECT = 'retry: 2000\n\n';

/**
 * INVARIANTS
 * - At most EVENT_STREAMS_MAX streams are open.
 * - A stream sends each event once, in ledger order: it subscribes before it reads the ledger, and
 *   drops what is not newer than the last that it sent.
 */
export class EventStreams {
  readonly #gateway: Gateway;
  readonly #clock: Clock;
  /** Each with the name of the key that it was opened with. */
  readonly #open = new Map<EventSink, string>();

  constructor(gateway: Gateway, clock: Clock) {
    this.#gateway = gateway;
    this.#clock = clock;
  }

  get full(): boolean {
    return this.#open.size >= EVENT_STREAMS_MAX;
  }

  get size(): number {
    return this.#open.size;
  }

  /** True where the client has everything that will ever come. */
  finished({ who, id, after }: StreamRequest): boolean {
    const operation = this.#gateway.find(who, id);
    if (operation === null || !isFinal(operation.state)) return false;
    return this.#gateway.events(who, id, after).length === 0;
  }

  /** Resolves when the stream is over. */
  async run(request: StreamRequest, sink: EventSink): Promise<void> {
    const { who, id, language, say } = request;
    let last = request.after;
    const tell = (stored: StoredEvent, row: Operation): void => {
      if (stored.seq <= last) return;
      last = stored.seq;
      sink.send(format(said(stored, say), row, language));
      if (isFinal(row.state)) sink.end();
    };
    this.#open.set(sink, who.name);
    // What happens while the ledger is read comes after what the ledger has.
    let early: { stored: StoredEvent; row: Operation }[] | null = [];
    const unsubscribe = this.#gateway.subscribe(id, (stored, row) => {
      if (early === null) tell(stored, row);
      else early.push({ stored, row });
    });
    const stopHeart = this.#heartbeat(sink);
    try {
      sink.send(RECONNECT);
      for (const { stored, row } of replay(this.#gateway.events(who, id, 0))) tell(stored, row);
      for (const { stored, row } of early) tell(stored, row);
      early = null;
      const current = this.#gateway.find(who, id);
      if (current === null || isFinal(current.state)) sink.end();
      await sink.closed;
    } finally {
      stopHeart();
      unsubscribe();
      this.#open.delete(sink);
    }
  }

  /** Ends every stream; clients come back with their Last-Event-ID. */
  endAll(): void {
    for (const sink of this.#open.keys()) sink.end();
  }

  /** Ends the streams of these keys: a revoked key hears nothing more. */
  endOf(names: ReadonlySet<string>): void {
    for (const [sink, name] of this.#open) if (names.has(name)) sink.end();
  }

  /** Comments keep proxies from closing a silent stream, and show when the client is gone. */
  #heartbeat(sink: EventSink): () => void {
    const next = (): (() => void) => this.#clock.after(EVENT_STREAM_HEARTBEAT_MS, beat);
    const beat = (): void => {
      if (sink.send(':\n\n')) cancel = next();
    };
    let cancel = next();
    return () => cancel();
  }
}

/** The row after each event, made again from the first one. */
function* replay(
  events: readonly StoredEvent[],
): Generator<{ stored: StoredEvent; row: Operation }> {
  let row: Operation | null = null;
  for (const stored of events) {
    const moved = transition(row, stored.event);
    if (moved.kind === 'illegal') {
      throw new Error(`the ledger has an illegal event at ${stored.seq}: ${moved.reason}`);
    }
    row = moved.operation;
    yield { stored, row };
  }
}

function said(stored: StoredEvent, say: StreamRequest['say']): StoredEvent {
  const { event } = stored;
  if (say === undefined || event.kind !== 'display') return stored;
  return { ...stored, event: { ...event, text: say(event.text) } };
}

function format(stored: StoredEvent, row: Operation, language: Language): string {
  const { name, data } = presentEvent(stored, row, language);
  return `id: ${stored.seq}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
