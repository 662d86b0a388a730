// What a visitor asks for in the list of operations: the filters, and what was typed may mean.
import { addDays, parseDate, startOf } from '../../../domain/days.ts';
import { OPERATION_ID_PATTERN, type OperationId, type TerminalId } from '../../../domain/ids.ts';
import { parseDecimal } from '../../../domain/money.ts';
import { KINDS, STATES, type OperationKind } from '../../../domain/operation.ts';
import type { OperationPage, OperationQuery } from '../../../ports/ledger.ts';
import type { SearchQuery } from '../../../ports/reports.ts';
import type { Services, Visit } from '../parts.ts';

export const FILTERS = ['q', 'terminal', 'kind', 'state', 'since', 'until'] as const;

export type By = 'byId' | 'byRrn' | 'byCard' | 'byReference' | 'byAmount';

/** `page` is null where the cursor is none of ours; `known` is how an earlier page was found. */
export function findOperations(
  { gateway, reports }: Services,
  visit: Visit,
  place: { readonly cursor: string | undefined; readonly limit: number },
  known: string | null,
): { page: OperationPage | null; by: By | null } {
  const filters: OperationQuery = { ...filtersOf(visit), ...place };
  const text = (visit.query.get('q') ?? '').trim();
  try {
    if (text === '') return { page: gateway.list(visit.who, filters), by: null };
    const one = OPERATION_ID_PATTERN.test(text)
      ? gateway.find(visit.who, text as OperationId)
      : null;
    if (one !== null) return { page: { operations: [one], next: null }, by: 'byId' };
    // The first reading of what was typed that finds something; older pages keep to it.
    const pages = readingsOf(text, filters)
      .filter(([by]) => known === null || known === by)
      .map(([by, search]) => ({ by, page: reports.search(search) }));
    return (
      pages.find(({ page }) => page.operations.length > 0) ??
      // One that has not looked at everything may find it further on.
      pages.find(({ page }) => page.next !== null) ?? {
        page: { operations: [], next: null },
        by: null,
      }
    );
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
function filtersOf({ query, zone }: Visit): Omit<OperationQuery, 'limit'> {
  const terminal = query.get('terminal') ?? '';
  const kind = query.get('kind') ?? '';
  const state = query.get('state') ?? '';
  const from = parseDate(query.get('since') ?? '');
  const to = parseDate(query.get('until') ?? '');
  const known = STATES.find((one) => one === state);
  return {
    ...(terminal === '' ? {} : { terminal: terminal as TerminalId }), // an unknown one finds nothing
    ...(Object.hasOwn(KINDS, kind) ? { kind: kind as OperationKind } : {}), // the line asks
    ...(known === undefined ? {} : { state: known }),
    ...(from === null ? {} : { from: startOf(from, zone) }),
    ...(to === null ? {} : { to: startOf(addDays(to, 1), zone) }),
  };
}
