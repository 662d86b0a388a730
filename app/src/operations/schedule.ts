// Starts the settlement of each terminal once a day, as anybody else would, and says when it did
// not happen. The ledger is what it remembers its runs by.
import { knownZone, type LocalDate, localDate } from '../domain/days.ts';
import type { Instant } from '../domain/ids.ts';
import { SCHEDULE_LOOK_MS, SETTLEMENT_TRIES_MAX } from '../domain/limits.ts';
import type { Operation } from '../domain/operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { Gateway, Principal, TerminalView } from './gateway.ts';
import type { OperationBody } from './request-schema.ts';
import type { MissedReason, MissedSettlement, ScheduleNotes } from './schedule-notes.ts';
import {
  type Appointment,
  appointmentsUntil,
  decide,
  idOfTry,
  nameOfTarget,
  nextAppointment,
  obstacleOf,
  SCHEDULE_NAME,
  type Target,
  targetsOf,
} from './schedule-plan.ts';
import type { Settings } from './settings-schema.ts';

export interface ScheduleParts {
  readonly gateway: Pick<Gateway, 'start' | 'find' | 'terminals'>;
  readonly settings: Pick<SettingsStore<Settings>, 'current'>;
  readonly notes: SettingsStore<ScheduleNotes>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What pages see of it. */
export interface ScheduleView {
  /** Newest first. */
  missed(): readonly MissedSettlement[];
  /** When the next one is due; null where none is. */
  next(): Instant | null;
}

/** May read, and start settlements; nothing else. */
const WHO: Principal = {
  name: SCHEDULE_NAME,
  role: 'till',
  limits: { terminals: null, kinds: ['settlement'], amountMax: 0 },
};

/** Refusals that pass, by what stands in the way; any other is `refused`. */
const PASSING: Readonly<Record<string, MissedReason>> = {
  'terminal-busy': 'terminal-busy',
  'terminal-unresolved': 'terminal-unresolved',
  'unknown-terminal': 'terminal-offline',
  'ledger-unavailable': 'ledger-unavailable',
};

/**
 * INVARIANTS
 * - One look at a time. A try starts only after the one before it is final in the ledger, and its
 *   id follows from day, terminal and merchant alone: no restart, no step of the clock and no
 *   second schedule can make two of one.
 * - Nothing starts while the time of day is not trusted, or for a time before the plan was made.
 */
export class Schedule implements ScheduleView {
  readonly #parts: ScheduleParts;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  /** Days and targets that need no further look, by day. */
  readonly #closed = new Map<LocalDate, Set<string>>();
  /** What was in the way at the last look, by the id of the first try. */
  readonly #obstacles = new Map<string, MissedReason>();
  #untrusted = false;
  #calendar: { readonly name: string; readonly appointments: readonly Appointment[] } = {
    name: '',
    appointments: [],
  };

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  missed(): readonly MissedSettlement[] {
    return this.#parts.notes.current().missed;
  }

  next(): Instant | null {
    const { settlement, shop } = this.#parts.settings.current();
    if (!settlement.enabled || this.#targets().length === 0) return null;
    return nextAppointment(this.#parts.clock.now(), settlement.at, knownZone(shop.timeZone));
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        // Payments go on without it, and the next look tries again.
        log.error('schedule-failed', {}, error);
      }
      await clock.sleep(SCHEDULE_LOOK_MS, signal).catch(() => undefined); // stopped: the loop ends
    }
  }

  /** One look: starts what is due, notes what cannot be done any more. */
  async look(): Promise<void> {
    const { settings, clock } = this.#parts;
    const { settlement, shop } = settings.current();
    if (!settlement.enabled) return this.#forgetPlan();
    if (!clock.trusted()) {
      this.#untrusted = true;
      return;
    }
    const zone = knownZone(shop.timeZone);
    const targets = this.#targets();
    await this.#keepPlan({ at: settlement.at, timeZone: shop.timeZone }, targets);
    const appointments = this.#appointments(settlement.at, zone);
    for (const date of this.#closed.keys()) {
      if (!appointments.some((one) => one.date === date)) this.#closed.delete(date);
    }
    const views = new Map(this.#views().map((view) => [view.settings.id, view]));
    for (const appointment of appointments.filter(({ due }) => due <= clock.now())) {
      for (const target of targets) {
        const view = views.get(target.terminal);
        if (view !== undefined && !this.#stop.signal.aborted) {
          await this.#attend(appointment, target, view);
        }
      }
    }
    this.#untrusted = false;
  }

  /** Counted once a day: time zones are dear, and a look comes often. */
  #appointments(at: string, zone: string): readonly Appointment[] {
    const today = localDate(this.#parts.clock.now(), zone);
    const name = [today, at, zone].join(' ');
    if (this.#calendar.name !== name) {
      this.#calendar = { name, appointments: appointmentsUntil(today, at, zone) };
    }
    return this.#calendar.appointments;
  }

  async #attend({ date, due }: Appointment, target: Target, view: TerminalView): Promise<void> {
    const { clock, notes } = this.#parts;
    const name = nameOfTarget(target);
    if (this.#closed.get(date)?.has(name) === true) return;
    const { since, missed } = notes.current();
    const promised = due >= (since[name] ?? Number.MAX_SAFE_INTEGER);
    if (!promised || missed.some((one) => one.date === date && nameOfTarget(one) === name)) {
      this.#close(date, name);
      return;
    }
    const { tries, next } = this.#triesOf(target, date);
    const first = idOfTry(target, date, 1);
    const decision = decide({
      due,
      now: clock.now(),
      tries,
      obstacle: next === null ? 'not-successful' : obstacleOf(view),
      earlier:
        this.#obstacles.get(first) ?? (this.#untrusted ? 'clock-not-trusted' : 'gateway-off'),
    });
    switch (decision.kind) {
      case 'closed':
        this.#close(date, name);
        this.#obstacles.delete(first);
        return;
      case 'wait':
        if (decision.why !== null) this.#obstacles.set(first, decision.why);
        return;
      case 'start':
        if (next !== null) await this.#start(target, date, next);
        return;
      case 'missed': {
        const { reason, operation } = decision;
        await this.#note({ date, ...target, due, notedAt: clock.now(), reason, operation });
        this.#obstacles.delete(first);
      }
    }
  }

  async #start(target: Target, date: LocalDate, number: number): Promise<void> {
    const { gateway, log } = this.#parts;
    const id = idOfTry(target, date, number);
    const { terminal, merchant } = target;
    const body: OperationBody = {
      kind: 'settlement',
      terminal,
      merchant,
      reference: SCHEDULE_NAME,
      busy: 'wait',
    };
    const started = await gateway.start(WHO, id, body);
    if (started.kind === 'operation') {
      log.info('settlement-started', { operation: id, terminal, merchant });
      return;
    }
    const { code } = started.refusal;
    const reason = PASSING[code] ?? 'refused';
    const first = idOfTry(target, date, 1);
    if (this.#obstacles.get(first) !== reason) {
      log.warn('settlement-not-started', { operation: id, terminal, code });
    }
    this.#obstacles.set(first, reason);
  }

  /** Tries of that day, and the number of the next one; null where there were too many. */
  #triesOf(target: Target, date: LocalDate) {
    const tries: Operation[] = [];
    for (let number = 1; number <= SETTLEMENT_TRIES_MAX; number += 1) {
      const found = this.#parts.gateway.find(WHO, idOfTry(target, date, number));
      if (found === null) return { tries, next: number };
      // An id of somebody else's that looks like ours is not ours.
      if (found.askedBy === SCHEDULE_NAME) tries.push(found);
    }
    return { tries, next: null };
  }

  #views(): readonly TerminalView[] {
    return this.#parts.gateway.terminals(WHO);
  }

  #targets(): readonly Target[] {
    const { settings, notes } = this.#parts;
    const { since } = notes.current();
    return targetsOf(settings.current(), this.#views(), (name) => Object.hasOwn(since, name));
  }

  #close(date: LocalDate, name: string): void {
    const names = this.#closed.get(date) ?? new Set();
    this.#closed.set(date, names.add(name));
  }

  async #note(missed: MissedSettlement): Promise<void> {
    const { date, terminal, merchant, reason, operation } = missed;
    await this.#parts.notes.change((draft) => {
      draft.missed.unshift(missed);
    });
    this.#parts.log.warn('settlement-missed', { date, terminal, merchant, reason, operation });
    this.#close(date, nameOfTarget(missed));
  }

  /** A time that is set anew counts from now: what lies before it today was never promised. */
  async #keepPlan(
    plan: NonNullable<ScheduleNotes['plan']>,
    targets: readonly Target[],
  ): Promise<void> {
    const { notes, clock } = this.#parts;
    const now = clock.now();
    const before = notes.current();
    const same = before.plan?.at === plan.at && before.plan.timeZone === plan.timeZone;
    const names = targets.map(nameOfTarget);
    // A clock that was set back must not leave a promise in the future: it would keep for years.
    const kept = (name: string): Instant => Math.min(same ? (before.since[name] ?? now) : now, now);
    const since = Object.fromEntries(names.map((name) => [name, kept(name)]));
    const changed =
      !same ||
      names.length !== Object.keys(before.since).length ||
      names.some((name) => since[name] !== before.since[name]);
    if (!changed) return;
    this.#closed.clear();
    await notes.change((draft) => {
      draft.plan = plan;
      draft.since = since;
    });
  }

  async #forgetPlan(): Promise<void> {
    const { notes } = this.#parts;
    this.#closed.clear();
    this.#obstacles.clear();
    if (notes.current().plan === null) return;
    await notes.change((draft) => {
      draft.plan = null;
      draft.since = {};
    });
  }
}
