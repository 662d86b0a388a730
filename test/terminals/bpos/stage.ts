// The real driver over the real process of the library, with the compiled test double in it.
import { mkdirSync } from 'node:fs';
import type { Answer } from '../../../app/src/domain/event.ts';
import { judge, type Watermark } from '../../../app/src/domain/evidence.ts';
import { type MinorUnits, minorUnits } from '../../../app/src/domain/money.ts';
import type { Operation, Question, RequestBody } from '../../../app/src/domain/operation.ts';
import type { Outcome, TransactionResult } from '../../../app/src/domain/outcome.ts';
import type {
  Exchange,
  TerminalDriver,
  TerminalSetup,
} from '../../../app/src/ports/terminal-driver.ts';
import { openCallOf } from '../../../app/src/terminals/bpos/address.ts';
import { createBposDriver } from '../../../app/src/terminals/bpos/driver.ts';
import { parseOptions } from '../../../app/src/terminals/bpos/options.ts';
import type { LibraryRoom } from '../../../app/src/bank-library/factory.ts';
import {
  CLOCK,
  DoubleTerminal,
  roomWithDouble,
  type Variant,
} from '../../bank-library/double/compile.ts';
import { NO_LOG, operationOf, RANDOM } from '../kit.ts';

/** Quick enough for a test, slow enough for a busy machine. */
export const QUICK = {
  pollMs: 5,
  settleMs: 0,
  cancelGraceMs: 150,
  stallMs: 400,
  callTimeoutMs: 2_000,
  queryTimeoutMs: 3_000,
  confirmTimeoutMs: 1_500,
  idleCheckMs: 60_000,
};

export interface Played {
  readonly outcome: Outcome;
  readonly watermark: Watermark | null;
  readonly startedCalls: number;
  /** What `confirming` made durable, in order. */
  readonly confirming: readonly { amount: MinorUnits; result: TransactionResult }[];
  readonly displays: readonly { status: string; text: string }[];
  readonly masks: readonly string[];
  readonly questions: readonly Question[];
}

export interface PlayOptions {
  readonly answer?: Answer | null;
  readonly original?: Operation | null;
  readonly cancel?: AbortSignal;
  readonly end?: AbortSignal;
  readonly onStarted?: () => void;
  readonly onConfirming?: () => void;
  readonly change?: Partial<Operation>;
}

/** One terminal and its driver; the folder and the journal outlive restarts of the driver. */
export class Stage {
  readonly terminal = new DoubleTerminal();
  readonly #options: TerminalSetup['options'];
  readonly #address: string;
  #room: LibraryRoom | null = null;
  #driver: TerminalDriver | null = null;
  #lastId = 0;

  constructor(options: TerminalSetup['options'] = {}, address = 'tcp://127.0.0.1:2000') {
    this.#options = { ...QUICK, ...options };
    this.#address = address;
    this.terminal.script();
  }

  static async open(
    options: TerminalSetup['options'] = {},
    variant: Variant = 'header',
    address = 'tcp://127.0.0.1:2000',
  ): Promise<Stage> {
    const stage = new Stage(options, address);
    stage.#room = await roomWithDouble(stage.terminal, variant);
    stage.startDriver();
    await stage.ready();
    return stage;
  }

  get driver(): TerminalDriver {
    if (this.#driver === null) throw new Error('the driver is not started');
    return this.#driver;
  }

  get room(): LibraryRoom | null {
    return this.#room;
  }

  startDriver(): void {
    mkdirSync(this.terminal.folder, { recursive: true });
    const parsed = parseOptions(this.#options);
    if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed.issues));
    const openCall = openCallOf(this.#address);
    if ('issue' in openCall) throw new Error(openCall.issue);
    const setup = {
      id: 'till-1',
      driver: 'bpos',
      address: this.#address,
      currency: 'UAH',
      defaultMerchant: 1,
      merchants: [],
      options: this.#options,
    } as const;
    const { options } = parsed;
    const around = { clock: CLOCK, random: RANDOM, log: NO_LOG, timeZone: 'UTC' };
    this.#driver = createBposDriver({ setup, options, openCall, library: this.#room, ...around });
    this.#driver.start();
  }

  async ready(): Promise<void> {
    await until(() => this.driver.link().kind === 'ready', 10_000, 'ready');
  }

  async close(): Promise<void> {
    await this.#driver?.stop();
    this.terminal.remove();
  }

  /** Runs one operation as the lane would. */
  async play(
    body: RequestBody,
    options: PlayOptions = {},
  ): Promise<Played & { operation: Operation }> {
    const id = `op-${++this.#lastId}` as Operation['id']; // matches the pattern
    const operation = operationOf(body, { id, createdAt: Date.now(), ...options.change });
    const never = new AbortController().signal;
    const seen = {
      watermark: null as Watermark | null,
      startedCalls: 0,
      startedAt: null as number | null,
      confirming: [] as { amount: MinorUnits; result: TransactionResult }[],
      displays: [] as { status: string; text: string }[],
      masks: [] as string[],
      questions: [] as Question[],
    };
    const exchange: Exchange = {
      operation,
      original: options.original ?? null,
      signal: options.end ?? never,
      cancelRequested: options.cancel ?? never,
      started: async (watermark) => {
        seen.startedCalls += 1;
        seen.watermark = watermark;
        seen.startedAt = Date.now();
        options.onStarted?.();
      },
      confirming: async (amount, result) => {
        seen.confirming.push({ amount, result });
        options.onConfirming?.();
      },
      display: (status, text) => seen.displays.push({ status, text }),
      cardSeen: (mask) => seen.masks.push(mask),
      ask: async (question) => {
        seen.questions.push(question);
        return options.answer ?? null;
      },
    };
    const outcome = await this.driver.perform(exchange);
    const { startedAt, watermark } = seen;
    return { outcome, ...seen, operation: { ...operation, watermark, startedAt } };
  }

  sale(kopecks: number, options: PlayOptions = {}): Promise<Played & { operation: Operation }> {
    const body = {
      kind: 'purchase',
      amount: minorUnits(kopecks),
      discount: minorUnits(0),
    } as const;
    return this.play(body, options);
  }

  /** Looks at the journal until it decides, or for `ms`; the outcome, or the code of the doubt. */
  async resolve(
    operation: Operation,
    ms = 8_000,
    original: Operation | null = null,
  ): Promise<Outcome | string> {
    const end = Date.now() + ms;
    let doubt = 'never looked';
    while (Date.now() < end) {
      const facts = await this.driver.lookUp(operation, new AbortController().signal);
      if (facts !== null) {
        const expectation = this.driver.expectation(operation, original);
        const { outcome, record } = judge(expectation, operation.watermark, facts);
        if (outcome !== null) return outcome;
        doubt = record.code;
        return doubt;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return doubt;
  }
}

export async function until(done: () => boolean, ms: number, what: string): Promise<void> {
  for (const end = Date.now() + ms; !done(); ) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The operation's row after its outcome, for follow-ups. */
export function rowOf(played: Played & { operation: Operation }): Operation {
  const { outcome, operation } = played;
  return {
    ...operation,
    state: outcome.kind,
    result: outcome.result,
    approvedAmount: outcome.kind === 'approved' ? outcome.approvedAmount : null,
  };
}
