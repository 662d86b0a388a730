// What may be asked of an operation that exists: cancel, answer a question, resolve.
import type { Answer, DecidedOutcome } from '../domain/event.ts';
import { type Refusal, refuse } from '../domain/failures.ts';
import type { OperationId } from '../domain/ids.ts';
import { amountOf, isFinal, type Operation } from '../domain/operation.ts';
import { EMPTY_RESULT } from '../domain/outcome.ts';
import { LedgerError } from '../ports/ledger.ts';
import { forbidden, may, visible } from './access.ts';
import type { GatewayContext } from './context.ts';
import { reversalOf } from './exchange.ts';
import type { Done, Principal, Verdict } from './gateway.ts';

/** A request to stop. The operation ends by its own answer; an approval that wins is an approval. */
export function cancel(context: GatewayContext, who: Principal, id: OperationId): Promise<Done> {
  return whereWritable(() => requestCancel(context, who, id));
}

/** Answers a terminal that waits for a sum or a confirmation. */
export function answer(
  context: GatewayContext,
  who: Principal,
  id: OperationId,
  given: Answer,
): Promise<Done> {
  return whereWritable(() => handAnswer(context, who, id, given));
}

/** A person ends an `unknown`, with name and reason; the gate opens after it is on disk. */
export function resolve(
  context: GatewayContext,
  who: Principal,
  id: OperationId,
  verdict: Verdict,
): Promise<Done> {
  return whereWritable(() => decide(context, who, id, verdict));
}

/** What the disk does not take has not happened: the till may ask again. */
async function whereWritable(verb: () => Promise<Done>): Promise<Done> {
  try {
    return await verb();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return refused(refuse('ledger-unavailable', 'the ledger cannot be written'));
  }
}

async function requestCancel(
  context: GatewayContext,
  who: Principal,
  id: OperationId,
): Promise<Done> {
  if (!may(who, 'start')) return refused(forbidden('start'));
  const operation = visible(who, context.ledger.find(id));
  if (operation === null) return unknownOperation(id);
  const lane = context.fleet.laneOf(operation);
  // The head, because a conclusion may be on its way to the disk.
  const state = context.journal.head(id)?.state ?? operation.state;
  const cannot = (detail: string): Done =>
    refused(refuse('not-cancellable', detail, { operation: id, state }));
  if (isFinal(state) || state === 'unknown' || lane === null) {
    return cannot(`an operation that is ${state} cannot be cancelled`);
  }
  const waits = lane.position(id) !== null;
  if (!waits && !lane.driver.capabilities.cancel) return cannot('this terminal cannot cancel');
  if (!waits && lane.current !== id) return cannot('the operation is just ending');
  const event = { kind: 'cancel-requested', at: context.clock.now(), by: who.name } as const;
  await context.journal.record({ id, event }).durable;
  await lane.cancel(id);
  return { kind: 'operation', operation: context.ledger.find(id) ?? operation };
}

async function handAnswer(
  context: GatewayContext,
  who: Principal,
  id: OperationId,
  given: Answer,
): Promise<Done> {
  if (!may(who, 'start')) return refused(forbidden('start'));
  const operation = visible(who, context.ledger.find(id));
  if (operation === null) return unknownOperation(id);
  const asking = amountOf(operation.request);
  if (given.kind === 'adjust' && asking !== null && given.amount > asking) {
    const message = `the corrected amount is above the asked ${asking}`;
    return refused(refuse('invalid-request', message, { errors: [{ path: 'amount', message }] }));
  }
  const lane = context.fleet.laneOf(operation);
  const asked = operation.question?.kind === given.kind;
  const handed = asked && lane !== null && (await lane.answer(id, given));
  if (!handed) {
    const detail = 'the terminal is not waiting for this answer';
    return refused(refuse('not-cancellable', detail, { operation: id, state: operation.state }));
  }
  return { kind: 'operation', operation: context.ledger.find(id) ?? operation };
}

async function decide(
  context: GatewayContext,
  who: Principal,
  id: OperationId,
  verdict: Verdict,
): Promise<Done> {
  if (!may(who, 'resolve')) return refused(forbidden('resolve'));
  const operation = visible(who, context.ledger.find(id));
  if (operation === null) return unknownOperation(id);
  if (operation.state !== 'unknown' || context.journal.head(id)?.state !== 'unknown') {
    const detail = `the operation is ${operation.state}; only an unknown one can be resolved`;
    return refused(refuse('not-cancellable', detail, { operation: id, state: operation.state }));
  }
  const at = context.clock.now();
  const outcome = outcomeOf(operation, verdict);
  const { name, reason } = verdict;
  const event = {
    kind: 'resolved',
    at,
    outcome,
    resolution: { by: 'person', at, name, reason, key: who.name },
    record: null,
  } as const;
  const original = context.fleet.original(operation);
  const reversal = reversalOf(operation, original, outcome, at, context.journal);
  await context.journal.record({ id, event }, ...reversal).durable;
  context.fleet.laneOf(operation)?.release(id);
  return { kind: 'operation', operation: context.ledger.find(id) ?? operation };
}

function outcomeOf(operation: Operation, verdict: Verdict): DecidedOutcome {
  if (verdict.verdict === 'approved') {
    const asked = operation.adjusted?.amount ?? amountOf(operation.request);
    const approvedAmount = verdict.amount ?? asked;
    const partial = approvedAmount !== null && asked !== null && approvedAmount < asked;
    return {
      kind: 'approved',
      code: partial ? 'approved-partially' : 'approved',
      approvedAmount,
      discount: operation.adjusted?.discount ?? null,
      bonus: null,
      result: operation.result ?? EMPTY_RESULT,
    };
  }
  const codes = {
    declined: 'declined-by-bank',
    cancelled: 'cancelled-at-terminal',
    failed: 'never-happened',
    reversed: 'reversed',
  } as const;
  const code = codes[verdict.verdict];
  return { kind: verdict.verdict, code, terminalText: null, result: operation.result };
}

function refused(refusal: Refusal): Done {
  return { kind: 'refused', refusal };
}

function unknownOperation(id: OperationId): Done {
  return refused(refuse('unknown-operation', `no operation ${id}`));
}
