// Chance against the nexo driver under the whole gateway: answers lost in every way, late, foreign,
// Busy, NotFound, restarts of both sides. Whatever the weather, the ledger says what the journal of
// the terminal says, or it says «unknown» and nothing more is sold there.
// NEXO_SEEDS=100 for more stories, NEXO_SEED=7 for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OperationId, operationId } from '../../../app/src/domain/ids.ts';
import { isFinal, type Operation } from '../../../app/src/domain/operation.ts';
import type { RunningGateway } from '../../../app/src/operations/create-gateway.ts';
import { operationBodySchema } from '../../../app/src/operations/request-schema.ts';
import type { Clock } from '../../../app/src/ports/clock.ts';
import { arm, clear } from '../../../app/src/simulator/nexo/faults.ts';
import { minor } from '../../../app/src/simulator/nexo/messages.ts';
import { standaloneBody } from '../../../app/src/simulator/nexo/payment.ts';
import { childOf } from '../../../app/src/simulator/nexo/xml.ts';
import { serviceIdOf } from '../../../app/src/terminals/nexo/ids.ts';
import { Prng } from '../../kit/prng.ts';
import { SUPERVISOR, TILL, VERDICT } from '../../kit/world.ts';
import { REAL_CLOCK } from '../kit.ts';
import { Shop } from './shop.ts';

const STEPS = 10;
/** So long a loss may take to be settled by evidence; these pauses are short here. */
const PATIENCE_MS = 1_500;
const OPTIONS = {
  busyRetryMs: 20,
  // In the middle of what is shortened below nothing else may lie.
  queryTimeoutMs: 20_000,
  readyWaitMs: 6_000,
  signatureMs: 1_000,
};

const short = (ms: number): number => (ms >= 500 && ms <= 4_500 ? Math.ceil(ms / 40) : ms);

/** Pauses between looks at a lost operation are seconds; here they pass in a moment. */
function hurried(): Clock {
  return {
    ...REAL_CLOCK,
    sleep: (ms, signal) => REAL_CLOCK.sleep(short(ms), signal),
    after: (ms, callback) => REAL_CLOCK.after(short(ms), callback),
  };
}

const WEATHER = {
  fine: 6,
  decline: 1,
  signature: 2,
  tip: 1,
  partial: 1,
  'lost-answer': 3,
  'lost-request': 2,
  'status-500': 1,
  'garbage-answer': 1,
  'foreign-answer': 2,
  'late-answer': 2,
  'no-host': 1,
  'device-out': 1,
  busy: 2,
  'logged-out': 2,
  'reboot-before-card': 1,
  'reboot-after-authorisation': 1,
  'crash-of-ours': 2,
  'foreign-sale': 1,
} as const;
type Weather = keyof typeof WEATHER;

const QUESTIONS = { plain: 5, busy: 2, older: 1, 'plain-only': 1, busyForEver: 1 } as const;

class Story {
  readonly shop = new Shop(OPTIONS, hurried);
  readonly chance: Prng;
  readonly lines: string[] = [];
  gateway!: RunningGateway;
  #count = 0;

  constructor(seed: number) {
    this.chance = new Prng(seed);
  }

  async run(): Promise<void> {
    this.gateway = await this.shop.boot();
    for (let step = 0; step < STEPS; step += 1) await this.#step();
    assert.deepEqual(this.shop.terminal.faults, [], 'a strict parser takes all that was sent');
  }

  async #step(): Promise<void> {
    const { chance, shop } = this;
    const weather = chance.weighted(WEATHER);
    const question = chance.weighted(QUESTIONS);
    const original = chance.chance(0.3) ? this.#lastSale() : null;
    this.lines.push(`${weather}, questions ${question}${original === null ? '' : ', void'}`);
    this.#prepare(weather, question);
    const id = operationId(`op-${(this.#count += 1)}`);
    const body =
      original !== null
        ? { kind: 'void', of: original.id }
        : { kind: chance.chance(0.2) ? 'refund' : 'purchase', amount: chance.between(1, 99_999) };
    // A refund of this protocol takes the card again; the till still names a number.
    const whole = body.kind === 'refund' ? { ...body, rrn: '000000000000' } : body;
    const started = await this.gateway.start(TILL, id, operationBodySchema.parse(whole));
    assert.equal(started.kind, 'operation', JSON.stringify(started));
    if (question === 'older') await this.#forgetAfterSending();
    const answering = this.#answer(id);
    if (weather === 'crash-of-ours') {
      await REAL_CLOCK.sleep(chance.between(0, 40));
      shop.powerCut(chance.below(1_000));
      await REAL_CLOCK.sleep(chance.between(0, 60));
      this.gateway = await shop.boot();
    }
    const operation = await this.#settled(id);
    await answering;
    clear(shop.terminal);
    if (operation === null) return; // it was not on disk yet: nobody was told that it was taken
    this.lines.push(`  ${operation.id} ${operation.state} ${operation.message.code}`);
    if (isFinal(operation.state)) this.#compare();
    else await this.#aPersonDecides(operation);
  }

  /** What is armed for this one operation, and for the questions about it. */
  #prepare(weather: Weather, question: keyof typeof QUESTIONS): void {
    const { terminal } = this.shop;
    const { scripts, knobs } = terminal;
    const named = [
      'lost-answer',
      'lost-request',
      'status-500',
      'garbage-answer',
      'foreign-answer',
      'device-out',
      'reboot-before-card',
      'reboot-after-authorisation',
    ];
    if (named.includes(weather)) arm(terminal, weather, 1);
    if (weather === 'decline') scripts.push({ verdict: 'Refusal' });
    if (weather === 'signature') scripts.push({ signature: true });
    if (weather === 'tip') scripts.push({ tip: 500 });
    if (weather === 'partial') scripts.push({ verdict: 'Partial' });
    if (weather === 'no-host') scripts.push({ verdict: 'UnreachableHost' });
    if (weather === 'late-answer') scripts.push({ holdMs: 150, holdAt: 'after-authorisation' });
    if (weather === 'busy') knobs.paymentBusy = this.chance.between(1, 6);
    if (weather === 'logged-out') terminal.saleId = null;
    if (weather === 'foreign-sale') {
      const header = { ...EMPTY_HEADER, poiId: terminal.poiId };
      terminal.journal.push({ header, body: standaloneBody(terminal, 700), ok: true });
    }
    if (question === 'busy') knobs.statusBusy = this.chance.between(1, 4);
    if (question === 'busyForEver') knobs.statusBusy = weather === 'fine' ? 0 : 10_000;
    if (question === 'plain-only') knobs.statusPlainOnly = true;
  }

  /** What the terminal said before ours it says again, though ours is there. */
  async #forgetAfterSending(): Promise<void> {
    const { terminal } = this.shop;
    // One that has nothing older would say «not found» of what it did: that no till can see through.
    if (!terminal.journal.some(({ header }) => header.saleId === 'ECR1')) return;
    const sent = (): number =>
      terminal.received.filter((text) => /<(?:Payment|Reversal)Request/.test(text)).length;
    const before = sent();
    for (let n = 0; n < 50 && sent() === before; n += 1) await REAL_CLOCK.sleep(2);
    terminal.knobs.statusOlder = true;
  }

  /** The cashier looks at signatures, now and then not. */
  async #answer(id: OperationId): Promise<void> {
    const kind = this.chance.pick(['yes', 'no', 'nobody'] as const);
    const end = Date.now() + 600;
    while (Date.now() < end) {
      const operation = this.gateway.find(TILL, id);
      if (operation !== null && isFinal(operation.state)) return;
      if (operation?.question?.kind === 'confirm') {
        this.lines.push(`  signature: ${kind}`);
        if (kind === 'nobody') return;
        await this.gateway.answer(TILL, id, { kind: 'confirm', confirmed: kind === 'yes' });
      }
      await REAL_CLOCK.sleep(10);
    }
  }

  async #settled(id: OperationId): Promise<Operation | null> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const operation = this.gateway.find(TILL, id);
      if (operation === null || isFinal(operation.state)) return operation;
      if (operation.state === 'unknown' && Date.now() > end) return operation;
      // Anything else goes on: a terminal that answers must not be left in the middle.
      assert.ok(Date.now() < end + 8_000, `${id} runs for ever`);
      await REAL_CLOCK.sleep(10);
    }
  }

  #lastSale(): Operation | null {
    const { operations } = this.gateway.list(TILL, { state: 'approved', limit: 1 });
    const [last] = operations;
    return last !== undefined && last.request.kind === 'purchase' ? last : null;
  }

  /** The gate is shut, then the truth of the terminal is written down by hand. */
  async #aPersonDecides(operation: Operation): Promise<void> {
    assert.equal(operation.state, 'unknown', operation.state);
    const next = operationBodySchema.parse({ kind: 'purchase', amount: 100 });
    const refused = await this.gateway.start(TILL, operationId(`shut-${operation.id}`), next);
    assert.equal(refused.kind === 'refused' && refused.refusal.code, 'terminal-unresolved');
    const taken = this.#truth(operation);
    const verdict = { ...VERDICT, verdict: taken === null ? 'declined' : 'approved' } as const;
    const decided = await this.gateway.resolve(
      SUPERVISOR,
      operation.id,
      taken === null ? verdict : { ...verdict, amount: taken as never }, // sums of the journal
    );
    // Evidence may have come first.
    const late = decided.kind === 'refused' ? this.gateway.find(TILL, operation.id) : null;
    assert.ok(decided.kind !== 'refused' || (late !== null && isFinal(late.state)));
    this.#compare();
  }

  /** What the journal says of this operation: the money that stands, or null. */
  #truth({ id, request }: Operation): number | null {
    const { journal } = this.shop.terminal;
    if (request.kind === 'void') {
      const of = 'of' in request ? this.gateway.find(TILL, request.of as OperationId) : null;
      const own = Array.from({ length: 6 }, (_, at) => serviceIdOf(id, 'operation', at));
      const back = journal.some(
        ({ header, ok }) =>
          ok && header.category === 'Reversal' && own.includes(header.serviceId ?? ''),
      );
      return back ? (of?.approvedAmount ?? 0) : null;
    }
    const own = journal.filter(({ body, ok }) => ok && saleOf(body) === id);
    assert.ok(own.length <= 1, `${id} was paid ${own.length} times`);
    const [paid] = own;
    if (paid === undefined) return null;
    const reversed = journal.some(
      ({ header, body, ok }) =>
        ok && header.category === 'Reversal' && poiOf(body) === poiOf(paid.body),
    );
    const sum = childOf(paid.body, 'PaymentResult', 'AmountsResp')?.attributes['AuthorizedAmount'];
    return reversed ? null : minor(sum ?? '');
  }

  /** Every final operation, each time: later ones must not change what earlier ones say. */
  #compare(): void {
    for (const operation of this.gateway.list(TILL, { limit: 50 }).operations) {
      if (!isFinal(operation.state)) continue;
      const truth = this.#truth(operation);
      const told = operation.state === 'approved' ? operation.approvedAmount : null;
      assert.equal(told, truth, `${operation.id} ${operation.state}\n${this.lines.join('\n')}`);
    }
  }
}

const EMPTY_HEADER = {
  messageClass: 'Service',
  category: 'Payment',
  type: 'Request',
  serviceId: null,
  deviceId: null,
  saleId: '',
} as const;

type Body = Parameters<typeof childOf>[0];

function saleOf(body: Body): string | null {
  return childOf(body, 'SaleData', 'SaleTransactionID')?.attributes['TransactionID'] ?? null;
}

function poiOf(body: Body): string | null {
  return childOf(body, 'POIData', 'POITransactionID')?.attributes['TransactionID'] ?? null;
}

const one = process.env['NEXO_SEED'];
const count = Number(process.env['NEXO_SEEDS'] ?? '4');
const seeds = one === undefined ? Array.from({ length: count }, (_, at) => at + 1) : [Number(one)];

for (const seed of seeds) {
  test(`story ${seed}: the ledger says what the terminal did, or the gate is shut`, async () => {
    const story = new Story(seed);
    try {
      await story.run();
    } catch (error) {
      throw new Error(`${String(error)}\n${story.lines.join('\n')}`, { cause: error });
    } finally {
      await story.shop.close();
    }
  });
}
