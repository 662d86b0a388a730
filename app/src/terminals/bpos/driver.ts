// A terminal behind the bank's library (B-POS1).
import type { Expectation, TerminalFacts, Watermark } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import type { OperationKind } from '../../domain/operation.ts';
import type { Operation } from '../../domain/operation.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import type { Call, LibraryFactory } from '../../ports/bank-library.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  DriverCapabilities,
  DriverTest,
  Exchange,
  LinkState,
  TerminalDriver,
  TerminalIdentity,
  TerminalSetup,
} from '../../ports/terminal-driver.ts';
import { instantOf } from '../wire/local-time.ts';
import { runOperation } from './exchange.ts';
import { readFacts, readJournalEnd } from './journal.ts';
import { Line } from './line.ts';
import type { BposOptions } from './options.ts';
import { readIdentity } from './reports.ts';
import {
  amountsOf,
  FUNCTION_OF_KIND,
  FUNCTION_OF_SERVICE,
  INSTALMENT_PRODUCT,
  planOf,
} from './requests.ts';
import { localTimeOf } from './transaction.ts';
import type { Tools } from './waiting.ts';

export interface BposParts {
  readonly setup: TerminalSetup;
  readonly options: BposOptions;
  readonly openCall: Call;
  /** Null where this build keeps no libraries. */
  readonly library: LibraryFactory | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the shop: terminals show local time. */
  readonly timeZone: string;
}

/** A clock that is off by more than a day tells nothing. */
const SKEW_MS_MAX = 24 * 3_600_000;

export function createBposDriver(parts: BposParts): TerminalDriver {
  return new BposDriver(parts);
}

class BposDriver implements TerminalDriver {
  readonly #parts: BposParts;
  readonly #line: Line;
  #identity: TerminalIdentity | null = null;
  #watermark: Watermark | null = null;
  #skewMs: number | null = null;
  /** When the journal was first read for an operation, and first showed what it shows. */
  readonly #looked = new Map<string, { readonly at: number; readonly saw: string }>();
  /** Which transaction a void was to take back, for as long as this process knows. */
  readonly #voids = new Map<string, { readonly invoice: string; readonly merchant: number }>();

  constructor(parts: BposParts) {
    this.#parts = parts;
    const { setup, openCall, options, clock, random, log } = parts;
    this.#line = new Line({
      owner: setup.id,
      openCall,
      factory: parts.library,
      clock,
      random,
      log,
      options,
      onIdle: (tools) => this.#idle(tools),
    });
  }

  get capabilities(): DriverCapabilities {
    const missing = this.#parts.library?.current()?.missing ?? [];
    const kinds = Object.entries(FUNCTION_OF_KIND)
      .filter(([, name]) => !missing.includes(name))
      .map(([kind]) => kind as OperationKind); // keys of a table by kind
    const services = Object.entries(FUNCTION_OF_SERVICE)
      .filter(([, name]) => !missing.includes(name))
      .map(([service]) => service);
    const parts =
      this.#parts.options.instalmentService !== '' && !missing.includes('PurchaseService');
    return {
      kinds: [
        ...kinds,
        ...(services.length > 0 ? (['service'] as const) : []),
        ...(parts ? (['instalment'] as const) : []),
      ],
      instalments: parts ? [INSTALMENT_PRODUCT] : [],
      services,
      cancel: true,
      adjust: !missing.includes('CorrectTransaction'),
    };
  }

  start(): void {
    this.#line.start();
  }

  stop(): Promise<void> {
    return this.#line.stop();
  }

  link(): LinkState {
    return this.#line.state;
  }

  identity(): TerminalIdentity | null {
    return this.#identity;
  }

  clockSkewMs(): number | null {
    return this.#skewMs;
  }

  lastSeen(): Instant | null {
    return this.#line.lastSeen;
  }

  onLinkChange(listener: () => void): void {
    this.#line.onChange(listener);
  }

  async perform(exchange: Exchange): Promise<Outcome> {
    const { setup, options, log } = this.#parts;
    const { id, request } = exchange.operation;
    const plan = planOf(request, exchange.original, setup, options);
    if (plan.kind === 'refused') return failedOutcome(plan.code, plan.text);
    const moves = plan.conclusion !== 'plain';
    if (moves) {
      // The gate lets it through, so nothing earlier is unresolved.
      this.#looked.clear();
      this.#voids.clear();
    }
    if (plan.voids !== null) {
      this.#voids.set(id, { invoice: plan.voids, merchant: plan.merchant });
    }
    let begun = false;
    const used = await this.#line.use(options.turnWaitMs, async (tools) => {
      if (moves && this.#watermark === null) await this.#readWatermark(tools);
      const watermark = this.#watermark;
      // Whatever comes of it, the journal may end otherwise from here on.
      if (moves) this.#watermark = null;
      begun = true;
      const outcome = await runOperation({ tools, exchange, plan, watermark, log });
      if (moves) this.#measureSkew(outcome);
      return outcome;
    });
    if (moves) this.#line.checkSoon();
    if (used.kind === 'used') return used.value;
    if (used.kind === 'busy') return failedOutcome('terminal-busy-itself');
    return begun ? unknownOutcome('link-cut') : failedOutcome('terminal-offline', used.reason);
  }

  expectation(operation: Operation, original: Operation | null): Expectation {
    const { setup, options } = this.#parts;
    const { request } = operation;
    const plan = planOf(request, original, setup, options);
    const planned = plan.kind === 'plan' ? plan : null;
    const merchant = String(planned?.merchant ?? request.merchant ?? setup.defaultMerchant);
    return {
      kind: request.kind,
      amounts: planned === null ? [] : amountsOf(planned, operation),
      currency: request.currency,
      merchantTerminalId: this.#identity?.merchantTerminalIds[merchant] ?? null,
      startedAt: operation.startedAt ?? operation.createdAt,
      cardMask: operation.seen.cardMask,
      voids: planned?.voids ?? null,
    };
  }

  async lookUp(operation: Operation, signal: AbortSignal): Promise<TerminalFacts | null> {
    const { options, clock, timeZone } = this.#parts;
    const { request } = operation;
    const remembered = this.#voids.get(operation.id) ?? null;
    const named = request.kind === 'void' ? request.invoice : null;
    const merchant = request.merchant ?? this.#parts.setup.defaultMerchant;
    const used = await this.#line.use(options.turnWaitMs, async (tools) => {
      if (signal.aborted) return null;
      this.#identity = (await readIdentity(tools)) ?? this.#identity;
      return readFacts(tools, {
        watermark: operation.watermark,
        terminalId: this.#identity?.terminalId ?? null,
        timeZone,
        voids: remembered ?? (named === null ? null : { invoice: named, merchant }),
        startedAt: operation.startedAt ?? operation.createdAt,
        now: () => clock.now(),
        clockTrusted: clock.trusted(),
      });
    });
    const facts = used.kind === 'used' ? used.value : null;
    if (facts === null || !this.#isSettled(operation, facts)) return null;
    this.#looked.delete(operation.id);
    this.#watermark = null; // read anew before the next sale
    return facts;
  }

  /**
   * What was not confirmed is still an approval in the journal until the terminal takes it back,
   * and a customer may still stand before a terminal that shows nothing yet. So the journal is
   * believed once it has stayed the same for long enough; a reversal or a decline is final at once.
   */
  #isSettled(operation: Operation, facts: TerminalFacts): boolean {
    const { clock, options } = this.#parts;
    const saw = JSON.stringify([
      facts.lastInvoice,
      facts.batch,
      facts.newer.map(({ invoice, status }) => [invoice, status]),
    ]);
    const before = this.#looked.get(operation.id);
    const first = before?.saw === saw ? before : { at: clock.monotonic(), saw };
    this.#looked.set(operation.id, first);
    const [only] = facts.newer;
    const final = only?.status === 'reversed' || only?.status === 'declined';
    if (facts.newer.length === 1 && final) return true;
    return clock.monotonic() - first.at >= options.settleMs;
  }

  async test(signal: AbortSignal): Promise<DriverTest> {
    const { library, options } = this.#parts;
    const installed = library?.current() ?? null;
    const steps: { name: string; ok: boolean; detail: string }[] = [
      {
        name: 'library',
        ok: installed !== null,
        detail: installed === null ? 'not installed' : `${installed.fileName} ${installed.version}`,
      },
    ];
    if (signal.aborted) return { ok: false, steps };
    const used = await this.#line.use(options.turnWaitMs, async (tools) => {
      const identity = await readIdentity(tools);
      const end = await readJournalEnd(tools);
      return { identity, count: end.kind === 'read' ? end.count : null };
    });
    const reason = used.kind === 'unavailable' ? used.reason : 'the terminal is busy';
    const opened = used.kind === 'used';
    steps.push({ name: 'open', ok: opened, detail: opened ? 'the line is open' : reason });
    if (opened) {
      const { identity, count } = used.value;
      const who = identity?.terminalId ?? null;
      steps.push({
        name: 'info',
        ok: identity !== null,
        detail: who ?? 'the terminal does not say',
      });
      const told = count === null ? 'the journal was not read' : `${count} transactions`;
      steps.push({ name: 'journal', ok: count !== null, detail: told });
    }
    return { ok: steps.every(({ name, ok }) => ok || name === 'info'), steps };
  }

  async #idle(tools: Tools): Promise<boolean> {
    this.#identity ??= await readIdentity(tools);
    return this.#readWatermark(tools);
  }

  /** False where the terminal did not answer; an old watermark is still a true one. */
  async #readWatermark(tools: Tools): Promise<boolean> {
    const end = await readJournalEnd(tools);
    if (end.kind === 'unread') return false;
    this.#watermark = {
      readAt: tools.clock.now(),
      terminalId: this.#identity?.terminalId ?? null,
      batch: end.last?.result.batch ?? null,
      lastInvoice: end.last?.identity ?? null,
      clockSkewMs: this.#skewMs,
    };
    return true;
  }

  /** A sale just made shows how the terminal's clock differs from ours. */
  #measureSkew(outcome: Outcome): void {
    if (outcome.kind !== 'approved') return;
    const time = localTimeOf(outcome.result.terminalTime?.replace('T', ' ') ?? null);
    const at = time === null ? null : instantOf(time, this.#parts.timeZone);
    const skew = at === null ? null : at - this.#parts.clock.now();
    if (skew !== null && Math.abs(skew) < SKEW_MS_MAX) this.#skewMs = skew;
  }
}
