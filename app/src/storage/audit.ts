// The chain of administrative acts: append-only rows, each hash over the one before.
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type {
  AuditAct,
  AuditEntry,
  AuditQuery,
  AuditStore,
  AuditValue,
  AuditVerification,
} from '../ports/accounts.ts';

interface Row {
  seq: number;
  at: number;
  who: string;
  origin: string;
  act: string;
  object: string;
  before: string | null;
  after: string | null;
  hash: string;
}

/** What the first entry follows. */
const GENESIS = '0'.repeat(64);

export function auditStore(database: Database): AuditStore {
  const last = database.prepare<[], Row>('SELECT * FROM audit ORDER BY seq DESC LIMIT 1');
  const insert = database.prepare<[Row]>(`INSERT INTO audit
    (seq, at, who, origin, act, object, before, after, hash) VALUES (
    :seq, :at, :who, :origin, :act, :object, :before, :after, :hash)`);
  const list = database.prepare<[{ [name: string]: string | number | null }], Row>(`
    SELECT * FROM audit WHERE seq < :below AND (:who IS NULL OR who = :who)
      AND (:act IS NULL OR act = :act) ORDER BY seq DESC LIMIT :limit`);
  const acts = database.prepare<[], { act: string }>('SELECT DISTINCT act FROM audit ORDER BY act');
  const authors = database.prepare<[], { who: string }>(
    'SELECT DISTINCT who FROM audit ORDER BY who',
  );
  const all = database.prepare<[], Row>('SELECT * FROM audit ORDER BY seq');
  const append = database.transaction((act: AuditAct): AuditEntry => {
    const head = last.get();
    const bare = {
      seq: (head?.seq ?? 0) + 1,
      at: act.at,
      who: act.who,
      origin: act.from,
      act: act.act,
      object: act.object,
      before: textOf(act.before),
      after: textOf(act.after),
    };
    const row = { ...bare, hash: hashOf(head?.hash ?? GENESIS, bare) };
    insert.run(row);
    return entryOf(row);
  });
  return {
    append: (act) => append.immediate(act),
    entries: (query) => list.all(parametersOf(query)).map(entryOf),
    acts: () => acts.all().map(({ act }) => act),
    authors: () => authors.all().map(({ who }) => who),
    verify: () => verify(all.iterate()),
  };
}

function verify(rows: Iterable<Row>): AuditVerification {
  let hash = GENESIS;
  let seq = 0;
  for (const { hash: kept, ...bare } of rows) {
    seq += 1;
    if (bare.seq !== seq || kept !== hashOf(hash, bare)) return { kind: 'broken', seq };
    hash = kept;
  }
  return { kind: 'whole', entries: seq, hash };
}

function parametersOf(query: AuditQuery): { [name: string]: string | number | null } {
  return {
    below: query.before ?? Number.MAX_SAFE_INTEGER,
    who: query.who ?? null,
    act: query.act ?? null,
    limit: query.limit,
  };
}

function hashOf(before: string, row: Omit<Row, 'hash'>): string {
  const { seq, at, who, origin, act, object } = row;
  const text = JSON.stringify([before, seq, at, who, origin, act, object, row.before, row.after]);
  return createHash('sha256').update(text).digest('hex');
}

function textOf(value: AuditValue): string | null {
  return value === null ? null : JSON.stringify(value);
}

function valueOf(text: string | null): AuditValue {
  return text === null ? null : (JSON.parse(text) as AuditValue); // written by textOf
}

function entryOf(row: Row): AuditEntry {
  return {
    seq: row.seq,
    at: row.at,
    who: row.who,
    from: row.origin,
    act: row.act,
    object: row.object,
    before: valueOf(row.before),
    after: valueOf(row.after),
    hash: row.hash,
  };
}
