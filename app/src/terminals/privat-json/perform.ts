// One operation on the terminal, from the lane's turn to its outcome.
import { judge, type Judgement } from '../../domain/evidence.ts';
import { type MinorUnits, parseDecimal } from '../../domain/money.ts';
import {
  failedOutcome,
  type Outcome,
  type TransactionResult,
  unknownOutcome,
} from '../../domain/outcome.ts';
import { OPERATION_DEADLINE_MS } from '../../domain/limits.ts';
import type { Exchange } from '../../ports/terminal-driver.ts';
import type { ExchangeEnding } from '../wire/exchange-machine.ts';
import type { Reply } from './codec.ts';
import {
  type Core,
  learnTransaction,
  measureSkew,
  readerContext,
  readWatermark,
  setWatermark,
} from './core.ts';
import { responseCode, text } from './fields.ts';
import { completeIdentity } from './identity.ts';
import { canonicalInvoice, fingerprint } from './journal.ts';
import { expectationOf } from './look-up.ts';
import { METHODS } from './messages.ts';
import { type Asked, concludeMoney, concludePlain, concludeSettlement } from './outcome.ts';
import { readEntry, readFacts } from './reader.ts';
import { movesMoney, type Plan, planOf, whenLost } from './requests.ts';
import { meaningOf } from './response-codes.ts';
import type { Session } from './session.ts';
import { createWatch, type Watch } from './watch.ts';

/** Rejects only where `exchange.started` does: then nothing was sent. */
export async function perform(core: Core, exchange: Exchange): Promise<Outcome> {
  const { operation, original } = exchange;
  const plan = planOf(operation, original, core.setup, core.options);
  if (plan.kind === 'refused') return failedOutcome(plan.code);
  const ready = await core.link.ready(core.options.readyWaitMs, exchange.signal);
  if (ready === null) return failedOutcome('terminal-offline');
  const release = await core.mutex.acquire(core.options.readyWaitMs);
  if (release === null) return failedOutcome('terminal-offline');
  try {
    const session = core.link.session;
    if (session === null) return failedOutcome('terminal-offline');
    if (movesMoney(plan)) await completeIdentity(core, session);
    if (movesMoney(plan) && (core.watermark === null || core.watermarkStale)) {
      await readWatermark(core, session);
    }
    const unfit =
      plan.voids === null ? null : await unfitToVoid(core, session, exchange, plan.voids);
    if (exchange.cancelRequested.aborted) return CANCELLED;
    if (!session.isOpen) return failedOutcome('terminal-offline');
    if (unfit !== null) return failedOutcome(unfit);
    const { watermark } = core;
    await exchange.started(watermark);
    if (exchange.signal.aborted) return failedOutcome('gateway-stopping');
    if (exchange.cancelRequested.aborted) return CANCELLED;
    return await guarded(core, session, exchange, plan);
  } finally {
    release();
  }
}

const CANCELLED: Outcome = {
  kind: 'cancelled',
  code: 'cancelled-by-till',
  terminalText: null,
  result: null,
};

/** A defect of ours after the first byte leaves the outcome unknown. */
async function guarded(
  core: Core,
  session: Session,
  exchange: Exchange,
  plan: Plan,
): Promise<Outcome> {
  try {
    return await run(core, session, exchange, plan);
  } catch (error) {
    core.log.error('driver-fault', { method: plan.method }, error);
    session.close();
    return unknownOutcome('driver-fault');
  }
}

/**
 * A void names a receipt by its number alone, and numbers may begin anew with a batch: the receipt
 * under that number must be the one that is meant, or somebody else's money would go back.
 */
async function unfitToVoid(
  core: Core,
  session: Session,
  exchange: Exchange,
  invoice: string,
): Promise<'original-not-usable' | 'terminal-busy-itself' | null> {
  const { original, signal } = exchange;
  if (original === null) return null; // the till itself named the number
  const read = await readEntry(session, readerContext(core), invoice, signal);
  if (read.kind === 'unread') return 'terminal-busy-itself';
  if (read.kind === 'none') return 'original-not-usable';
  const { rrn } = read.entry.result;
  const known = original.result?.rrn ?? null;
  const same =
    rrn === null || known === null ? read.entry.amount === original.approvedAmount : rrn === known;
  return same ? null : 'original-not-usable';
}

async function run(core: Core, session: Session, exchange: Exchange, plan: Plan): Promise<Outcome> {
  core.quiet = false;
  const { watermark, watermarkFingerprint: print } = core;
  const watch = createWatch(session, exchange, core.options, core.clock, core.log);
  const startedAt = core.clock.now();
  let ending = await send(core, session, exchange, plan, plan.method, watch);
  if (ending.kind === 'not-implemented' && plan.fallback !== null) {
    ending = await send(core, session, exchange, plan, plan.fallback, watch);
  }
  watch.stop();
  if (ending.kind === 'lost') core.lostAt = core.clock.monotonic();
  const outcome = await conclude(core, session, exchange, plan, watch, ending, startedAt);
  core.watermarkStale ||= movesMoney(plan) && outcome.kind !== 'approved';
  if (outcome.kind === 'unknown') {
    core.quiet = true;
    core.lostAt = core.clock.monotonic();
    core.lost = {
      readAt: watermark?.readAt ?? null,
      fingerprint: print,
    };
    session.close();
  }
  return outcome;
}

function send(
  core: Core,
  session: Session,
  exchange: Exchange,
  plan: Plan,
  method: Plan['method'],
  watch: Watch,
): Promise<ExchangeEnding<Reply>> {
  const quick = METHODS[plan.method].waits === 'nobody';
  return session.exchange({
    method,
    params: plan.params,
    top: plan.top,
    signal: exchange.signal,
    timeoutMs: quick ? core.options.queryTimeoutMs : null,
    onSending: () => watch.begin(),
  });
}

async function conclude(
  core: Core,
  session: Session,
  exchange: Exchange,
  plan: Plan,
  watch: Watch,
  ending: ExchangeEnding<Reply>,
  startedAt: number,
): Promise<Outcome> {
  switch (ending.kind) {
    case 'not-sent':
      return failedOutcome(exchange.signal.aborted ? 'gateway-stopping' : 'terminal-offline');
    case 'busy':
    case 'not-implemented': {
      // A second copy of the refusal must not meet the next operation.
      await drain(core, session);
      if (watch.phase === 'authorising' && movesMoney(plan))
        return unknownOutcome('contradictory-answer');
      return failedOutcome(ending.kind === 'busy' ? 'terminal-busy-itself' : 'method-missing');
    }
    case 'lost':
      return whenLost(exchange.operation, plan) === 'unknown'
        ? unknownOutcome(ending.code)
        : failedOutcome('no-answer-no-money');
    case 'answered':
      break;
  }
  const reply = ending.answer;
  switch (plan.conclusion) {
    case 'plain':
      return concludePlain(reply, plan.method);
    case 'settlement':
      return settled(core, concludeSettlement(reply, plan.method));
    case 'money':
      return concludeReply(core, session, exchange, plan, watch, reply, startedAt);
  }
}

/** One question and answer: what the terminal sent before it has arrived when it is answered. */
async function drain(core: Core, session: Session): Promise<boolean> {
  const ending = await session.service('getLastResult', {}, core.options.pingTimeoutMs);
  if (ending.kind === 'silent') session.close();
  return ending.kind === 'answered' && text(ending.params, 'LastResult') === '2';
}

/** The batch is new: what was known of the last invoice is not. */
function settled(core: Core, outcome: Outcome): Outcome {
  if (outcome.kind === 'approved') core.watermarkStale = true;
  return outcome;
}

async function concludeReply(
  core: Core,
  session: Session,
  exchange: Exchange,
  plan: Plan,
  watch: Watch,
  reply: Reply,
  startedAt: number,
): Promise<Outcome> {
  const amounts = watch.corrected === null ? plan.amounts : [...plan.amounts, watch.corrected];
  const asked: Asked = {
    method: plan.method,
    currency: exchange.operation.request.currency,
    amounts,
    withoutCash: plan.withoutCash,
    interrupted: watch.interrupted,
    phase: watch.phase,
  };
  const stands = (): Promise<boolean> =>
    mayStand(core, session, exchange, asked, plan.voids, startedAt);
  if (await isForeign(core, session, plan, asked, reply, stands))
    return unknownOutcome('contradictory-answer');
  const verdict = concludeMoney(reply, asked);
  const outcome =
    verdict.kind === 'outcome'
      ? verdict.outcome
      : await confirmed(core, session, exchange, asked, plan.voids, verdict, startedAt);
  if (outcome.kind === 'approved') noteApproval(core, plan, reply);
  else if (outcome.kind !== 'unknown') learnTransaction(core, reply.params);
  return outcome;
}

/**
 * Whether this reply belongs to another exchange: a repeated or late frame. A transaction that was
 * told of before is one, and so is a «no» to another sum. Any other «no» proves nothing by itself:
 * where the same words came before, or an answer was lost not long ago, the terminal is asked
 * whether it still works on ours, and its journal whether it has done it: the true answer may be
 * under way still.
 */
async function isForeign(
  core: Core,
  session: Session,
  plan: Plan,
  asked: Asked,
  reply: Reply,
  stands: () => Promise<boolean>,
): Promise<boolean> {
  const print = fingerprint(reply.params);
  const known = plan.makesNew && core.known.has(print);
  const before = core.lastReplies.get(plan.method);
  core.lastReplies.set(plan.method, reply);
  if (known) {
    core.log.warn('reply-of-known-transaction', { method: plan.method });
    return true;
  }
  const { kind } = meaningOf(responseCode(reply.params));
  if (kind === 'approved' || kind === 'approved-partially') return false;
  if (namesAnotherSum(reply, asked)) return true;
  const repeated = before !== undefined && JSON.stringify(before) === JSON.stringify(reply);
  const { lostAt } = core;
  const lateIsPossible = lostAt !== null && core.clock.monotonic() - lostAt < OPERATION_DEADLINE_MS;
  if (!repeated && !lateIsPossible) return false;
  return (await drain(core, session)) || (await stands());
}

/** Whether the journal has new money that nothing tells from ours; also true where nobody can look. */
async function mayStand(
  core: Core,
  session: Session,
  exchange: Exchange,
  asked: Asked,
  voids: string | null,
  startedAt: number,
): Promise<boolean> {
  const judged = await look(core, session, exchange, asked.amounts, voids, startedAt);
  return (
    judged === null ||
    judged.record.entries.some(
      ({ status, fields }) =>
        (status === 'approved' || status === 'unclear') &&
        fields.every(({ verdict }) => verdict !== 'different'),
    )
  );
}

function namesAnotherSum(reply: Reply, asked: Asked): boolean {
  const shown = text(reply.params, 'amount');
  const sum = shown === null ? null : parseDecimal(shown, asked.currency);
  if (sum === null || sum === 0 || asked.amounts.length === 0) return false;
  return !asked.amounts.includes(sum) && sum !== asked.withoutCash;
}

/** A yes that lacks signs: the terminal's journal must have the transaction (money rules, 4). */
async function confirmed(
  core: Core,
  session: Session,
  exchange: Exchange,
  asked: Asked,
  voids: string | null,
  { result, part }: { readonly result: TransactionResult; readonly part: MinorUnits | null },
  startedAt: number,
): Promise<Outcome> {
  const amounts = part === null ? asked.amounts : [part];
  const [sum = null] = amounts.slice(-1);
  const code = part === null ? 'approved' : 'approved-partially';
  if (core.options.trustCodeOnly) return bareApproval(code, sum, result);
  const judged = await look(core, session, exchange, amounts, voids, startedAt);
  const outcome = judged?.outcome ?? null;
  if (outcome?.kind !== 'approved') return unknownOutcome('contradictory-answer', null, result);
  return { ...outcome, code };
}

/** The journal against what was asked, while the exchange is still open; null where it was not read. */
async function look(
  core: Core,
  session: Session,
  exchange: Exchange,
  amounts: Asked['amounts'],
  voids: string | null,
  startedAt: number,
): Promise<Judgement | null> {
  const facts = await readFacts(session, readerContext(core), {
    watermark: core.watermark,
    watermarkFingerprint: core.watermarkFingerprint,
    voids,
    startedAt,
    terminalId: core.identity?.terminalId ?? null,
    now: () => core.clock.now(),
    clockTrusted: core.clock.trusted(),
    signal: exchange.signal,
  });
  if (facts === null) return null;
  const operation = { ...exchange.operation, startedAt };
  const expectation = expectationOf(core, operation, exchange.original);
  return judge({ ...expectation, amounts }, core.watermark, facts);
}

function bareApproval(
  code: 'approved' | 'approved-partially',
  sum: MinorUnits | null,
  result: TransactionResult,
): Outcome {
  return {
    kind: 'approved',
    code,
    approvedAmount: sum,
    discount: null,
    bonus: null,
    result,
  };
}

function noteApproval(core: Core, plan: Plan, reply: Reply): void {
  measureSkew(core, reply.params);
  learnTransaction(core, reply.params);
  const invoice = canonicalInvoice(text(reply.params, 'invoiceNumber'));
  if (invoice !== null && plan.makesNew) setWatermark(core, invoice, fingerprint(reply.params));
  else core.watermarkStale = true;
}
