// The chain of administrative acts: list, export, and the check that nothing was changed.
import { AUDIT_PAGE_SIZE } from '../../../domain/limits.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';
import { ACT_TEXTS } from '../texts/acts.ts';
import { languageIndex } from '../texts/index.ts';
import { changesOf, objectOf } from './audit-details.ts';

const PATH = '/admin/audit';

export function auditRoutes(services: Services): PageRoute[] {
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'audit',
      section: 'audit',
      handle: (visit) => page(services, visit),
    },
    {
      method: 'GET',
      path: `${PATH}.json`,
      right: 'audit',
      handle: () => ({
        kind: 'file',
        type: 'application/x-ndjson; charset=utf-8',
        name: 'audit.ndjson',
        chunks: lines(services),
      }),
    },
  ];
}

function page(services: Services, visit: Visit): Reply {
  const { accounts } = services;
  const { query, t, f } = visit;
  const who = query.get('who') ?? '';
  const act = query.get('act') ?? '';
  const before = Number(query.get('before') ?? '');
  const entries = accounts.audit.entries({
    ...(who === '' ? {} : { who }),
    ...(act === '' ? {} : { act }),
    ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
    limit: AUDIT_PAGE_SIZE + 1,
  });
  const shown = entries.slice(0, AUDIT_PAGE_SIZE);
  const last = shown.at(-1);
  const kept = { ...(who === '' ? {} : { who }), ...(act === '' ? {} : { act }) };
  const verification = query.get('verify') === '1' ? accounts.audit.verify() : null;
  const model = {
    entries: shown.map((entry) => ({
      seq: entry.seq,
      when: f.when(entry.at),
      who: whoText(services, entry.who, visit),
      from: entry.from,
      act: actText(entry.act, visit),
      object: objectOf(entry.object, visit.language),
      changes: changesOf(entry, visit.language),
      hash: entry.hash.slice(0, 16),
    })),
    people: [
      { value: '', text: t.all },
      ...accounts.audit
        .authors()
        .filter((one) => one !== '')
        .map((one) => ({ value: one, text: whoText(services, one, visit) })),
    ],
    acts: [
      { value: '', text: t.all },
      ...accounts.audit.acts().map((one) => ({ value: one, text: actText(one, visit) })),
    ],
    values: { who, act },
    older:
      entries.length > AUDIT_PAGE_SIZE && last !== undefined
        ? `?${new URLSearchParams({ ...kept, before: String(last.seq) }).toString()}`
        : null,
    newest: query.has('before') ? `?${new URLSearchParams(kept).toString()}` : null,
    verified:
      verification === null
        ? null
        : verification.kind === 'whole'
          ? {
              ok: true,
              text: f.fill(f.plural(t.chainWhole, verification.entries), {
                hash: verification.hash.slice(0, 16),
              }),
            }
          : { ok: false, text: f.fill(t.chainBroken, { seq: verification.seq }) },
  };
  return { kind: 'page', template: 'audit.njk', model };
}

/** A person by name, a key by its own, a program by what it is. */
function whoText({ accounts }: Services, who: string, { t, f }: Visit): string {
  if (who.startsWith('key:')) return f.fill(t.actedByKey, { name: who.slice(4) });
  if (who === 'command-line') return t.actedByCommand;
  if (who === 'console') return t.actedByConsole;
  return accounts.people.person(who)?.name ?? who;
}

function actText(act: string, { language }: Visit): string {
  return ACT_TEXTS[act]?.[languageIndex(language)] ?? act;
}

function* lines({ accounts }: Services): Generator<string> {
  let before: number | undefined;
  for (;;) {
    const entries = accounts.audit.entries({ before, limit: 500 });
    for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
    before = entries.at(-1)?.seq;
    if (entries.length < 500) return;
  }
}
