// The settlement that starts by itself: its form, what it did, and what it could not do.
import type { TerminalId } from '../../../domain/ids.ts';
import { SETTLEMENT_WINDOW_MS } from '../../../domain/limits.ts';
import type { Operation } from '../../../domain/operation.ts';
import { textOf } from '../../../domain/texts/index.ts';
import type { TerminalView } from '../../../operations/gateway.ts';
import type { MissedReason, MissedSettlement } from '../../../operations/schedule-notes.ts';
import { canSettle, nameOfTarget, SCHEDULE_NAME } from '../../../operations/schedule-plan.ts';
import { turnoverOf } from '../day-sums.ts';
import type { Faults } from '../form.ts';
import type { Services, Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';
import { change, type FieldTable } from './change.ts';
import { merchantName, terminalNames } from './terminal-names.ts';
import { type Badge, badgeOfState } from './words.ts';

const SHOWN = 10;
/** Settlements among which the one before each shown one is looked for. */
const LOOKED_THROUGH = 200;
const LOOK_BACK_MS = 31 * 86_400_000;
const HOUR_MS = 3_600_000;

const FIELDS: FieldTable = {
  'settlement.at': ['scheduleAt', 'notATime'],
  'settlement.terminals': ['scheduleTerminals', 'chooseTerminal'],
};

const REASONS: Readonly<Record<MissedReason, TextKey>> = {
  'gateway-off': 'missedGatewayOff',
  'clock-not-trusted': 'missedClock',
  'terminal-unresolved': 'missedUnresolved',
  'terminal-offline': 'missedOffline',
  'terminal-busy': 'missedBusy',
  'ledger-unavailable': 'missedLedger',
  'not-successful': 'missedUnsuccessful',
  cancelled: 'missedCancelled',
  refused: 'missedRefused',
};

/** Null where the schedule is what was asked for. */
export async function handSchedule(services: Services, visit: Visit): Promise<Faults | null> {
  const { form } = visit;
  const before = services.settings.current().settlement;
  const enabled = form.checked('scheduleEnabled');
  const known = new Set(services.gateway.terminals(visit.who).map(({ settings }) => settings.id));
  const chosen = form.all('terminal').filter((id) => known.has(id));
  const all = form.text('which') === 'all' || (!enabled && chosen.length === 0);
  const settlement = {
    enabled,
    at: form.text('scheduleAt'),
    terminals: all ? null : chosen,
    perMerchant: form.checked('perMerchant'),
  };
  const faults = await change(services, visit, { settlement }, FIELDS);
  if (faults !== null) return faults;
  const after = services.settings.current().settlement;
  visit.audit('schedule-change', 'settlement', before, after);
  return null;
}

export async function scheduleModel(
  services: Services,
  visit: Visit,
  views: readonly TerminalView[],
) {
  const { settings, clock } = services;
  const { form, f, t } = visit;
  const { settlement, shop } = settings.current();
  // A form that came back shows what was typed, ticks too.
  const typed = form.has('scheduleAt') ? form : null;
  const chosen = typed?.all('terminal') ?? settlement.terminals ?? [];
  const all = typed === null ? settlement.terminals === null : typed.text('which') === 'all';
  const able = views.filter((view) => canSettle(view) || chosen.includes(view.settings.id));
  return {
    badge: settlement.enabled
      ? { look: 'good', icon: 'good', word: settlement.at }
      : { look: 'off', icon: 'off', word: t.scheduleIsOff },
    text: stateText(services, visit),
    clockDoubtful: settlement.enabled && !clock.trusted(),
    enabled: typed?.checked('scheduleEnabled') ?? settlement.enabled,
    at: typed?.text('scheduleAt') ?? settlement.at,
    hint: f.fill(t.scheduleHint, { hours: SETTLEMENT_WINDOW_MS / HOUR_MS }),
    atHint: f.fill(t.scheduleAtHint, { zone: shop.timeZone }),
    all,
    terminals: able.map(({ settings: { id, name } }) => ({
      id,
      name: name || id,
      checked: chosen.includes(id),
    })),
    hasMerchants: views.some(({ settings: { merchants } }) => merchants.length > 0),
    perMerchant: typed?.checked('perMerchant') ?? settlement.perMerchant,
    history: await historyOf(services, visit, views),
  };
}

function stateText({ settings, schedule }: Services, { f, t }: Visit): string {
  if (!settings.current().settlement.enabled) return t.scheduleOff;
  const next = schedule.next();
  return next === null ? t.scheduleNobody : f.fill(t.scheduleNext, { when: f.when(next) });
}

interface Line {
  readonly at: number;
  readonly when: string;
  readonly href: string | null;
  readonly terminal: string;
  readonly badge: Badge;
  readonly totals: string;
  readonly reason: string;
}

/** What the ledger has of it, and what it has not: the latest first. */
async function historyOf(
  services: Services,
  visit: Visit,
  views: readonly TerminalView[],
): Promise<readonly Line[]> {
  const { gateway, schedule } = services;
  const ours = { kind: 'settlement', reference: SCHEDULE_NAME, limit: SHOWN } as const;
  const done = gateway
    .list(visit.who, ours)
    .operations.filter(({ askedBy }) => askedBy === SCHEDULE_NAME);
  const settled = done.some(({ state }) => state === 'approved')
    ? gateway.list(visit.who, { kind: 'settlement', state: 'approved', limit: LOOKED_THROUGH })
        .operations
    : [];
  const lines = [
    ...done.map((operation) => ({ at: operation.createdAt, operation })),
    ...schedule
      .missed()
      .slice(0, SHOWN)
      .map((missed) => ({ at: missed.due, missed })),
  ]
    .sort((a, b) => b.at - a.at)
    .slice(0, SHOWN);
  return Promise.all(
    lines.map(async (line) =>
      'missed' in line
        ? missedLine(line.missed, visit, views)
        : doneLine(services, line.operation, visit, views, settled),
    ),
  );
}

async function doneLine(
  services: Services,
  operation: Operation,
  visit: Visit,
  views: readonly TerminalView[],
  settled: readonly Operation[],
): Promise<Line> {
  const { state, message, request, createdAt } = operation;
  const well = state === 'approved';
  return {
    at: createdAt,
    when: visit.f.when(createdAt),
    href: hrefOf(operation.id),
    terminal: targetText(request.terminal, request.merchant ?? 0, views),
    badge: badgeOfState(state, visit.language),
    totals: well ? await totalsOf(services, operation, visit, settled) : '–',
    reason: well ? '' : textOf(message.code, visit.language).text,
  };
}

function missedLine(
  missed: MissedSettlement,
  { f, t }: Visit,
  views: readonly TerminalView[],
): Line {
  return {
    at: missed.due,
    when: f.when(missed.due),
    href: missed.operation === null ? null : hrefOf(missed.operation),
    terminal: targetText(missed.terminal, missed.merchant, views),
    badge: { look: 'alarm', icon: 'alarm', word: t.missedWord },
    totals: '–',
    reason: t[REASONS[missed.reason]],
  };
}

/** What the ledger has between this settlement and the one before it. */
async function totalsOf(
  { days }: Services,
  { request, createdAt }: Operation,
  { f, zone }: Visit,
  settled: readonly Operation[],
): Promise<string> {
  const merchant = request.merchant ?? 0;
  const before = settled.find(
    (one) =>
      one.createdAt < createdAt &&
      one.request.terminal === request.terminal &&
      closes(one, merchant),
  );
  const from = Math.max(before?.createdAt ?? 0, createdAt - LOOK_BACK_MS);
  const rows = (await days.between(from, createdAt, zone)).filter(
    (row) =>
      row.terminal === request.terminal && (merchant === 0 || (row.merchant ?? 0) === merchant),
  );
  const { sales, returns, net } = turnoverOf(rows);
  return `${f.number(sales.count + returns.count)} · ${f.money(net, request.currency)}`;
}

/** Whether a settlement closed the batch of this merchant too. */
function closes({ request }: Operation, merchant: number): boolean {
  return [0, merchant].includes(request.merchant ?? 0);
}

function targetText(terminal: string, merchant: number, views: readonly TerminalView[]): string {
  const view = views.find(({ settings }) => settings.id === terminal);
  const name = terminalNames(views)(terminal);
  if (merchant === 0) return name;
  const known = view === undefined ? null : merchantName(view, merchant);
  return `${name} · ${known ?? merchant}`;
}

function hrefOf(operation: string): string {
  return `/admin/operations/${encodeURIComponent(operation)}`;
}

/** For each terminal and merchant the last one that did not happen, until somebody settles. */
export function missedSettlements(
  { gateway, schedule, settings }: Services,
  visit: Visit,
  views: readonly TerminalView[],
): readonly { readonly text: string; readonly href: string; readonly action: string }[] {
  if (!settings.current().settlement.enabled) return [];
  const { f, t } = visit;
  const latest = new Map<string, MissedSettlement>();
  for (const one of schedule.missed()) {
    if (!latest.has(nameOfTarget(one))) latest.set(nameOfTarget(one), one);
  }
  return [...latest.values()]
    .filter((one) =>
      views.some(({ settings: { id, disabled } }) => id === one.terminal && !disabled),
    )
    .filter(({ terminal, merchant, due }) => {
      const approved = { kind: 'settlement', state: 'approved', from: due, limit: SHOWN } as const;
      const id = terminal as TerminalId; // a terminal of a view, by the line above
      const { operations } = gateway.list(visit.who, { ...approved, terminal: id });
      return !operations.some((operation) => closes(operation, merchant));
    })
    .map(({ terminal, merchant, due, reason }) => ({
      text: f.fill(t.missedNeeds, {
        terminal: targetText(terminal, merchant, views),
        when: f.when(due),
        reason: t[REASONS[reason]],
      }),
      href: '/admin/day-end#schedule',
      action: t.look,
    }));
}
