// Events for other programs, one by one: a ledger does not fit into memory.
import type { Database } from 'better-sqlite3';
import type { OperationEvent } from '../../domain/event.ts';
import { unpackEvent } from './packing.ts';

export interface ExportedEvent {
  readonly seq: number;
  readonly operation: string;
  readonly version: number;
  readonly event: OperationEvent;
  readonly hash: string;
}

/** Events that happened at or after `from` and before `to`, oldest first. */
export function* exportEvents(
  database: Database,
  from: number,
  to: number,
): Generator<ExportedEvent> {
  const rows = database
    .prepare<[number, number], Omit<ExportedEvent, 'event'> & { body: string }>(
      `SELECT seq, operation, version, body, hash FROM events
       WHERE at >= ? AND at < ? ORDER BY seq`,
    )
    .iterate(from, to);
  for (const { body, hash, ...head } of rows) yield { ...head, event: unpackEvent(body), hash };
}
