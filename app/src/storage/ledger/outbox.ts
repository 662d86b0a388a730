// The outbox's table: read on the main thread, changed in the writer's.
import type { Database } from 'better-sqlite3';
import { DELIVERY_RETRY_MS, OUTBOX_DELIVERED_KEPT, PAGE_SIZE } from '../../domain/limits.ts';
import type { Outbox, OutboxItem } from '../../ports/outbox.ts';
import { OUTBOX_BEHIND, type OutboxChange } from './protocol.ts';

export type OutboxReader = Pick<Outbox, 'due' | 'nextDue' | 'list' | 'counts'>;
/** Returns whether there was such an item in a state that allows the change. */
export type OutboxWriter = (change: OutboxChange) => boolean;

export function outboxOver(
  reader: () => OutboxReader,
  change: (change: OutboxChange) => Promise<boolean>,
): Outbox {
  return {
    due: (topic, now, limit) => reader().due(topic, now, limit),
    nextDue: (topic) => reader().nextDue(topic),
    list: (query) => reader().list(query),
    counts: () => reader().counts(),
    delivered: async (item) => {
      await change({ kind: 'delivered', item });
    },
    retryAt: async (item, nextAt, error) => {
      await change({ kind: 'retry-at', item, nextAt, error });
    },
    park: async (item, error) => {
      await change({ kind: 'park', item, error });
    },
    replay: (item) => change({ kind: 'replay', item }),
  };
}

const ITEM = `id, topic, lane, operation, payload, created_at AS createdAt, attempts,
  next_at AS nextAt, state, last_error AS lastError`;

/** The waiting items of one lane. */
export const OUTBOX_LANE = `SELECT id FROM outbox INDEXED BY outbox_waiting
  WHERE topic = @topic AND lane = @lane AND state = 'waiting'`;

const dueItems = (condition: string): string => `
  SELECT * FROM (SELECT ${ITEM} FROM outbox INDEXED BY outbox_due
   WHERE topic = @topic AND state = 'waiting' AND ${condition}
   ORDER BY next_at, id LIMIT @limit)`;

export function readOutbox(database: Database): OutboxReader {
  // No try is set further ahead than the longest pause, so what is had another clock.
  const due = database.prepare<[Record<string, unknown>], OutboxItem>(
    `${dueItems('next_at <= @now')}
     UNION ALL ${dueItems(`next_at > @far AND next_at < ${OUTBOX_BEHIND}`)} LIMIT @limit`,
  );
  // Where anything waits, the first of its lane has the smaller time.
  const nextDue = database.prepare<[string], { at: number | null }>(
    `SELECT min(next_at) AS at FROM outbox INDEXED BY outbox_due
     WHERE topic = ? AND state = 'waiting'`,
  );
  const counts = database.prepare<[], { topic: string; state: string; count: number }>(
    'SELECT topic, state, count(*) AS count FROM outbox GROUP BY state, topic',
  );
  return {
    due: (topic, now, limit) => {
      const far = now + 2 * DELIVERY_RETRY_MS.longest;
      return due.all({ topic, limit, now: Math.min(now, OUTBOX_BEHIND - 1), far });
    },
    nextDue: (topic) => nextDue.get(topic)?.at ?? null,
    counts: () => counts.all(),
    list: ({ topic, state, operation, limit }) => {
      const equal = Object.entries({ topic, state, operation }).filter(
        (entry): entry is [string, NonNullable<(typeof entry)[1]>] => entry[1] !== undefined,
      );
      const where = equal.map(([column]) => `${column} = ?`).join(' AND ') || 'TRUE';
      return database
        .prepare<unknown[], OutboxItem>(
          `SELECT ${ITEM} FROM outbox WHERE ${where} ORDER BY id DESC LIMIT ?`,
        )
        .all(...equal.map(([, value]) => value), Math.min(limit, PAGE_SIZE.largest));
    },
  };
}

export function writeOutbox(database: Database): OutboxWriter {
  const delivered = database.prepare(
    `UPDATE outbox SET state = 'delivered', attempts = attempts + 1, last_error = NULL
     WHERE id = @item AND state = 'waiting'`,
  );
  // A few more than one a time, so that a table that grew under another limit shrinks.
  const forget = database.prepare(
    `DELETE FROM outbox WHERE id IN (
       SELECT id FROM outbox INDEXED BY outbox_delivered
       WHERE state = 'delivered' AND id <= @item - ${OUTBOX_DELIVERED_KEPT} ORDER BY id LIMIT 4)`,
  );
  // Somebody may have replayed an older item of the lane meanwhile: then this one is behind it.
  const retry = database.prepare(
    `UPDATE outbox SET attempts = attempts + 1, last_error = @error, next_at =
       CASE WHEN EXISTS (${OUTBOX_LANE} AND id < @item) THEN ${OUTBOX_BEHIND} ELSE @nextAt END
     WHERE id = @item AND state = 'waiting'`,
  );
  const park = database.prepare(
    `UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_error = @error
     WHERE id = @item AND state = 'waiting'`,
  );
  const replay = database.prepare(
    `UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ${OUTBOX_BEHIND}
     WHERE id = @item AND state = 'parked'`,
  );
  const putBehind = database.prepare(
    `UPDATE outbox SET next_at = ${OUTBOX_BEHIND} WHERE id IN (${OUTBOX_LANE} AND id > @item)`,
  );
  // Due since it is there: long lanes come no sooner than others. One that has a time keeps it.
  const bringForward = database.prepare(
    `UPDATE outbox SET next_at = created_at
     WHERE id = (${OUTBOX_LANE} ORDER BY id LIMIT 1) AND next_at = ${OUTBOX_BEHIND}`,
  );
  const laneOf = database.prepare<[number], { topic: string; lane: string }>(
    'SELECT topic, lane FROM outbox WHERE id = ?',
  );
  return database.transaction((change: OutboxChange): boolean => {
    const { item } = change;
    const lane = laneOf.get(item);
    if (lane === undefined) return false;
    const statement = { delivered, 'retry-at': retry, park, replay }[change.kind];
    const changed = statement.run({ ...change, ...lane }).changes === 1;
    if (change.kind === 'replay' && changed) putBehind.run({ item, ...lane });
    bringForward.run(lane);
    if (change.kind === 'delivered') forget.run({ item });
    return changed;
  });
}
