// What can happen to an operation. Events are appended to the ledger and never changed.
import type { EvidenceRecord, Watermark } from './evidence.ts';
import type { MessageCode } from './failures.ts';
import type { Instant, OperationId } from './ids.ts';
import type { MinorUnits } from './money.ts';
import type { OperationRequest, Question, Resolution } from './operation.ts';
import type { Outcome, TransactionResult } from './outcome.ts';

/** The till's answer to a terminal's question. */
export type Answer =
  | { kind: 'adjust'; amount: MinorUnits; discount: MinorUnits }
  | { kind: 'confirm'; confirmed: boolean };

export type DecidedOutcome = Exclude<Outcome, { kind: 'unknown' }>;

export type OperationEvent =
  | {
      kind: 'accepted';
      at: Instant;
      id: OperationId;
      request: OperationRequest;
      bodyHash: string;
      askedBy: string;
    }
  | { kind: 'queued'; at: Instant }
  /** Durable before the first byte leaves the box. */
  | { kind: 'started'; at: Instant; watermark: Watermark | null }
  /** The terminal's live text; `status` is the protocol's own code. Changes no state. */
  | { kind: 'display'; at: Instant; status: string; text: string }
  | { kind: 'card-seen'; at: Instant; cardMask: string }
  | { kind: 'cancel-requested'; at: Instant; by: string }
  | { kind: 'asked'; at: Instant; question: Question }
  | { kind: 'answered'; at: Instant; answer: Answer; by: string }
  /** Nobody answered in time; the terminal goes on with the sum it has. */
  | { kind: 'unanswered'; at: Instant }
  /** The terminal's yes, durable before our Confirm is sent (two-phase drivers). */
  | { kind: 'confirming'; at: Instant; approvedAmount: MinorUnits; result: TransactionResult }
  | { kind: 'concluded'; at: Instant; outcome: DecidedOutcome }
  | {
      kind: 'lost';
      at: Instant;
      code: MessageCode;
      terminalText: string | null;
      result: TransactionResult | null;
    }
  /** The journal was read and did not decide. */
  | { kind: 'examined'; at: Instant; record: EvidenceRecord }
  | {
      kind: 'resolved';
      at: Instant;
      outcome: DecidedOutcome;
      resolution: Resolution;
      record: EvidenceRecord | null;
    }
  /** A later void took the money back. */
  | { kind: 'reversed'; at: Instant; by: OperationId };

export type EventKind = OperationEvent['kind'];
