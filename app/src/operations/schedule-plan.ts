// Which settlement is due when, and what to do about it. Pure: the clock is an argument.
import { localDate, addDays, type LocalDate, momentOf } from '../domain/days.ts';
import { type Instant, type OperationId, operationId } from '../domain/ids.ts';
import { SCHEDULE_DAYS_BACK, SETTLEMENT_RETRY_MS, SETTLEMENT_WINDOW_MS } from '../domain/limits.ts';
import { isFinal, type Operation } from '../domain/operation.ts';
import type { TerminalView } from './gateway.ts';
import type { MissedReason } from './schedule-notes.ts';
import type { Settings, TerminalSettings } from './settings-schema.ts';

/** Who asks, in the ledger; the reference of its operations too. No key may have this name. */
export const SCHEDULE_NAME = 'schedule';

/** What one settlement closes: a merchant of a terminal, 0 for all of them. */
export interface Target {
  readonly terminal: string;
  readonly merchant: number;
}

/** Neither part has a full stop in it. */
export function nameOfTarget({ terminal, merchant }: Target): string {
  return `${terminal}.${merchant}`;
}

/**
 * The same for the same day, whatever happened in between: whoever asks twice asks for the same
 * operation. A further try of a day has a number, for the one before it is in the ledger as failed.
 */
export function idOfTry(target: Target, date: LocalDate, number: number): OperationId {
  const first = `${SCHEDULE_NAME}.${date}.${nameOfTarget(target)}`;
  return operationId(number === 1 ? first : `${first}.${number}`);
}

/**
 * Enabled terminals that can settle or are named. One that was planned before stays so while it
 * cannot: some tell what they can only while they are connected.
 */
export function targetsOf(
  { settlement }: Pick<Settings, 'settlement'>,
  views: readonly TerminalView[],
  planned: (name: string) => boolean,
): readonly Target[] {
  return views
    .filter(({ settings }) => !settings.disabled)
    .filter(({ settings }) => settlement.terminals?.includes(settings.id) ?? true)
    .flatMap((view) => {
      const able = settlement.terminals !== null || canSettle(view);
      const all = merchantsOf(view.settings, settlement.perMerchant);
      const targets = all.map((merchant) => ({ terminal: view.settings.id, merchant }));
      return targets.filter((target) => able || planned(nameOfTarget(target)));
    });
}

export function canSettle(view: TerminalView): boolean {
  return view.capabilities.kinds.includes('settlement');
}

/** Where the main merchant (0) is named, it cannot be told from all: one settlement closes all. */
function merchantsOf({ merchants }: TerminalSettings, each: boolean): readonly number[] {
  const indexes = merchants.map(({ index }) => index);
  return !each || indexes.length === 0 || indexes.includes(0) ? [0] : indexes;
}

export interface Appointment {
  readonly date: LocalDate;
  readonly due: Instant;
}

/** Of today and the days before, the oldest first; what is longer past is nobody's business. */
export function appointmentsUntil(
  today: LocalDate,
  at: string,
  zone: string,
): readonly Appointment[] {
  return Array.from({ length: SCHEDULE_DAYS_BACK + 1 }, (_, index) => {
    const date = addDays(today, index - SCHEDULE_DAYS_BACK);
    return { date, due: momentOf(date, at, zone) };
  });
}

export function nextAppointment(now: Instant, at: string, zone: string): Instant {
  const today = localDate(now, zone);
  const due = momentOf(today, at, zone);
  return due > now ? due : momentOf(addDays(today, 1), at, zone);
}

export interface Run {
  readonly due: Instant;
  readonly now: Instant;
  /** Operations of this day for this target, in the order of their numbers. */
  readonly tries: readonly Operation[];
  /** Why it cannot begin now. */
  readonly obstacle: MissedReason | null;
  /** What was in the way when it was looked at before. */
  readonly earlier: MissedReason;
}

export type Decision =
  /** Nothing is to be done for this day any more. */
  | { kind: 'closed' }
  | { kind: 'wait'; why: MissedReason | null }
  | { kind: 'start' }
  | { kind: 'missed'; reason: MissedReason; operation: OperationId | null };

export function decide(run: Run): Decision {
  const last = run.tries.at(-1) ?? null;
  if (last !== null) {
    // The ledger knows how it goes on; an unknown one needs a person and says so by itself.
    if (!isFinal(last.state)) return { kind: 'wait', why: null };
    if (isDone(last)) return { kind: 'closed' };
    if (last.state === 'cancelled') {
      return { kind: 'missed', reason: 'cancelled', operation: last.id };
    }
  }
  if (run.now > run.due + SETTLEMENT_WINDOW_MS) {
    const reason = last === null ? run.earlier : 'not-successful';
    return { kind: 'missed', reason, operation: last?.id ?? null };
  }
  if (last !== null && run.now < (last.finishedAt ?? 0) + pauseAfter(run.tries.length)) {
    return { kind: 'wait', why: 'not-successful' };
  }
  return run.obstacle === null ? { kind: 'start' } : { kind: 'wait', why: run.obstacle };
}

/** An empty batch is as good as a closed one. */
function isDone({ state, message }: Operation): boolean {
  return state === 'approved' || state === 'reversed' || message.code === 'journal-empty';
}

function pauseAfter(tries: number): number {
  const { first, longest } = SETTLEMENT_RETRY_MS;
  return Math.min(first * 2 ** (tries - 1), longest);
}

/** Why the terminal takes nothing now, where that can be seen without asking it. */
export function obstacleOf(view: TerminalView): MissedReason | null {
  if (view.unresolved !== null) return 'terminal-unresolved';
  if (view.link === 'offline' || view.link === 'disabled') return 'terminal-offline';
  return null;
}
