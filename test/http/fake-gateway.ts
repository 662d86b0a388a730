// A gateway in memory with the behaviour that façades rely on: events through `transition`, a
// queue, a gate, refusals. Terminals do nothing by themselves; a test moves operations by hand.
import type { Answer, OperationEvent } from '../../app/src/domain/event.ts';
import { refuse } from '../../app/src/domain/failures.ts';
import type { OperationId, TerminalId } from '../../app/src/domain/ids.ts';
import {
  isFinal,
  KINDS,
  type Operation,
  type OperationKind,
} from '../../app/src/domain/operation.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import { transition } from '../../app/src/domain/transition.ts';
import { beyondLimits, seesTerminal, visible } from '../../app/src/operations/access.ts';
import type {
  Counters,
  Done,
  Gateway,
  Health,
  Principal,
  Started,
  TerminalChange,
  TerminalView,
  Verdict,
} from '../../app/src/operations/gateway.ts';
import { bodyHash, type OperationBody } from '../../app/src/operations/request-schema.ts';
import { type TerminalSettings, terminalSchema } from '../../app/src/operations/settings-schema.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import type { OperationPage, OperationQuery, StoredEvent } from '../../app/src/ports/ledger.ts';
import type { DriverTest } from '../../app/src/ports/terminal-driver.ts';

type Listener = (event: StoredEvent, operation: Operation) => void;

export class FakeGateway implements Gateway {
  readonly rows = new Map<OperationId, Operation>();
  readonly stored: StoredEvent[] = [];
  readonly settings = new Map<string, TerminalSettings>();
  readonly abandoned: OperationId[] = [];
  readonly testSignals: AbortSignal[] = [];
  sick: string | null = null;
  /** Whole sales happen at once where this is set. */
  instantly = false;
  readonly #clock: Clock;
  readonly #listeners = new Map<OperationId, Set<Listener>>();

  constructor(clock: Clock) {
    this.#clock = clock;
    for (const id of ['till-1', 'till-2']) {
      this.settings.set(
        id,
        terminalSchema.parse({
          id,
          name: `Hall ${id}`,
          driver: 'fake',
          address: 'tcp://10.0.0.1:1',
        }),
      );
    }
  }

  async start(who: Principal, id: OperationId, body: OperationBody): Promise<Started> {
    const beyond = beyondLimits(who, body);
    if (beyond !== null) return { kind: 'refused', refusal: beyond };
    const known = this.rows.get(id);
    const hash = bodyHash(body);
    if (known !== undefined) {
      if (known.bodyHash === hash) return { kind: 'operation', operation: known, repeated: true };
      const facts = { operation: id, bodyHash: known.bodyHash };
      return { kind: 'refused', refusal: refuse('id-reused', 'another body', facts) };
    }
    const terminal = (body.terminal ?? 'till-1') as TerminalId;
    if (!this.settings.has(terminal)) {
      return { kind: 'refused', refusal: refuse('unknown-terminal', `no terminal ${terminal}`) };
    }
    const holder = this.#holder(terminal);
    if (holder?.state === 'unknown' && KINDS[body.kind].gated) {
      const facts = { operation: holder.id, terminal };
      return { kind: 'refused', refusal: refuse('terminal-unresolved', 'unresolved', facts) };
    }
    if (holder !== undefined && body.busy !== 'wait') {
      return { kind: 'refused', refusal: refuse('terminal-busy', 'busy', { terminal }) };
    }
    const at = this.#clock.now();
    const { busy: _busy, ...asked } = body;
    const request = {
      of: null,
      rrn: null,
      invoice: null,
      discount: 0,
      ...asked,
      terminal,
      currency: body.currency ?? 'UAH',
      merchant: body.merchant ?? null,
      reference: body.reference ?? null,
      cashier: body.cashier ?? null,
      order: body.order ?? null,
    } as unknown as Operation['request'];
    this.emit(id, { kind: 'accepted', at, id, request, bodyHash: hash, askedBy: who.name });
    if (holder !== undefined) this.emit(id, { kind: 'queued', at });
    else this.emit(id, { kind: 'started', at, watermark: null });
    if (this.instantly) this.approve(id);
    return { kind: 'operation', operation: this.rows.get(id)!, repeated: false };
  }

  /** Applies an event and tells the listeners. */
  emit(id: OperationId, event: OperationEvent): void {
    const moved = transition(this.rows.get(id) ?? null, event);
    if (moved.kind === 'illegal') throw new Error(moved.reason);
    this.rows.set(id, moved.operation);
    const stored = { seq: this.stored.length + 1, operation: id, event, hash: '' };
    this.stored.push(stored);
    for (const listener of this.#listeners.get(id) ?? []) listener(stored, moved.operation);
  }

  display(id: string, text: string): void {
    const at = this.#clock.now();
    this.emit(id as OperationId, { kind: 'display', at, status: '1', text });
  }

  approve(id: string): void {
    const { request } = this.rows.get(id as OperationId)!;
    const amount = 'amount' in request ? request.amount : null;
    this.emit(id as OperationId, {
      kind: 'concluded',
      at: this.#clock.now(),
      outcome: {
        kind: 'approved',
        code: 'approved',
        approvedAmount: amount,
        discount: null,
        bonus: null,
        result: {
          ...EMPTY_RESULT,
          rrn: '014721258513',
          card: { mask: '516815******9659', brand: 'MasterCard', issuer: null, entry: 'chip' },
          receipt: { merchant: 'ЧЕК ТОРГОВЦЯ', customer: 'ЧЕК КЛІЄНТА' },
        },
      },
    });
  }

  lose(id: string): void {
    const at = this.#clock.now();
    const lost = {
      kind: 'lost',
      at,
      code: 'lost-answer',
      terminalText: null,
      result: null,
    } as const;
    this.emit(id as OperationId, lost);
  }

  find(who: Principal, id: OperationId): Operation | null {
    return visible(who, this.rows.get(id) ?? null);
  }

  queuePosition(id: OperationId): number | null {
    const queued = [...this.rows.values()].filter(({ state }) => state === 'queued');
    const index = queued.findIndex((row) => row.id === id);
    return index < 0 ? null : index + 1;
  }

  async wait(who: Principal, id: OperationId, ms: number, signal: AbortSignal) {
    const row = this.find(who, id);
    if (row === null || isFinal(row.state) || signal.aborted) return row;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        forget();
        stop();
        resolve();
      };
      const forget = this.#clock.after(ms, finish);
      const stop = this.subscribe(id, (_event, next) => {
        if (isFinal(next.state)) finish();
      });
      signal.addEventListener('abort', finish, { once: true });
    });
    return this.find(who, id);
  }

  list(who: Principal, query: OperationQuery): OperationPage {
    const all = [...this.rows.values()]
      .toReversed()
      .filter((row) => seesTerminal(who, row.request.terminal))
      .filter((row) => query.terminal === undefined || row.request.terminal === query.terminal)
      .filter((row) => query.state === undefined || row.state === query.state)
      .filter((row) => query.reference === undefined || row.request.reference === query.reference)
      .filter((row) => query.from === undefined || row.createdAt >= query.from);
    const from = Number(query.cursor ?? '0');
    if (Number.isNaN(from)) throw new RangeError('not a cursor of this list');
    const operations = all.slice(from, from + query.limit);
    const next = from + query.limit < all.length ? String(from + query.limit) : null;
    return { operations, next };
  }

  events(who: Principal, id: OperationId, after: number): readonly StoredEvent[] {
    if (this.find(who, id) === null) return [];
    return this.stored.filter(({ operation, seq }) => operation === id && seq > after);
  }

  subscribe(id: OperationId, listener: Listener): () => void {
    const set = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, set.add(listener));
    return () => set.delete(listener);
  }

  subscribeAll(): () => void {
    return () => undefined;
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  async cancel(who: Principal, id: OperationId): Promise<Done> {
    const row = this.find(who, id);
    if (row === null) return unknownOperation(id);
    if (isFinal(row.state)) return notNow('it is final');
    this.emit(id, { kind: 'cancel-requested', at: this.#clock.now(), by: who.name });
    return { kind: 'operation', operation: this.rows.get(id)! };
  }

  async answer(who: Principal, id: OperationId, answer: Answer): Promise<Done> {
    const row = this.find(who, id);
    if (row === null) return unknownOperation(id);
    if (row.question?.kind !== answer.kind) return notNow('no such question');
    this.emit(id, { kind: 'answered', at: this.#clock.now(), answer, by: who.name });
    return { kind: 'operation', operation: this.rows.get(id)! };
  }

  async resolve(who: Principal, id: OperationId, verdict: Verdict): Promise<Done> {
    const row = this.find(who, id);
    if (row === null) return unknownOperation(id);
    if (row.state !== 'unknown') return notNow('it is not unknown');
    const at = this.#clock.now();
    const { name, reason } = verdict;
    this.emit(id, {
      kind: 'resolved',
      at,
      outcome:
        verdict.verdict === 'approved'
          ? {
              kind: 'approved',
              code: 'approved',
              approvedAmount: verdict.amount,
              discount: null,
              bonus: null,
              result: EMPTY_RESULT,
            }
          : { kind: verdict.verdict, code: 'never-happened', terminalText: null, result: null },
      resolution: { by: 'person', at, name, reason, key: who.name },
      record: null,
    });
    return { kind: 'operation', operation: this.rows.get(id)! };
  }

  async abandon(id: OperationId): Promise<void> {
    if (this.rows.get(id)?.state !== 'queued') return;
    this.abandoned.push(id);
    const outcome = {
      kind: 'cancelled',
      code: 'left-queue',
      terminalText: null,
      result: null,
    } as const;
    this.emit(id, { kind: 'concluded', at: this.#clock.now(), outcome });
  }

  terminals(who: Principal): readonly TerminalView[] {
    return [...this.settings.values()]
      .filter(({ id }) => seesTerminal(who, id))
      .map((settings) => this.#view(settings));
  }

  terminal(who: Principal, id: TerminalId): TerminalView | null {
    return this.terminals(who).find(({ settings }) => settings.id === id) ?? null;
  }

  async putTerminal(_who: Principal, settings: TerminalSettings): Promise<TerminalChange> {
    if (settings.options['wrong'] !== undefined) {
      const errors = [{ path: 'options.wrong', message: 'not an option of this driver' }];
      return { kind: 'refused', refusal: refuse('invalid-request', 'not valid', { errors }) };
    }
    const created = !this.settings.has(settings.id);
    this.settings.set(settings.id, settings);
    return { kind: 'terminal', terminal: this.#view(settings), created };
  }

  async removeTerminal(_who: Principal, id: TerminalId): Promise<TerminalChange> {
    if (this.settings.delete(id)) return { kind: 'removed' };
    return { kind: 'refused', refusal: refuse('unknown-terminal', `no terminal ${id}`) };
  }

  async testTerminal(_who: Principal, id: TerminalId, signal: AbortSignal) {
    this.testSignals.push(signal);
    if (!this.settings.has(id)) return refuse('unknown-terminal', `no terminal ${id}`);
    const found: DriverTest = { ok: true, steps: [{ name: 'connect', ok: true, detail: '3 ms' }] };
    return found;
  }

  health(): Health {
    return {
      ok: this.sick === null,
      parts: [{ name: 'ledger', ok: this.sick === null, reason: this.sick }],
    };
  }

  counters(): Counters {
    return {
      operations: [{ kind: 'purchase', state: 'approved', count: 3 }],
      refusals: [{ code: 'terminal-busy', count: 1 }],
      unresolved: 0,
      open: 1,
      ledgerBacklog: 0,
      lastCommitMs: 2,
      lookups: { decided: 1, ambiguous: 0 },
    };
  }

  #holder(terminal: string): Operation | undefined {
    return [...this.rows.values()].find(
      ({ request, state }) => request.terminal === terminal && !isFinal(state),
    );
  }

  #view(settings: TerminalSettings): TerminalView {
    const holder = this.#holder(settings.id);
    const unresolved = holder?.state === 'unknown' ? holder.id : null;
    const link = unresolved !== null ? 'unresolved' : holder === undefined ? 'ready' : 'busy';
    return {
      settings,
      capabilities: {
        kinds: Object.keys(KINDS) as OperationKind[],
        instalments: ['parts'],
        services: [],
        cancel: true,
        adjust: true,
      },
      link: settings.disabled ? 'disabled' : link,
      since: this.#clock.now(),
      reason: null,
      current: holder?.id ?? null,
      unresolved,
      queued: 0,
      lastSeen: this.#clock.now(),
      clockSkewMs: 0,
      identity: {
        vendor: 'Acme',
        model: 'M1',
        firmware: '1.0',
        terminalId: 'T1',
        merchants: { '1': 'Shop' },
        merchantTerminalIds: { '1': 'M0000001' },
      },
    };
  }
}

function unknownOperation(id: OperationId): Done {
  return { kind: 'refused', refusal: refuse('unknown-operation', `no operation ${id}`) };
}

function notNow(detail: string): Done {
  return { kind: 'refused', refusal: refuse('not-cancellable', detail) };
}
