// Light style: the terminal does not ask whether the signature is right, so we do after its yes.
// What is not confirmed is taken back: the till has not heard of a yes yet.
import { type Outcome, type TransactionResult, unknownOutcome } from '../../domain/outcome.ts';
import { readAnswer, type TransactionAnswer } from './answer.ts';
import { type Core, learnLast, type Running } from './core.ts';
import * as messages from './messages.ts';
import type { MoneyPlan } from './plan.ts';
import { serviceIdOf } from './ids.ts';
import { concludeMoney, meaningOf } from './outcome.ts';

export async function withSignature(
  core: Core,
  running: Running,
  answer: TransactionAnswer,
  outcome: Outcome,
): Promise<Outcome> {
  const asks = core.options.style === 'light' && answer.signature;
  if (outcome.kind !== 'approved' || !asks) return outcome;
  const confirmed = await askCashier(core, running, core.options.signatureMs, QUESTION);
  if (confirmed === true) return outcome;
  const plan = reversalOf(core, running, answer);
  const back = plan === null ? ({ kind: 'kept' } as const) : await takeBack(core, running, plan);
  switch (back.kind) {
    case 'reversed': {
      const result = merged(outcome.result, back.answer.result);
      return { kind: 'reversed', code: 'reversed', terminalText: null, result };
    }
    case 'lost':
      return unknownOutcome('lost-answer', null, outcome.result);
    case 'kept':
      core.log.error('nexo-signature-refused-and-not-reversed', {
        operation: running.exchange.operation.id,
      });
      core.link.alarm(
        'signature',
        `operation ${running.exchange.operation.id}: the signature was refused and the terminal did not take the payment back; void it by hand`,
      );
      return outcome;
  }
}

export const QUESTION = 'Is the signature right?';

/** Null where nobody answered in time. */
export async function askCashier(
  core: Core,
  running: Running,
  ms: number,
  text: string,
): Promise<boolean | null> {
  const askedAt = core.clock.now();
  running.asking = true;
  try {
    const answer = await running.exchange.ask({
      kind: 'confirm',
      askedAt,
      deadline: askedAt + ms,
      text,
    });
    return answer?.kind === 'confirm' ? answer.confirmed : null;
  } catch (error) {
    // The terminal did not wait and the operation has ended: there is nobody to answer to.
    core.log.warn('nexo-question-overtaken', { reason: String(error) });
    return null;
  } finally {
    running.asking = false;
  }
}

type TakenBack =
  | { kind: 'reversed'; answer: TransactionAnswer }
  /** Certain: the payment stands. */
  | { kind: 'kept' }
  | { kind: 'lost' };

/** Offered again while the terminal is busy: it often is, right after a payment. */
async function takeBack(core: Core, running: Running, plan: MoneyPlan): Promise<TakenBack> {
  const { operation, signal } = running.exchange;
  const serviceId = serviceIdOf(operation.id, 'reversal', 0);
  const { options, clock, link } = core;
  core.lastStale = true;
  for (let attempt = 0; ; attempt++) {
    const ending = await link.ask({
      category: 'Reversal',
      body: plan.body(clock.now()),
      serviceId,
      signal,
      timeoutMs: null,
      once: true,
    });
    if (ending.kind === 'not-sent') return { kind: 'kept' };
    if (ending.kind !== 'answered') return { kind: 'lost' };
    const answer = readAnswer(ending.message, plan.asked.currency);
    const outcome = answer === null ? null : concludeMoney(answer, plan.asked);
    if (answer === null || outcome === null || outcome.kind === 'unknown') return { kind: 'lost' };
    if (outcome.kind === 'approved') {
      learnLast(core, answer);
      return { kind: 'reversed', answer };
    }
    const busy = meaningOf(ending.response.condition).kind === 'busy';
    if (!busy || attempt >= options.busyRetries || signal.aborted) return { kind: 'kept' };
    await clock.sleep(options.busyRetryMs * (attempt + 1), signal).catch(() => undefined);
  }
}

function reversalOf(core: Core, running: Running, answer: TransactionAnswer): MoneyPlan | null {
  const of = answer.poiTransaction;
  if (of === null) return null;
  const { operation } = running.exchange;
  return {
    kind: 'money',
    category: 'Reversal',
    body: () => messages.reversal(of, 'MerchantCancel', core.options),
    asked: {
      kind: 'void',
      currency: operation.request.currency,
      amount: null,
      paymentType: 'Normal',
      transactionId: operation.id,
      reverses: of.id,
      aborted: false,
    },
  };
}

/** The payment's data with the paper of its reversal: that is what the customer takes home. */
function merged(payment: TransactionResult, reversal: TransactionResult): TransactionResult {
  return { ...payment, receipt: reversal.receipt ?? payment.receipt };
}
