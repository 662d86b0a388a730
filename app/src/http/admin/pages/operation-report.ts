// A list of operations for paper: what was asked for, the rows, and what they come to.
import { PAGE_SIZE } from '../../../domain/limits.ts';
import type { Currency } from '../../../domain/money.ts';
import { KINDS, type Operation, type OperationKind, STATES } from '../../../domain/operation.ts';
import { KIND_WORDS, STATE_WORDS } from '../../../domain/texts/states.ts';
import type { SumRow } from '../../../ports/reports.ts';
import { turnoverOf } from '../day-sums.ts';
import type { Reply, Services, Visit } from '../parts.ts';
import { FILTERS, findOperations } from './operation-search.ts';
import { terminalNames } from './terminal-names.ts';
import { rowOf } from './words.ts';

export function reportPage(services: Services, visit: Visit): Reply {
  const { gateway, settings, clock } = services;
  const { t, f, query } = visit;
  const nameOf = terminalNames(gateway.terminals(visit.who));
  const place = { cursor: undefined, limit: PAGE_SIZE.largest };
  const { page } = findOperations(services, visit, place, query.get('by'));
  const operations = page?.operations ?? [];
  const values = { when: f.when(clock.now()), name: visit.visitor?.person.name ?? '' };
  const model = {
    shop: settings.current().shop.name,
    made: f.fill(t.reportMade, values),
    asked: askedFor(visit, nameOf),
    rows: operations.map((one) => rowOf(one, visit, nameOf)),
    sums: sumsOf(operations, visit),
    more: page !== null && page.next !== null ? f.plural(t.reportNewest, operations.length) : null,
    back: `/admin/operations?${query.toString()}`,
  };
  return { kind: 'page', template: 'operation-report.njk', model };
}

/** The filters in words; a paper that does not name them says nothing. */
function askedFor({ t, query, language }: Visit, nameOf: (id: string) => string) {
  const labels = {
    q: t.search,
    terminal: t.terminal,
    kind: t.kind,
    state: t.state,
    since: t.from,
    until: t.to,
  };
  return FILTERS.flatMap((name) => {
    const value = query.get(name) ?? '';
    if (value === '') return [];
    return [{ label: labels[name], value: wordOf(name, value, language, nameOf) }];
  });
}

function wordOf(
  name: (typeof FILTERS)[number],
  value: string,
  language: Visit['language'],
  nameOf: (id: string) => string,
): string {
  switch (name) {
    case 'terminal':
      return nameOf(value);
    case 'kind':
      // The line asks.
      return Object.hasOwn(KINDS, value) ? KIND_WORDS[language][value as OperationKind] : value;
    case 'state': {
      const state = STATES.find((one) => one === value);
      return state === undefined ? value : STATE_WORDS[language][state];
    }
    case 'q':
    case 'since':
    case 'until':
      return value;
  }
}

/** Of each currency what was taken, what was given back, and what is left. */
function sumsOf(operations: readonly Operation[], { t, f }: Visit) {
  const currencies = new Set(operations.map(({ request }) => request.currency));
  return [...currencies].map((currency) => {
    const rows = operations.flatMap((one) =>
      one.request.currency === currency ? [sumRow(one)] : [],
    );
    const { sales, returns, net, unsuccessful } = turnoverOf(rows);
    return {
      sales: `${f.plural(t.nSales, sales.count)}, ${f.money(sales.amount, currency)}`,
      returns: `${f.plural(t.nReturns, returns.count)}, ${f.money(returns.amount, currency)}`,
      unsuccessful: f.plural(t.nUnsuccessful, unsuccessful),
      net: f.money(net, currency),
    };
  });
}

function sumRow({ request, state, approvedAmount }: Operation): SumRow {
  const { terminal, merchant, kind } = request;
  const currency: Currency = request.currency;
  return { terminal, merchant, kind, state, currency, count: 1, amount: approvedAmount ?? 0 };
}
