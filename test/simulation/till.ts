// A till of the story: asks, waits, asks again with the same id after anything that went wrong,
// and remembers every answer.
import { operationId } from '../../app/src/domain/ids.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import { isFinal, KINDS, type Operation } from '../../app/src/domain/operation.ts';
import type { Started } from '../../app/src/operations/gateway.ts';
import { operationBodySchema } from '../../app/src/operations/request-schema.ts';
import { TILL } from '../kit/world.ts';
import type { Story } from './story.ts';
import type { Wish } from './wishes.ts';

/** An answer that a till was given: it must be in the ledger for ever. */
export interface Told {
  readonly id: string;
  readonly operation: Operation;
}

/** How often a till asks before it gives up. */
const ATTEMPTS_MAX = 8;
/** How long it watches one operation. */
const PATIENCE_MS = 400_000;

export class Till {
  readonly #story: Story;
  readonly #name: string;

  constructor(story: Story, index: number) {
    this.#story = story;
    this.#name = `till ${index + 1}`;
  }

  async work(): Promise<void> {
    const { random } = this.#story;
    for (let left = random.between(1, 5); left > 0; left--) {
      await this.#sleep(random.between(0, 20_000));
      const sales = this.#story.told
        .map(({ operation }) => operation)
        .filter(({ request, state }) => request.kind === 'purchase' && state === 'approved');
      await this.#operate(this.#story.wishes.next(sales));
    }
  }

  async #operate(wish: Wish): Promise<void> {
    const { random } = this.#story;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const answer = await this.#put(wish);
      if (answer === 'gone') {
        await this.#sleep(random.between(500, 10_000));
        continue;
      }
      if (answer.kind === 'refused') {
        if (!PASSING.has(answer.refusal.code) || random.chance(0.3)) return;
        await this.#sleep(random.between(100, random.chance(0.3) ? 1_000 : 40_000));
        continue;
      }
      const watched = await this.#follow(wish, answer.operation);
      if (watched !== 'gone') return this.#ask(wish, watched);
      await this.#sleep(random.between(500, 10_000));
    }
  }

  async #put(wish: Wish): Promise<Started | 'gone'> {
    const body = operationBodySchema.parse(wish.body);
    const id = operationId(wish.id);
    const ask = (): Promise<Started | 'gone'> =>
      this.#story.ask((gateway) => gateway.start(TILL, id, body));
    // A repeat of the network may arrive together with the request.
    const twin = this.#story.random.chance(0.15) ? ask() : null;
    const answer = await ask();
    const other = await twin;
    if (other !== null && other !== 'gone' && other.kind === 'operation') {
      this.#note(other.operation);
    }
    this.#say(() => `${wish.id} ${JSON.stringify(wish.body)} → ${wordOf(answer)}`);
    if (answer === 'gone') return answer;
    if (answer.kind === 'operation') this.#note(answer.operation);
    else this.#checkRefusal(wish, answer.refusal);
    return answer;
  }

  /** Watches until it is final, unknown, or the till has no more patience. */
  async #follow(wish: Wish, first: Operation): Promise<Operation | 'gone'> {
    const { random, clock } = this.#story;
    const deadline = clock.monotonic() + PATIENCE_MS;
    let cancelAfter = random.chance(0.12) ? random.between(0, 15_000) : null;
    let operation = first;
    while (!isFinal(operation.state) && operation.state !== 'unknown') {
      if (clock.monotonic() > deadline) return operation;
      if (operation.state === 'queued' && random.chance(0.03)) await this.#abandon(wish);
      const pause = random.between(200, 4_000);
      const next = await this.#wait(wish, pause);
      if (next === 'gone' || next === null) return 'gone';
      operation = next;
      if (operation.question?.kind === 'adjust') await this.#adjust(wish);
      if (cancelAfter !== null && (cancelAfter -= pause) < 0) {
        cancelAfter = null;
        await this.#cancel(wish);
      }
    }
    return operation;
  }

  async #wait(wish: Wish, ms: number): Promise<Operation | null | 'gone'> {
    const id = operationId(wish.id);
    const { signal } = new AbortController();
    const row = await this.#story.ask((gateway) => gateway.wait(TILL, id, ms, signal));
    if (row === null) this.#story.fail(`${wish.id} was acknowledged and is not there`);
    if (row !== null && row !== 'gone') this.#note(row);
    return row;
  }

  /** After the end: the same request again, and sometimes another one under the same id. */
  async #ask(wish: Wish, ended: Operation): Promise<void> {
    const { random } = this.#story;
    if (random.chance(0.3)) {
      const again = await this.#put(wish);
      if (again !== 'gone' && (again.kind !== 'operation' || !again.repeated)) {
        this.#story.fail(`${wish.id} was asked again and answered ${wordOf(again)}`);
      }
    }
    if (wish.amount !== null && random.chance(0.1)) {
      const body = operationBodySchema.parse({ ...wish.body, reference: 'another' });
      const id = operationId(ended.id);
      const answer = await this.#story.ask((gateway) => gateway.start(TILL, id, body));
      if (answer !== 'gone' && wordOf(answer) !== 'id-reused') {
        this.#story.fail(`${wish.id} with another body was answered ${wordOf(answer)}`);
      }
    }
  }

  async #cancel(wish: Wish): Promise<void> {
    const id = operationId(wish.id);
    const done = await this.#story.ask((gateway) => gateway.cancel(TILL, id));
    this.#say(() => `${wish.id} cancel → ${wordOf(done)}`);
    if (done !== 'gone' && done.kind === 'operation') this.#note(done.operation);
  }

  async #abandon(wish: Wish): Promise<void> {
    await this.#story.ask((gateway) => gateway.abandon(operationId(wish.id)));
    this.#say(() => `${wish.id} abandoned`);
  }

  async #adjust(wish: Wish): Promise<void> {
    if (this.#story.random.chance(0.3)) return;
    const amount = minorUnits(wish.corrected);
    const answer = { kind: 'adjust', amount, discount: minorUnits(0) } as const;
    const id = operationId(wish.id);
    const done = await this.#story.ask((gateway) => gateway.answer(TILL, id, answer));
    this.#say(() => `${wish.id} adjust → ${wordOf(done)}`);
    if (done !== 'gone' && done.kind === 'operation') this.#note(done.operation);
  }

  #checkRefusal(wish: Wish, refusal: { code: string; facts: Readonly<Record<string, unknown>> }) {
    const ledger = this.#story.life?.ledger;
    if (ledger === undefined) return;
    if (ledger.find(operationId(wish.id)) !== null) {
      this.#story.fail(`${wish.id} is in the ledger and was refused: ${refusal.code}`);
    }
    if (refusal.code !== 'terminal-unresolved') return;
    const blocking = ledger.find(operationId(String(refusal.facts['operation'])));
    const open = blocking !== null && !isFinal(blocking.state);
    if (!open) this.#story.fail(`${wish.id} was refused by a gate that nothing closes`);
    if (!KINDS[operationBodySchema.parse(wish.body).kind].gated) {
      this.#story.fail(`${wish.id}, a ${wish.body.kind}, was refused by the gate`);
    }
  }

  #note(operation: Operation): void {
    this.#story.told.push({ id: operation.id, operation });
  }

  #sleep(ms: number): Promise<void> {
    return this.#story.clock.sleep(ms);
  }

  #say(line: () => string): void {
    this.#story.trace(() => `${this.#name} ${line()}`);
  }
}

/** Refusals that pass: the till asks again with the same id. */
const PASSING: ReadonlySet<string> = new Set([
  'terminal-busy',
  'terminal-unresolved',
  'ledger-unavailable',
]);

interface Answered {
  readonly kind: string;
  readonly refusal?: { readonly code: string };
  readonly operation?: Operation;
}

function wordOf(answer: Answered | 'gone'): string {
  if (answer === 'gone') return 'gone';
  return answer.refusal?.code ?? answer.operation?.state ?? answer.kind;
}
