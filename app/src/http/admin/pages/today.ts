// Today: what needs a person first, every terminal as it is, the sums, two weeks in bars.
import { BATCH_NEARLY_FULL, CHART_DAYS } from '../../../domain/limits.ts';
import type { Operation } from '../../../domain/operation.ts';
import type { TerminalView } from '../../../operations/gateway.ts';
import type { SumRow } from '../../../ports/reports.ts';
import { addDays, type LocalDate, localDate } from '../../../domain/days.ts';
import { turnoverOf } from '../day-sums.ts';
import { news } from '../send-events.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';
import { certificateEnds } from './certificate.ts';
import { chartOf } from './chart.ts';
import { missedSettlements } from './day-end-schedule.ts';
import { merchantName, terminalNames } from './terminal-names.ts';
import { phrase } from '../texts/phrases/index.ts';
import { badgeOfLink, kindWord, partWord, rowOf } from './words.ts';

/** Links that break and come back are not worth a person. */
const OFFLINE_MS = 2 * 60_000;
const DISK_NEARLY_FULL = 0.9;
const SHOWN = 8;

export function todayRoutes(services: Services): PageRoute[] {
  const run = news(services);
  return [
    {
      method: 'GET',
      path: '/admin',
      right: 'look',
      section: 'today',
      handle: (visit) => todayPage(services, visit),
    },
    {
      method: 'GET',
      path: '/admin/news',
      right: 'look',
      handle: () => ({ kind: 'events', run }),
    },
  ];
}

async function todayPage(services: Services, visit: Visit): Promise<Reply> {
  const { gateway, days, clock } = services;
  const { f, t, who, zone } = visit;
  const views = gateway.terminals(who);
  const nameOf = terminalNames(views);
  const today = localDate(clock.now(), zone);
  const dates = Array.from({ length: CHART_DAYS }, (_, at) => addDays(today, at - CHART_DAYS + 1));
  const sums = await days.days(dates, zone);
  const perDay = dates.map((date, at) => ({ date, rows: sums[at] ?? [] }));
  const rows = sums.at(-1) ?? [];
  const total = turnoverOf(rows);
  const currency = rows[0]?.currency ?? views[0]?.settings.currency ?? 'UAH';
  const main = rows.filter((row) => row.currency === currency);
  const latest = gateway.list(who, { limit: SHOWN }).operations;
  const model = {
    date: f.day(clock.now()),
    attention: attentionOf(services, visit, views, perDay),
    terminals: views.map((view) => cardOf(services, visit, view, main)),
    total: {
      net: f.money(turnoverOf(main).net, currency),
      sales: f.plural(t.nSales, total.sales.count),
      returns: f.plural(t.nReturns, total.returns.count),
      unsuccessful: f.plural(t.nUnsuccessful, total.unsuccessful),
    },
    byMerchant: byMerchant(visit, views, main, nameOf),
    chart: chartOf(
      perDay.map((day) => ({
        date: day.date,
        amount: turnoverOf(day.rows.filter((row) => row.currency === currency)).net,
      })),
      currency,
      visit,
    ),
    latest: latest.map((operation) => rowOf(operation, visit, nameOf)),
  };
  return { kind: 'page', template: 'today.njk', model };
}

function cardOf(
  { gateway, clock }: Services,
  visit: Visit,
  view: TerminalView,
  rows: readonly SumRow[],
) {
  const { settings } = view;
  const { f, t, language, who } = visit;
  const own = turnoverOf(rows.filter(({ terminal }) => terminal === settings.id));
  const current = view.current === null ? null : gateway.find(who, view.current);
  return {
    href: `/admin/terminals/${settings.id}`,
    name: settings.name === '' ? settings.id : settings.name,
    badge: badgeOfLink(view.link, language),
    since: f.fill(t.since, { when: f.when(view.since) }),
    // Of an offline terminal, or the alarm of one that works.
    reason: view.reason === null ? null : phrase(view.reason, language),
    current: current === null ? null : busyWith(current, visit),
    unresolved: view.unresolved,
    queued: view.queued === 0 ? null : f.plural(t.nQueued, view.queued),
    lastSeen: view.lastSeen === null ? null : f.duration(Math.max(0, clock.now() - view.lastSeen)),
    net: f.money(own.net, settings.currency),
    sales: f.plural(t.nSales, own.sales.count),
  };
}

function busyWith(operation: Operation, visit: Visit) {
  const { request } = operation;
  const sum = 'amount' in request && request.amount !== null ? request.amount : null;
  return {
    href: `/admin/operations/${encodeURIComponent(operation.id)}`,
    text: [
      kindWord(operation, visit.language),
      sum === null ? '' : visit.f.money(sum, request.currency),
      request.cashier ?? visit.nameOf(operation.askedBy),
    ]
      .filter((part) => part !== '')
      .join(' · '),
  };
}

function byMerchant(
  { f, t }: Visit,
  views: readonly TerminalView[],
  rows: readonly SumRow[],
  nameOf: (id: string) => string,
) {
  return [...grouped(rows).values()]
    .map((group) => ({ sums: turnoverOf(group), first: group[0] }))
    .filter(({ sums }) => sums.sales.count + sums.returns.count > 0)
    .flatMap(({ sums, first }) => {
      if (first === undefined) return [];
      const view = views.find(({ settings }) => settings.id === first.terminal);
      const index = first.merchant ?? view?.settings.defaultMerchant ?? 0;
      return [
        {
          terminal: nameOf(first.terminal),
          merchant: merchantName(view, index) ?? (index === 0 ? t.mainMerchant : String(index)),
          sales: {
            money: f.money(sums.sales.amount, first.currency),
            count: f.plural(t.nSales, sums.sales.count),
          },
          returns: {
            money: f.money(sums.returns.amount, first.currency),
            count: f.plural(t.nReturns, sums.returns.count),
          },
          net: f.money(sums.net, first.currency),
        },
      ];
    });
}

function grouped(rows: readonly SumRow[]): Map<string, SumRow[]> {
  const groups = new Map<string, SumRow[]>();
  for (const row of rows) {
    const name = `${row.terminal} ${row.merchant ?? ''}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

interface Attention {
  readonly text: string;
  readonly href: string;
  readonly action: string;
}

/** What a person must look at, the most urgent first. */
function attentionOf(
  services: Services,
  visit: Visit,
  views: readonly TerminalView[],
  days: readonly { readonly date: LocalDate; readonly rows: readonly SumRow[] }[],
): Attention[] {
  return [
    ...unresolvedOnes(services, visit, views),
    ...sickParts(services, visit),
    ...missedSettlements(services, visit, views),
    ...deadTerminals(services, visit, views),
    ...alarmedTerminals(visit, views),
    ...parkedMessages(services, visit),
    ...fullBatches(services, visit, views, days),
  ];
}

function unresolvedOnes(
  { gateway }: Services,
  visit: Visit,
  views: readonly TerminalView[],
): Attention[] {
  const { f, t } = visit;
  const { operations } = gateway.list(visit.who, { state: 'unknown', limit: 10 });
  const nameOf = terminalNames(views);
  return operations.map((operation) => ({
    text: f.fill(t.unresolvedNeeds, {
      kind: kindWord(operation, visit.language),
      terminal: nameOf(operation.request.terminal),
      when: f.time(operation.createdAt),
    }),
    href: `/admin/operations/${encodeURIComponent(operation.id)}`,
    action: visit.may('resolve') ? t.lookAndDecide : t.look,
  }));
}

function sickParts(services: Services, visit: Visit): Attention[] {
  const { gateway, machine } = services;
  const { t, f, may } = visit;
  const href = may('configure') ? '/admin/system' : '/admin';
  const needs = gateway
    .health()
    .parts.filter(({ reason }) => reason !== null)
    .map(({ name, ok, reason }) => ({
      text:
        name === 'clock' && ok
          ? t.clockNeeds
          : f.fill(t.healthNeeds, {
              name: partWord(name, visit),
              reason: phrase(reason ?? '', visit.language),
            }),
      href,
      action: t.look,
    }));
  const disk = machine.facts()?.disk ?? null;
  if (disk !== null && disk.used / disk.total > DISK_NEARLY_FULL) {
    needs.push({ text: t.diskNeeds, href, action: t.look });
  }
  const ends = certificateEnds(services);
  if (ends !== null) {
    const text = f.fill(t.certificateNeeds, { day: f.day(ends) });
    needs.push({ text, href: `${href}${may('configure') ? '/certificate' : ''}`, action: t.look });
  }
  return needs;
}

function deadTerminals(
  { clock }: Services,
  { t, f }: Visit,
  views: readonly TerminalView[],
): Attention[] {
  return views
    .filter(({ link, since }) => link === 'offline' && clock.now() - since > OFFLINE_MS)
    .map(({ settings, since }) => ({
      text: f.fill(t.offlineNeeds, { terminal: settings.name || settings.id, when: f.when(since) }),
      href: `/admin/terminals/${settings.id}`,
      action: t.look,
    }));
}

/** They work, but somebody should look: a terminal that cannot call us, that has moved. */
function alarmedTerminals({ t, f, language }: Visit, views: readonly TerminalView[]): Attention[] {
  return views.flatMap(({ link, reason, settings }) =>
    link === 'offline' || reason === null
      ? []
      : [
          {
            text: f.fill(t.alarmNeeds, {
              terminal: settings.name || settings.id,
              reason: phrase(reason, language),
            }),
            href: `/admin/terminals/${settings.id}`,
            action: t.look,
          },
        ],
  );
}

function parkedMessages({ outbound }: Services, { t, f, may }: Visit): Attention[] {
  const parked = (outbound?.counts() ?? [])
    .filter(({ state }) => state === 'parked')
    .reduce((total, { count }) => total + count, 0);
  if (parked === 0) return [];
  const href = may('configure') ? '/admin/integration#messages' : '/admin';
  return [{ text: f.plural(t.parkedNeeds, parked), href, action: t.look }];
}

/** Receipts of the days since the last settlement: a hint, not a count. */
function fullBatches(
  { gateway }: Services,
  visit: Visit,
  views: readonly TerminalView[],
  days: readonly { readonly date: LocalDate; readonly rows: readonly SumRow[] }[],
): Attention[] {
  return views.flatMap(({ settings }) => {
    const count = (from: LocalDate): number =>
      days
        .filter(({ date }) => date >= from)
        .flatMap(({ rows }) => rows)
        .filter(({ terminal, state }) => terminal === settings.id && state === 'approved')
        .reduce((total, row) => total + row.count, 0);
    if (count('') < BATCH_NEARLY_FULL) return [];
    const query = { kind: 'settlement', state: 'approved', limit: 1 } as const;
    const terminal = settings.id as Operation['request']['terminal']; // the settings' schema
    const [last] = gateway.list(visit.who, { ...query, terminal }).operations;
    const since = last === undefined ? '' : addDays(localDate(last.createdAt, visit.zone), 1);
    if (count(since) < BATCH_NEARLY_FULL) return [];
    const text = visit.f.fill(visit.t.batchNeeds, { terminal: settings.name || settings.id });
    return [{ text, href: '/admin/day-end', action: visit.t.look }];
  });
}
