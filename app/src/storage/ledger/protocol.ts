// What the main thread and the writer's thread say to each other.
import type { LedgerError } from '../../ports/ledger.ts';
import type { PackedWrite } from './packing.ts';

/** What the worker is started with. */
export interface WriterSetup {
  readonly folder: string;
  readonly createdAt: number;
}

/** The writes of one append: all of them or none. */
export type PackedCall = readonly PackedWrite[];

export type CallResult =
  | { kind: 'written'; links: readonly { readonly seq: number; readonly hash: string }[] }
  | { kind: 'refused'; code: LedgerError['code']; detail: string };

/** `next_at` of a waiting item that is not the first of its lane: never due. */
export const OUTBOX_BEHIND = Number.MAX_SAFE_INTEGER;

/** What came of a delivery. */
export type OutboxChange =
  | { kind: 'delivered'; item: number }
  | { kind: 'retry-at'; item: number; nextAt: number; error: string }
  | { kind: 'park'; item: number; error: string }
  | { kind: 'replay'; item: number };

export interface WriterCondition {
  readonly writable: boolean;
  readonly reason: string | null;
}

export type ToWriter =
  | { kind: 'commit'; calls: readonly PackedCall[] }
  /** A writer that cannot write tries again first. */
  | { kind: 'ping'; id: number }
  | { kind: 'backup'; id: number; target: string }
  | { kind: 'outbox'; id: number; change: OutboxChange }
  | { kind: 'close' };

export type FromWriter =
  | { kind: 'ready'; condition: WriterCondition }
  /** The ledger cannot be opened; the worker ends. */
  | { kind: 'refused'; code: LedgerError['code']; detail: string }
  | { kind: 'committed'; results: readonly CallResult[]; condition: WriterCondition }
  | { kind: 'answered'; id: number; answer: WriterAnswer; condition: WriterCondition };

export type WriterAnswer =
  /** `changed`: whether there was such an outbox item; true for everything else. */
  | { kind: 'done'; changed: boolean }
  | { kind: 'refused'; code: LedgerError['code']; detail: string };
