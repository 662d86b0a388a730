// Takes items of one topic from the outbox and delivers them: in order within a lane, a few at
// once, again and again until somebody says yes or a person has to look.
import {
  DELIVERIES_AT_ONCE,
  DELIVERY_ERROR_LENGTH_MAX,
  DELIVERY_RETRY_MS,
  DELIVERY_WAKE_MS,
  OUTBOX_LOOK_MAX,
  SERVER_FAULTS_MAX,
} from '../domain/limits.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Outbox, OutboxItem } from '../ports/outbox.ts';

export type Delivered =
  | { kind: 'delivered' }
  /** The receiver was not reached or did not answer to the matter. */
  | { kind: 'retry'; error: string }
  /** The receiver failed over this item: it may heal, but not for ever. */
  | { kind: 'fault'; error: string }
  /** A person has to look. */
  | { kind: 'park'; error: string };

export interface DeliveryParts {
  readonly topic: string;
  readonly outbox: Outbox;
  /** Does not throw; ends when `signal` aborts. */
  readonly deliver: (item: OutboxItem, signal: AbortSignal) => Promise<Delivered>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  readonly log: Log;
}

/**
 * INVARIANTS
 * - At most one item of a lane is on its way, and what became of it is on disk before the next.
 * - An item leaves the outbox only after the receiver's yes: a crash in between delivers it twice.
 * - At most one timer is set; nothing runs after `stop` has resolved.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #onTheirWay = new Map<string, Promise<void>>();
  /** Faults of an item in this process's life; a restart counts anew. */
  readonly #faults = new Map<number, number>();
  readonly #end = new AbortController();
  #running = false;
  #woken = false;
  #forgetTimer: (() => void) | null = null;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = true;
    this.#look();
  }

  /** Something may be due: looks soon, once for many calls. */
  wake(): void {
    if (!this.#running || this.#woken) return;
    this.#woken = true;
    this.#lookIn(DELIVERY_WAKE_MS);
  }

  /** The settings have changed: what waits for its next try is tried now. */
  hurry(): void {
    if (this.#running) this.#look(Number.MAX_SAFE_INTEGER);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#forgetTimer?.();
    this.#end.abort(new Error('stopping'));
    await Promise.all(this.#onTheirWay.values());
  }

  #look(dueBy = this.#parts.clock.now()): void {
    const { outbox, topic, log } = this.#parts;
    this.#forgetTimer?.();
    this.#forgetTimer = null;
    this.#woken = false;
    if (!this.#running) return;
    try {
      for (const item of outbox.due(topic, dueBy, OUTBOX_LOOK_MAX)) {
        if (this.#onTheirWay.size >= DELIVERIES_AT_ONCE) return; // the next to end looks again
        if (!this.#onTheirWay.has(item.lane)) this.#send(item);
      }
      const next = outbox.nextDue(topic);
      if (next === null || this.#onTheirWay.size >= DELIVERIES_AT_ONCE) return;
      const waitMs = next - this.#parts.clock.now();
      // What is due and on its way hides what falls due behind it: look again in a while.
      this.#lookIn(Math.min(Math.max(waitMs, DELIVERY_RETRY_MS.first), DELIVERY_RETRY_MS.longest));
    } catch (error) {
      log.error('outbox-not-read', { topic }, error);
      this.#lookIn(DELIVERY_RETRY_MS.first);
    }
  }

  #lookIn(ms: number): void {
    this.#forgetTimer?.();
    this.#forgetTimer = this.#parts.clock.after(ms, () => this.#look());
  }

  #send(item: OutboxItem): void {
    const done = this.#deliver(item).finally(() => {
      this.#onTheirWay.delete(item.lane);
      this.#look();
    });
    this.#onTheirWay.set(item.lane, done);
  }

  /** Never rejects. */
  async #deliver(item: OutboxItem): Promise<void> {
    const { deliver, topic, log } = this.#parts;
    try {
      const delivered = await deliver(item, this.#end.signal);
      // Nothing was decided about an item that we ourselves cut off.
      if (this.#end.signal.aborted && delivered.kind !== 'delivered') return;
      await this.#record(item, delivered);
    } catch (error) {
      log.error('delivery-failed', { topic, item: item.id, lane: item.lane }, error);
      // The lane rests as after a failure, so that a defect or a full disk is no busy loop.
      await this.#rest();
    }
  }

  async #record(item: OutboxItem, delivered: Delivered): Promise<void> {
    const { outbox, clock, log, topic } = this.#parts;
    if (delivered.kind === 'delivered') {
      this.#faults.delete(item.id);
      await outbox.delivered(item.id);
      return;
    }
    const error = delivered.error.slice(0, DELIVERY_ERROR_LENGTH_MAX);
    const faults = (this.#faults.get(item.id) ?? 0) + (delivered.kind === 'fault' ? 1 : 0);
    const fields = { topic, item: item.id, lane: item.lane, attempts: item.attempts + 1, error };
    if (delivered.kind === 'park' || faults >= SERVER_FAULTS_MAX) {
      this.#faults.delete(item.id);
      log.error('delivery-parked', fields);
      await outbox.park(item.id, error);
      return;
    }
    if (faults > 0) this.#faults.set(item.id, faults);
    log.warn('delivery-postponed', fields);
    await outbox.retryAt(item.id, clock.now() + this.#pauseMs(item.attempts), error);
  }

  /** Doubled with each attempt; half of it is chance, so that a hundred shops do not march. */
  #pauseMs(attempts: number): number {
    const { first, longest } = DELIVERY_RETRY_MS;
    const full = Math.min(first * 2 ** Math.min(attempts, 30), longest);
    return Math.round(full * (0.5 + this.#parts.random.fraction() / 2));
  }

  async #rest(): Promise<void> {
    try {
      await this.#parts.clock.sleep(DELIVERY_RETRY_MS.first, this.#end.signal);
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }
}
