// What drivers of protocols without a journal have in common: after a lost answer there is nothing
// to ask the terminal, so a person decides.
import type { Expectation, TerminalFacts } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import { amountOf, type Operation } from '../../domain/operation.ts';

export function expectationWithout(operation: Operation): Expectation {
  const { request } = operation;
  const sum = operation.adjusted?.amount ?? amountOf(request);
  return {
    kind: request.kind,
    amounts: sum === null ? [] : [sum],
    currency: request.currency,
    merchantTerminalId: null,
    startedAt: operation.startedAt ?? operation.createdAt,
    cardMask: operation.seen.cardMask,
    voids: null,
  };
}

/** Facts that decide nothing. */
export function noFacts(now: Instant): TerminalFacts {
  return {
    readAt: now,
    idle: true,
    terminalId: null,
    batch: null,
    lastInvoice: null,
    newer: [],
    complete: false,
  };
}
