// The list of operations: one search box, filters, pages by cursor, CSV, a report for paper.
import { KINDS, STATES, type OperationKind } from '../../../domain/operation.ts';
import { PAGE_SIZE } from '../../../domain/limits.ts';
import { KIND_WORDS, STATE_WORDS } from '../../../domain/texts/states.ts';
import { csvOfPages } from '../../rest/csv.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';
import { reportPage } from './operation-report.ts';
import { FILTERS, findOperations } from './operation-search.ts';
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
      // Beside the operations: any word below them may be the id of one.
      method: 'GET',
      path: '/admin/operations-report',
      right: 'look',
      section: 'operations',
      handle: (visit) => reportPage(services, visit),
    },
    {
      method: 'GET',
      path: '/admin/operations.csv',
      right: 'look',
      handle: (visit) => {
        let by = visit.query.get('by');
        const { language, zone } = visit;
        const pageAt = (cursor: string | undefined, limit: number) => {
          const found = findOperations(services, visit, { cursor, limit }, by);
          by ??= found.by;
          return found.page ?? { operations: [], next: null };
        };
        const chunks = csvOfPages(services.clock, pageAt, { kind: 'words', language, zone });
        return { kind: 'file', type: 'text/csv; charset=utf-8', name: 'operations.csv', chunks };
      },
    },
  ];
}

function listPage(services: Services, visit: Visit): Reply {
  const { gateway } = services;
  const { t, query, language } = visit;
  const views = gateway.terminals(visit.who);
  const found = findOperations(
    services,
    visit,
    {
      cursor: query.get('cursor') ?? undefined,
      limit: PAGE_SIZE.default,
    },
    query.get('by'),
  );
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
    older:
      next === null ? null : link({ cursor: next, ...(found.by === null ? {} : { by: found.by }) }),
    newest: query.has('cursor') ? link({}) : null,
    csv: `/admin/operations.csv?${kept.toString()}`,
    report: `/admin/operations-report?${kept.toString()}`,
    filtered: kept.size > 0,
    narrowed: FILTERS.some((name) => name !== 'q' && kept.has(name)),
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
