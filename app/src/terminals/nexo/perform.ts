// One operation on the terminal, from the lane's turn to its outcome.
import type { MessageCode } from '../../domain/failures.ts';
import { KINDS } from '../../domain/operation.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import type { Exchange } from '../../ports/terminal-driver.ts';
import { readAnswer, type TransactionAnswer } from './answer.ts';
import { type Core, learnLast, readLast, type Running, watermarkOf } from './core.ts';
import { referenceOf } from './ids.ts';
import type { Ending } from './link.ts';
import { abort } from './messages.ts';
import { concludeMoney, meaningOf } from './outcome.ts';
import { type MoneyPlan, type Plan, planOf } from './plan.ts';
import { performPlain, type PlainPlan } from './reports.ts';
import { withSignature } from './signature.ts';

/** Rejects only where `exchange.started` does: then nothing was sent. */
export async function perform(core: Core, exchange: Exchange): Promise<Outcome> {
  const release = await core.mutex.acquire(core.options.readyWaitMs);
  if (release === null) return failedOutcome('terminal-offline');
  const running: Running = {
    exchange,
    reference: null,
    aborted: false,
    heard: 0,
    asking: false,
    refused: false,
    printed: [],
  };
  try {
    const obstacle = await prepare(core, exchange);
    if (obstacle !== null) return failedOutcome(obstacle);
    const plan = planOf(core, exchange.operation, exchange.original);
    if (plan.kind === 'refused') return failedOutcome(plan.code);
    if (!isLast(core, plan)) return failedOutcome('original-not-usable');
    if (exchange.cancelRequested.aborted) return CANCELLED;
    await exchange.started(watermarkOf(core));
    if (exchange.signal.aborted) return failedOutcome('gateway-stopping');
    if (exchange.cancelRequested.aborted) return CANCELLED;
    core.running = running;
    return await guarded(core, running, plan);
  } finally {
    core.running = null;
    release();
  }
}

/** Logged in, and the last transaction known; null where nothing is in the way. */
async function prepare(core: Core, exchange: Exchange): Promise<MessageCode | null> {
  const { link, options } = core;
  const money = KINDS[exchange.operation.request.kind].gated;
  // The gate is open, so whatever was lost has been settled, if not by us.
  if (money) core.unsettled = false;
  // A report must not reset a terminal that may still work on what was lost.
  if (core.unsettled && link.session.kind !== 'in') return 'terminal-busy-itself';
  for (let attempt = 0; attempt < 2; attempt++) {
    if (!(await link.loggedIn(options.readyWaitMs, exchange.signal))) {
      return link.state.kind === 'offline' ? 'terminal-offline' : 'terminal-busy-itself';
    }
    if (!money || (core.last !== null && !core.lastStale)) return null;
    const status = await readLast(core, exchange.signal);
    if (status.kind === 'silent') return 'terminal-offline';
    // Its login was over, and nobody knew; the second round has a new one.
    if (status.kind !== 'refused') return null;
  }
  return 'terminal-busy-itself';
}

const CANCELLED: Outcome = {
  kind: 'cancelled',
  code: 'cancelled-by-till',
  terminalText: null,
  result: null,
};

/** SPEC 4.6: the very last transaction only, and only where it succeeded. */
function isLast(core: Core, plan: Plan): boolean {
  if (plan.kind !== 'money' || plan.asked.reverses === null || !core.options.lastOnly) return true;
  const last = core.last?.answer ?? null;
  return (
    last?.category === 'Payment' &&
    last.response.result !== 'Failure' &&
    last.poiTransaction?.id === plan.asked.reverses
  );
}

/** A defect of ours after the first byte leaves the outcome unknown. */
async function guarded(
  core: Core,
  running: Running,
  plan: MoneyPlan | PlainPlan,
): Promise<Outcome> {
  const stopWatching = watchCancel(core, running);
  try {
    const outcome =
      plan.kind === 'money'
        ? await performMoney(core, running, plan)
        : await performPlain(core, running, plan);
    core.unsettled ||= outcome.kind === 'unknown';
    return outcome;
  } catch (error) {
    core.log.error('driver-fault', { kind: running.exchange.operation.request.kind }, error);
    core.unsettled = true;
    return unknownOutcome('driver-fault');
  } finally {
    stopWatching();
  }
}

/** SPEC 5.4: an abort is a request; its 204 is no verdict, and the answer is awaited on. */
function watchCancel(core: Core, running: Running): () => void {
  const { cancelRequested } = running.exchange;
  const onCancel = (): void => {
    void askToAbort(core, running);
  };
  cancelRequested.addEventListener('abort', onCancel, { once: true });
  if (cancelRequested.aborted) onCancel();
  return () => cancelRequested.removeEventListener('abort', onCancel);
}

export async function askToAbort(core: Core, running: Running): Promise<void> {
  const { reference } = running;
  // SPEC 4.4: a question about a signature is answered, not aborted.
  if (reference === null || running.asking) return;
  running.aborted = true;
  const ending = await core.link.ask({
    category: 'Abort',
    body: abort(reference, core.options),
    timeoutMs: core.options.abortTimeoutMs,
  });
  const taken = ending.kind === 'taken' || ending.kind === 'answered';
  if (!taken) core.log.warn('nexo-abort-unanswered', { ending: ending.kind });
}

async function performMoney(core: Core, running: Running, plan: MoneyPlan): Promise<Outcome> {
  core.lastStale = true;
  const ending = await offer(core, running, plan);
  running.reference = null;
  noteSilence(core, running, ending);
  switch (ending.kind) {
    case 'not-sent':
      return failedOutcome('terminal-offline');
    case 'lost':
      return unknownOutcome(ending.code);
    case 'taken':
      return unknownOutcome('unreadable-answer');
    case 'answered':
      break;
  }
  const answer = readAnswer(ending.message, plan.asked.currency);
  if (answer === null) return unknownOutcome('unreadable-answer');
  const notBegun = ['busy', 'logged-out'].includes(meaningOf(answer.response.condition).kind);
  if (notBegun && running.exchange.cancelRequested.aborted) return CANCELLED;
  const outcome = withPrinted(
    concludeMoney(answer, { ...plan.asked, aborted: running.aborted }),
    running,
  );
  note(core, running, answer, outcome);
  if (outcome.kind === 'declined' && running.refused) {
    // The terminal reports its cashier’s no as a refusal; nobody at a bank has refused.
    return { ...outcome, kind: 'cancelled', code: 'refused-by-cashier' };
  }
  return plan.asked.kind === 'void' ? outcome : withSignature(core, running, answer, outcome);
}

/** Offered again where the terminal says that it did not begin; each time under another id. */
async function offer(core: Core, running: Running, plan: MoneyPlan): Promise<Ending> {
  const { exchange } = running;
  const { options, clock, link } = core;
  for (let attempt = 0; ; attempt++) {
    const reference = referenceOf(exchange.operation, 'operation', plan.category, attempt);
    running.reference = reference;
    const ending = await link.ask({
      category: plan.category,
      body: plan.body(clock.now()),
      serviceId: reference.serviceId,
      signal: exchange.signal,
      timeoutMs: null,
      once: true,
    });
    if (ending.kind !== 'answered' || ending.response.result !== 'Failure') return ending;
    const meaning = meaningOf(ending.response.condition).kind;
    const again = meaning === 'busy' || meaning === 'logged-out';
    if (!again || attempt >= options.busyRetries || exchange.cancelRequested.aborted) return ending;
    running.reference = null;
    if (meaning === 'logged-out') {
      // The watermark of the old login cannot speak for the new one: a loss goes to a person.
      if (!(await link.loggedIn(options.readyWaitMs, exchange.signal))) return ending;
    } else {
      const pause = options.busyRetryMs * (attempt + 1);
      await clock.sleep(pause, exchange.signal).catch(() => undefined);
    }
    if (exchange.signal.aborted || exchange.cancelRequested.aborted) return ending;
  }
}

/** What was printed before the answer stands where the answer has no paper of its own. */
function withPrinted(outcome: Outcome, { printed }: Running): Outcome {
  if (printed.length === 0 || outcome.result === null || outcome.result.receipt !== null) {
    return outcome;
  }
  const text = (copy: 'merchant' | 'customer'): string | null =>
    printed.filter((one) => one.copy === copy).at(-1)?.text ?? null;
  const receipt = { merchant: text('merchant'), customer: text('customer') };
  return { ...outcome, result: { ...outcome.result, receipt } };
}

function note(core: Core, running: Running, answer: TransactionAnswer, outcome: Outcome): void {
  if (outcome.kind === 'unknown') return;
  // What was refused before it began is not the terminal's last transaction.
  if (outcome.kind !== 'failed') learnLast(core, answer);
  const mask = answer.result.card?.mask ?? null;
  if (mask !== null) running.exchange.cardSeen(mask);
}

/** SPEC 3: in the default style the terminal tells what it does; one that cannot reach us is stuck. */
function noteSilence(core: Core, running: Running, ending: Ending): void {
  if (core.options.style !== 'default' || ending.kind !== 'answered') return;
  const began = !['busy', 'logged-out', 'failed'].includes(
    meaningOf(ending.response.condition).kind,
  );
  if (running.heard > 0 || !began) return;
  core.log.warn('nexo-terminal-does-not-call-back');
  core.link.alarm(
    'way-back',
    'the terminal did not call back; check the address and port of this gateway in its menu',
  );
}
