// Domain objects ↔ what the tables hold. Only fields of the domain's types are written.
import type { EventKind, OperationEvent } from '../../domain/event.ts';
import { amountOf, isFinal, type Operation } from '../../domain/operation.ts';
import type { TransactionResult } from '../../domain/outcome.ts';
import type { LedgerWrite, OutboxEntry } from '../../ports/ledger.ts';

/** One event and its row as plain values, to cross into the writer's thread. */
export interface PackedWrite {
  readonly kind: EventKind;
  readonly at: number;
  /** JSON of the event. */
  readonly body: string;
  readonly row: PackedRow;
  readonly outbox: readonly OutboxEntry[];
}

/** The columns of `operations`, without the ordinal that the writer gives. */
export interface PackedRow {
  readonly id: string;
  readonly version: number;
  readonly terminal: string;
  readonly kind: string;
  readonly state: string;
  readonly final: 0 | 1;
  readonly amount: number | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly rrn: string | null;
  readonly cardLast4: string | null;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly askedBy: string;
  /** JSON of the operation. */
  readonly row: string;
}

export interface Packed {
  readonly write: PackedWrite;
  /** What reading the row will bring back. */
  readonly operation: Operation;
}

export function pack({ event, operation: given, outbox }: LedgerWrite): Packed {
  const operation = picked(given);
  if (event.kind === 'accepted' && event.id !== operation.id) {
    throw new RangeError(`the event of ${event.id} comes with the row of ${operation.id}`);
  }
  const entries = outbox.map(({ topic, lane, operation: id, payload }) => ({
    topic,
    lane,
    operation: id,
    payload,
  }));
  const write = {
    kind: event.kind,
    at: event.at,
    body: packEvent(event),
    row: packRow(operation),
    outbox: entries,
  };
  return { write, operation };
}

export function unpackEvent(body: string): OperationEvent {
  return JSON.parse(body) as OperationEvent; // written by packEvent, protected by the chain
}

export function unpackOperation(row: string): Operation {
  return JSON.parse(row) as Operation; // written by packRow, protected by the chain
}

function picked(operation: Operation): Operation {
  return { ...pick(operation, OPERATION_FIELDS), result: packResult(operation.result) };
}

function packRow(operation: Operation): PackedRow {
  const { request, result } = operation;
  const mask = result?.card?.mask ?? operation.seen.cardMask;
  return {
    id: operation.id,
    version: operation.version,
    terminal: request.terminal,
    kind: request.kind,
    state: operation.state,
    final: isFinal(operation.state) ? 1 : 0,
    amount: amountOf(request),
    currency: request.currency,
    reference: request.reference,
    rrn: result?.rrn ?? null,
    cardLast4: mask === null ? null : (/\d{4}$/.exec(mask)?.[0] ?? null),
    createdAt: operation.createdAt,
    finishedAt: operation.finishedAt,
    askedBy: operation.askedBy,
    row: JSON.stringify(operation),
  };
}

function packEvent(event: OperationEvent): string {
  // Each event is picked by the fields of its own kind; the mapped type has them all.
  const fields = EVENT_FIELDS[event.kind] as Readonly<Record<string, true>>;
  const packed = pick<Record<string, unknown>>(event, fields);
  if ('result' in event) packed['result'] = packResult(event.result);
  if ('outcome' in event) {
    packed['outcome'] = { ...event.outcome, result: packResult(event.outcome.result) };
  }
  return JSON.stringify(packed);
}

/** Results come from drivers, next to card data: they are picked down to the leaves. */
function packResult(result: TransactionResult | null): TransactionResult | null {
  if (result === null) return null;
  return {
    ...pick(result, RESULT_FIELDS),
    card: result.card === null ? null : pick(result.card, CARD_FIELDS),
    receipt: result.receipt === null ? null : pick(result.receipt, RECEIPT_FIELDS),
  };
}

function pick<T extends object>(value: T, fields: Readonly<Record<string, true>>): T {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) kept[name] = (value as Record<string, unknown>)[name];
  return kept as T; // `fields` lists every key of T: the tables below do not compile otherwise
}

type Fields<T> = Readonly<Record<keyof T, true>>;

const OPERATION_FIELDS: Fields<Operation> = {
  id: true,
  version: true,
  request: true,
  bodyHash: true,
  askedBy: true,
  state: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
  message: true,
  watermark: true,
  seen: true,
  adjusted: true,
  approvedAmount: true,
  discount: true,
  bonus: true,
  result: true,
  cancelRequestedAt: true,
  question: true,
  resolution: true,
  evidence: true,
};

const RESULT_FIELDS: Fields<TransactionResult> = {
  rrn: true,
  authCode: true,
  invoice: true,
  batch: true,
  responseCode: true,
  card: true,
  acquirer: true,
  merchantId: true,
  terminalId: true,
  terminalTime: true,
  signatureRequired: true,
  receipt: true,
  agreement: true,
  extra: true,
};

const CARD_FIELDS: Fields<NonNullable<TransactionResult['card']>> = {
  mask: true,
  brand: true,
  issuer: true,
  entry: true,
};

const RECEIPT_FIELDS: Fields<NonNullable<TransactionResult['receipt']>> = {
  merchant: true,
  customer: true,
};

type EventOf<K extends EventKind> = Extract<OperationEvent, { kind: K }>;

const EVENT_FIELDS: { readonly [K in EventKind]: Fields<EventOf<K>> } = {
  accepted: { kind: true, at: true, id: true, request: true, bodyHash: true, askedBy: true },
  queued: { kind: true, at: true },
  started: { kind: true, at: true, watermark: true },
  display: { kind: true, at: true, status: true, text: true },
  'card-seen': { kind: true, at: true, cardMask: true },
  'cancel-requested': { kind: true, at: true, by: true },
  asked: { kind: true, at: true, question: true },
  answered: { kind: true, at: true, answer: true, by: true },
  unanswered: { kind: true, at: true },
  confirming: { kind: true, at: true, approvedAmount: true, result: true },
  concluded: { kind: true, at: true, outcome: true },
  lost: { kind: true, at: true, code: true, terminalText: true, result: true },
  examined: { kind: true, at: true, record: true },
  resolved: { kind: true, at: true, outcome: true, resolution: true, record: true },
  reversed: { kind: true, at: true, by: true },
};
