// The outbox's table: read on the main thread, changed in the writer's.
import type { Database } from 'better-sqlite3';
import { OUTBOX_DELIVERED_KEPT, PAGE_SIZE } from '../../domain/limits.ts';
import type { Outbox, OutboxItem } from '../../ports/outbox.ts';
import type { OutboxChange } from './protocol.ts';

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

/** The first waiting item of each lane; a lane waits behind it, whenever it is due. */
const HEADS = `SELECT min(id) FROM outbox INDEXED BY outbox_waiting
  WHERE topic = ? AND state = 'waiting' GROUP BY lane`;

export function readOutbox(database: Database): OutboxReader {
  const due = database.prepare<[string, number, number], OutboxItem>(
    `SELECT ${ITEM} FROM outbox WHERE id IN (${HEADS}) AND next_at <= ? ORDER BY id LIMIT ?`,
  );
  const nextDue = database.prepare<[string], { at: number | null }>(
    `SELECT min(next_at) AS at FROM outbox WHERE id IN (${HEADS})`,
  );
  const counts = database.prepare<[], { topic: string; state: string; count: number }>(
    'SELECT topic, state, count(*) AS count FROM outbox GROUP BY state, topic',
  );
  return {
    due: (topic, now, limit) => due.all(topic, now, limit),
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
  const retry = database.prepare(
    `UPDATE outbox SET attempts = attempts + 1, next_at = @nextAt, last_error = @error
     WHERE id = @item AND state = 'waiting'`,
  );
  const park = database.prepare(
    `UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_error = @error
     WHERE id = @item AND state = 'waiting'`,
  );
  // Due at once, whatever the clock says.
  const replay = database.prepare(
    `UPDATE outbox SET state = 'waiting', attempts = 0, next_at = 0
     WHERE id = @item AND state = 'parked'`,
  );
  const deliver = database.transaction((change: OutboxChange) => {
    const { changes } = delivered.run(change);
    forget.run(change);
    return changes;
  });
  return (change) => {
    switch (change.kind) {
      case 'delivered':
        return deliver(change) === 1;
      case 'retry-at':
        return retry.run(change).changes === 1;
      case 'park':
        return park.run(change).changes === 1;
      case 'replay':
        return replay.run(change).changes === 1;
    }
  };
}
