// Checks the chain, the rows it protects, and that the events lead to the rows.
import { isDeepStrictEqual } from 'node:util';
import type { Database } from 'better-sqlite3';
import type { Operation } from '../../domain/operation.ts';
import { transition } from '../../domain/transition.ts';
import { eventHash, GENESIS, type Link, sha256 } from './chain.ts';
import { unpackEvent, unpackOperation } from './packing.ts';

/** The first thing that is not as it was written. */
export interface Broken {
  readonly seq: number;
  readonly reason: string;
}

export interface Verification {
  readonly events: number;
  readonly operations: number;
  readonly broken: Broken | null;
}

type StoredLink = Link & { readonly hash: string };

const LINK = 'seq, operation, version, kind, at, body, row_hash AS rowHash, hash';

/** Reads the whole ledger as it stands at one moment; a gateway may go on writing. */
export function verifyLedger(database: Database): Verification {
  return database.transaction(() => {
    const chain = checkChain(
      database.prepare<[], StoredLink>(`SELECT ${LINK} FROM events ORDER BY seq`).iterate(),
      { seq: 0, hash: GENESIS },
    );
    const rows = checkRows(database);
    const first = [chain.broken, rows.broken]
      .filter((broken) => broken !== null)
      .sort((a, b) => a.seq - b.seq)[0];
    return { events: chain.events, operations: rows.operations, broken: first ?? null };
  })();
}

/** The newest `count` events and the rows they lead to. */
export function checkTail(database: Database, count: number): Broken | null {
  const links = database
    .prepare<[number], StoredLink>(`SELECT ${LINK} FROM events ORDER BY seq DESC LIMIT ?`)
    .all(count + 1)
    .toReversed();
  // With a full page the oldest one only tells what the next one follows.
  const anchor = links.length > count ? links.shift() : undefined;
  const { broken } = checkChain(links, anchor ?? { seq: 0, hash: GENESIS });
  if (broken !== null) return broken;
  const newest = new Map(links.map((link) => [link.operation, link]));
  return checkHeads(database, newest.values());
}

/** Rows that are not final decide what happens next: each is as its last event left it. */
export function checkOpenRows(database: Database): Broken | null {
  const newest = database
    .prepare<[], StoredLink>(
      `SELECT ${LINK} FROM events WHERE seq IN (
         SELECT (SELECT max(seq) FROM events WHERE operation = operations.id)
         FROM operations INDEXED BY operations_open WHERE final = 0)`,
    )
    .all();
  return checkHeads(database, newest);
}

interface Head {
  readonly version: number;
  readonly state: string;
  readonly row: string;
}

function checkHeads(database: Database, links: Iterable<StoredLink>): Broken | null {
  const find = database.prepare<[string], Head>(
    'SELECT version, state, row FROM operations WHERE id = ?',
  );
  for (const link of links) {
    const reason = headReason(find.get(link.operation), link);
    if (reason !== null) return { seq: link.seq, reason };
  }
  return null;
}

function headReason(head: Head | undefined, link: Link): string | null {
  if (head === undefined) return `operation ${link.operation} has no row`;
  if (head.version !== link.version || sha256(head.row) !== link.rowHash) {
    return `the row of ${link.operation} is not what its last event left`;
  }
  if (unpackOperation(head.row).state !== head.state) {
    return `the row of ${link.operation} is listed under another state`;
  }
  return null;
}

function checkChain(
  links: Iterable<StoredLink>,
  anchor: { readonly seq: number; readonly hash: string },
): { events: number; broken: Broken | null } {
  let previous = anchor;
  let events = 0;
  for (const link of links) {
    const reason = linkReason(previous, link);
    if (reason !== null) return { events, broken: { seq: link.seq, reason } };
    previous = link;
    events += 1;
  }
  return { events, broken: null };
}

function linkReason(previous: { seq: number; hash: string }, link: StoredLink): string | null {
  if (link.seq !== previous.seq + 1) return `it follows event ${previous.seq}`;
  if (eventHash(previous.hash, link) !== link.hash) return 'its hash does not fit';
  return null;
}

function checkRows(database: Database): { operations: number; broken: Broken | null } {
  const events = database.prepare<[string], StoredLink>(
    `SELECT ${LINK} FROM events WHERE operation = ? ORDER BY seq`,
  );
  const rows = database.prepare<[], Head & { id: string }>(
    'SELECT id, version, state, row FROM operations ORDER BY ordinal',
  );
  let operations = 0;
  let broken: Broken | null = null;
  for (const head of rows.iterate()) {
    const found = replayReason(head, events.all(head.id));
    if (found !== null && (broken === null || found.seq < broken.seq)) broken = found;
    operations += 1;
  }
  return { operations, broken: broken ?? orphan(database) };
}

/** An event whose operation has no row. */
function orphan(database: Database): Broken | null {
  const found = database
    .prepare<[], { seq: number; operation: string }>(
      `SELECT seq, operation FROM events
       WHERE version = 1 AND operation NOT IN (SELECT id FROM operations) ORDER BY seq LIMIT 1`,
    )
    .get();
  return found === undefined
    ? null
    : { seq: found.seq, reason: `operation ${found.operation} has no row` };
}

function replayReason(head: Head & { id: string }, links: readonly StoredLink[]): Broken | null {
  const last = links.at(-1);
  if (last === undefined) return { seq: 0, reason: `operation ${head.id} has no events` };
  const reason = headReason(head, last);
  if (reason !== null) return { seq: last.seq, reason };
  let operation: Operation | null = null;
  for (const link of links) {
    const next = transition(operation, unpackEvent(link.body));
    if (next.kind === 'illegal') return { seq: link.seq, reason: next.reason };
    if (next.operation.version !== link.version) {
      return { seq: link.seq, reason: `version ${link.version} of ${head.id} is out of order` };
    }
    operation = next.operation;
  }
  return sameMoney(operation, unpackOperation(head.row))
    ? null
    : { seq: last.seq, reason: `the events of ${head.id} do not lead to its row` };
}

/** All but the words: another version may explain the same outcome with another message. */
function sameMoney(replayed: Operation | null, stored: Operation): boolean {
  if (replayed === null) return false;
  const { message: _replayed, ...left } = replayed;
  const { message: _stored, ...right } = stored;
  return isDeepStrictEqual(left, right);
}
