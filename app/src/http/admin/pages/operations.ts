// The list of operations: one search box, filters, pages by cursor, CSV.
import { KINDS, STATES, type OperationKind } from '../../../domain/operation.ts';
import { OPERATION_ID_PATTERN, type OperationId, type TerminalId } from '../../../domain/ids.ts';
import { PAGE_SIZE } from '../../../domain/limits.ts';
import { parseDecimal } from '../../../domain/money.ts';
import { KIND_WORDS, STATE_WORDS } from '../../../domain/texts/states.ts';
import type { OperationPage, OperationQuery } from '../../../ports/ledger.ts';
import type { SearchQuery } from '../../../ports/reports.ts';
import { csvOf } from '../../rest/csv.ts';
import { addDays, parseDate, startOf } from '../days.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';
import { terminalNames } from './terminal-names.ts';
import { rowOf } from './words.ts';

export function operationListRoutes(services: Services): PageRoute[] {
  return [
    {
      method: 'GET',
      path: '/admin/operations',
      right: 'look',
      section: 'operations',
      handle: (visit) => listPage(services, visit),
    },
    {
      method: 'GET',
      path: '/admin/operations.csv',
      right: 'look',
      handle: (visit) => {
        const query = { ...filtersOf(visit), limit: PAGE_SIZE.largest };
        const chunks = csvOf(services, visit.who, query);
        return { kind: 'file', type: 'text/csv; charset=utf-8', name: 'operations.csv', chunks };
      },
    },
  ];
}

const FILTERS = ['q', 'terminal', 'kind', 'state', 'since', 'until'] as const;

function listPage(services: Services, visit: Visit): Reply {
  const { gateway } = services;
  const { t, query, language } = visit;
  const views = gateway.terminals(visit.who);
  const found = find(services, visit);
  const values = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
  const any = { value: '', text: t.all };
  const kept = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''));
  const next = found.page?.next ?? null;
  const link = (extra: Record<string, string>): string =>
    `?${new URLSearchParams({ ...Object.fromEntries(kept), ...extra }).toString()}`;
  const model = {
    values,
    fault: found.page === null ? t.noSuchCursor : null,
    by: found.by === null ? null : t[found.by],
    rows: (found.page?.operations ?? []).map((one) => rowOf(one, visit, terminalNames(views))),
    older: next === null ? null : link({ cursor: next }),
    newest: query.has('cursor') ? link({}) : null,
    csv: `/admin/operations.csv?${kept.toString()}`,
    filtered: kept.size > 0,
    terminals: [
      any,
      ...views.map(({ settings }) => ({ value: settings.id, text: settings.name || settings.id })),
    ],
    kinds: [
      any,
      ...Object.keys(KINDS).map((kind) => ({
        value: kind,
        text: KIND_WORDS[language][kind as OperationKind], // the keys of the table
      })),
    ],
    states: [any, ...STATES.map((state) => ({ value: state, text: STATE_WORDS[language][state] }))],
  };
  return { kind: 'page', template: 'operations.njk', model };
}

type By = 'byId' | 'byRrn' | 'byCard' | 'byReference' | 'byAmount';

/** `page` is null where the cursor is none of ours. */
function find(
  { gateway, reports }: Services,
  visit: Visit,
): { page: OperationPage | null; by: By | null } {
  const filters = filtersOf(visit);
  const text = (visit.query.get('q') ?? '').trim();
  try {
    if (text === '') return { page: gateway.list(visit.who, filters), by: null };
    const one = OPERATION_ID_PATTERN.test(text)
      ? gateway.find(visit.who, text as OperationId)
      : null;
    if (one !== null) return { page: { operations: [one], next: null }, by: 'byId' };
    // The first reading of what was typed that finds something.
    for (const [by, search] of readingsOf(text, filters)) {
      const page = reports.search(search);
      if (page.operations.length > 0) return { page, by };
    }
    return { page: { operations: [], next: null }, by: null };
  } catch (error) {
    if (error instanceof RangeError) return { page: null, by: null };
    throw error;
  }
}

function readingsOf(text: string, filters: OperationQuery): [By, SearchQuery][] {
  const readings: [By, SearchQuery][] = [];
  if (/^[0-9A-Za-z]{6,16}$/.test(text)) readings.push(['byRrn', { ...filters, rrn: text }]);
  if (/^\d{4}$/.test(text)) readings.push(['byCard', { ...filters, cardLast4: text }]);
  if (text.length <= 128) readings.push(['byReference', { ...filters, reference: text }]);
  const amount = parseDecimal(text.replaceAll(/[\s\u00A0\u202F₴$€]/g, ''), 'UAH');
  if (amount !== null && amount > 0) readings.push(['byAmount', { ...filters, amount }]);
  return readings;
}

/** Fields that are not valid are left out: a page of a bookmark must not fail. */
function filtersOf({ query, zone }: Visit): OperationQuery {
  const terminal = query.get('terminal') ?? '';
  const kind = query.get('kind') ?? '';
  const state = query.get('state') ?? '';
  const from = parseDate(query.get('since') ?? '');
  const to = parseDate(query.get('until') ?? '');
  const cursor = query.get('cursor');
  const known = STATES.find((one) => one === state);
  return {
    ...(terminal === '' ? {} : { terminal: terminal as TerminalId }), // an unknown one finds nothing
    ...(Object.hasOwn(KINDS, kind) ? { kind: kind as OperationKind } : {}), // the line asks
    ...(known === undefined ? {} : { state: known }),
    ...(from === null ? {} : { from: startOf(from, zone) }),
    ...(to === null ? {} : { to: startOf(addDays(to, 1), zone) }),
    ...(cursor === null ? {} : { cursor }),
    limit: PAGE_SIZE.default,
  };
}
