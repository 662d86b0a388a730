// The one function that changes an operation. Pure; an illegal event is an answer, not a throw.
import type { OperationEvent } from './event.ts';
import { isFinal, needsTerminal, type Operation, type OperationState } from './operation.ts';

export type Transition =
  | { kind: 'moved'; operation: Operation }
  | { kind: 'illegal'; reason: string };

type EventOf<K extends OperationEvent['kind']> = Extract<OperationEvent, { kind: K }>;

/** The row after the event, or why the event may not happen to this row. */
export function transition(before: Operation | null, event: OperationEvent): Transition {
  if (event.kind === 'accepted') {
    return before === null ? moved(accept(event)) : illegal(before, event);
  }
  if (before === null) return { kind: 'illegal', reason: `${event.kind} before accepted` };
  const next = apply(before, event);
  return next === null ? illegal(before, event) : moved({ ...next, version: before.version + 1 });
}

function apply(
  before: Operation,
  event: Exclude<OperationEvent, { kind: 'accepted' }>,
): Operation | null {
  switch (event.kind) {
    case 'queued':
      return whenIn(before, ['accepted'], { state: 'queued', message: said('queued') });
    case 'started':
      return whenIn(before, ['accepted', 'queued'], {
        state: 'running',
        startedAt: event.at,
        watermark: event.watermark,
        message: said('running'),
      });
    case 'display':
      return whenIn(before, ['running', 'confirming', 'unknown'], {});
    case 'card-seen':
      return whenIn(before, ['running', 'confirming', 'unknown'], {
        seen: { cardMask: event.cardMask },
      });
    case 'cancel-requested':
      return isFinal(before.state)
        ? null
        : { ...before, cancelRequestedAt: before.cancelRequestedAt ?? event.at };
    case 'asked':
      return whenIn(before, ['running'], {
        question: event.question,
        message: said(
          event.question.kind === 'adjust' ? 'waiting-for-adjustment' : 'waiting-for-confirmation',
        ),
      });
    case 'answered':
      return answer(before, event);
    case 'unanswered':
      return whenIn(before, ['running'], { question: null, message: said('running') });
    case 'confirming':
      return whenIn(before, ['running'], {
        state: 'confirming',
        approvedAmount: event.approvedAmount,
        result: event.result,
        question: null,
        message: said('confirming'),
      });
    case 'concluded':
      return conclude(before, event);
    case 'lost':
      return whenIn(before, ['running', 'confirming'], {
        state: 'unknown',
        question: null,
        message: said(event.code, event.terminalText),
        result: event.result ?? before.result,
      });
    case 'examined':
      return whenIn(before, ['unknown'], {
        evidence: event.record,
        message: said(event.record.code, before.message.terminalText),
      });
    case 'resolved':
      return before.state === 'unknown'
        ? {
            ...ended(before, event.outcome, event.at),
            resolution: event.resolution,
            evidence: event.record ?? before.evidence,
          }
        : null;
    case 'reversed':
      return whenIn(before, ['approved'], {
        state: 'reversed',
        message: said('reversed'),
        resolution: { by: 'operation', at: event.at, operation: event.by },
      });
  }
}

function accept(event: EventOf<'accepted'>): Operation {
  return {
    id: event.id,
    version: 1,
    request: event.request,
    bodyHash: event.bodyHash,
    askedBy: event.askedBy,
    state: 'accepted',
    createdAt: event.at,
    startedAt: null,
    finishedAt: null,
    message: said('accepted'),
    watermark: null,
    seen: { cardMask: null },
    adjusted: null,
    approvedAmount: null,
    discount: null,
    bonus: null,
    result: null,
    cancelRequestedAt: null,
    question: null,
    resolution: null,
    evidence: null,
  };
}

function answer(before: Operation, event: EventOf<'answered'>): Operation | null {
  if (before.state !== 'running' || before.question?.kind !== event.answer.kind) return null;
  const adjusted =
    event.answer.kind === 'adjust'
      ? { amount: event.answer.amount, discount: event.answer.discount }
      : before.adjusted;
  return { ...before, question: null, adjusted, message: said('running') };
}

/** Before the first byte only a certain «no» is possible; after a bank's yes only a yes. */
function conclude(before: Operation, event: EventOf<'concluded'>): Operation | null {
  const { outcome } = event;
  switch (before.state) {
    case 'accepted':
    case 'queued': {
      const sure =
        outcome.kind === 'approved'
          ? !needsTerminal(before.request.kind)
          : outcome.kind === 'failed' || outcome.kind === 'cancelled';
      return sure ? ended(before, outcome, event.at) : null;
    }
    case 'running':
      return ended(before, outcome, event.at);
    case 'confirming':
      return outcome.kind === 'approved' ? ended(before, outcome, event.at) : null;
    default:
      return null;
  }
}

function ended(before: Operation, outcome: EventOf<'concluded'>['outcome'], at: number): Operation {
  const ending = { ...before, state: outcome.kind, finishedAt: at, question: null } as const;
  if (outcome.kind === 'approved') {
    return {
      ...ending,
      approvedAmount: outcome.approvedAmount,
      discount: outcome.discount,
      bonus: outcome.bonus,
      result: outcome.result,
      message: said(outcome.code),
    };
  }
  return {
    ...ending,
    approvedAmount: outcome.kind === 'reversed' ? before.approvedAmount : null,
    result: outcome.result ?? before.result,
    message: said(outcome.code, outcome.terminalText),
  };
}

function whenIn(
  before: Operation,
  states: readonly OperationState[],
  change: Partial<Operation>,
): Operation | null {
  return states.includes(before.state) ? { ...before, ...change } : null;
}

function said(
  code: Operation['message']['code'],
  terminalText: string | null = null,
): Operation['message'] {
  return { code, terminalText };
}

function moved(operation: Operation): Transition {
  return { kind: 'moved', operation };
}

function illegal(before: Operation, event: OperationEvent): Transition {
  return { kind: 'illegal', reason: `${event.kind} in state ${before.state}` };
}
