// After a loss: what became of ours, by its full reference first, then by the last transaction.
import type { Expectation, JournalEntry, TerminalFacts } from '../../domain/evidence.ts';
import type { Operation, OperationKind } from '../../domain/operation.ts';
import type { TransactionAnswer } from './answer.ts';
import { askStatus, type Core, noteLast, type StatusAnswer } from './core.ts';
import { referenceOf, serviceIdOf } from './ids.ts';
import { abort, type Reference } from './messages.ts';
import { approvedSum, type Asked, entryStatus } from './outcome.ts';
import { type MoneyPlan, planOf } from './plan.ts';

export function expectationOf(
  core: Core,
  operation: Operation,
  original: Operation | null,
): Expectation {
  const { request } = operation;
  const plan = planOf(core, operation, original);
  const money = plan.kind === 'money' ? plan : null;
  return {
    kind: request.kind,
    amounts: money === null || money.asked.amount === null ? [] : [money.asked.amount],
    currency: request.currency,
    merchantTerminalId: null,
    startedAt: operation.startedAt ?? operation.createdAt,
    cardMask: operation.seen.cardMask,
    voids: money?.asked.reverses ?? null,
    reference: operation.id,
  };
}

/** Null while the terminal cannot be asked, or works on it. Sends no operation. */
export async function lookUp(
  core: Core,
  operation: Operation,
  original: Operation | null,
  signal: AbortSignal,
): Promise<TerminalFacts | null> {
  core.unsettled = true;
  const plan = planOf(core, operation, original);
  if (!(await core.link.reachable(core.options.readyWaitMs, signal))) return null;
  const release = await core.mutex.acquire(core.options.readyWaitMs);
  if (release === null) return null;
  try {
    const facts =
      plan.kind === 'money'
        ? await readFacts(core, operation, plan, signal)
        : // A settlement leaves no trace that could be asked for.
          factsOf(core, operation, [], null, false);
    if (facts !== null) core.unsettled = false;
    return facts;
  } finally {
    release();
  }
}

async function readFacts(
  core: Core,
  operation: Operation,
  plan: MoneyPlan,
  signal: AbortSignal,
): Promise<TerminalFacts | null> {
  const found = await findOwn(core, operation, plan, signal);
  if (found.kind === 'own') return factsOf(core, operation, [found.entry], null, true);
  if (found.kind === 'unfinished') {
    await pressOn(core, operation, plan, signal);
    return null;
  }
  if (found.kind === 'silent') return null;
  const last = await askStatus(core, null, signal);
  noteLast(core, last);
  switch (last.kind) {
    case 'repeated': {
      const entry = entryOf(core, operation, plan.asked, last.answer, null);
      if (entry !== null) return factsOf(core, operation, [entry], null, true);
      break;
    }
    case 'not-found':
      break;
    case 'unfinished':
      await pressOn(core, operation, plan, signal);
      return null;
    case 'refused':
    case 'silent':
      return null;
    case 'not-taken':
      return factsOf(core, operation, [], null, false);
  }
  // A request that was cut off may still be on its way inside of the terminal.
  const age = core.clock.now() - (operation.startedAt ?? operation.createdAt);
  if (age < core.options.notFoundAfterMs) return null;
  // Both questions say the same: it is not here. What that proves depends on the login. One who is
  // asked for ours and tells of another has not said that ours is not there.
  const decides = core.options.notFoundDecides && found.kind === 'none';
  return factsOf(core, operation, [], core.last?.mark ?? null, decides);
}

/** `other`: asked for ours, it told of another transaction. */
type Found =
  | { kind: 'own'; entry: JournalEntry }
  | { kind: 'none' | 'other' | 'unfinished' | 'silent' };

/** Every message that we may have sent for it, the one that takes it back first. */
async function findOwn(
  core: Core,
  operation: Operation,
  plan: MoneyPlan,
  signal: AbortSignal,
): Promise<Found> {
  const takenBack = await findReversal(core, operation, plan, signal);
  if (takenBack.kind !== 'none' && takenBack.kind !== 'other') return takenBack;
  let found: Found = takenBack;
  for (let attempt = 0; attempt <= core.options.busyRetries; attempt++) {
    const of = referenceOf(operation, 'operation', plan.category, attempt);
    const status = await askStatus(core, of, signal);
    if (status.kind === 'repeated') {
      const entry = entryOf(core, operation, plan.asked, status.answer, of);
      if (entry !== null) return { kind: 'own', entry };
      found = { kind: 'other' };
    }
    const end = endOf(status);
    if (end !== null) return end;
  }
  return found;
}

/** A signature that was refused takes the payment back: then the payment’s own «yes» is history. */
async function findReversal(
  core: Core,
  operation: Operation,
  plan: MoneyPlan,
  signal: AbortSignal,
): Promise<Found> {
  if (plan.category !== 'Payment') return { kind: 'none' };
  const of = referenceOf(operation, 'reversal', 'Reversal', 0);
  const status = await askStatus(core, of, signal);
  if (status.kind === 'repeated' && isNamed(core, status.answer, of)) {
    if (status.answer.response.result !== 'Success') return { kind: 'none' };
    const entry = journalEntry(operation, plan.asked.kind, 'reversed', status.answer);
    return { kind: 'own', entry: { ...entry, amount: null } };
  }
  return endOf(status) ?? { kind: status.kind === 'repeated' ? 'other' : 'none' };
}

function endOf(status: StatusAnswer): Found | null {
  switch (status.kind) {
    case 'unfinished':
      return { kind: 'unfinished' };
    case 'silent':
    case 'refused':
      return { kind: 'silent' };
    case 'repeated':
    case 'not-found':
    case 'not-taken':
      return null;
  }
}

/** The repeated answer as an entry of ours, or null where it is another transaction. */
function entryOf(
  core: Core,
  operation: Operation,
  asked: Asked,
  answer: TransactionAnswer,
  of: Reference | null,
): JournalEntry | null {
  const own = of === null ? ownReference(core, operation, answer) : isNamed(core, answer, of);
  if (!own) return null;
  // SPEC 5.5: the header alone may be an older one's; a yes must carry our name.
  const named = answer.saleTransactionId === operation.id;
  const mayLackName = asked.reverses !== null || answer.response.result === 'Failure';
  if (!named && (answer.saleTransactionId !== null || !mayLackName)) return null;
  const entry = journalEntry(operation, asked.kind, entryStatus(answer, asked), answer);
  const sum = approvedSum(answer, asked);
  return sum === null
    ? entry
    : { ...entry, amount: sum.total, askedAmount: sum.asked, voids: asked.reverses };
}

function isNamed(core: Core, answer: TransactionAnswer, of: Reference): boolean {
  return (
    answer.category === of.category &&
    answer.serviceId === of.serviceId &&
    sameParties(core, answer)
  );
}

/** Of the last transaction, asked for without a reference. */
function ownReference(core: Core, operation: Operation, answer: TransactionAnswer): boolean {
  const { busyRetries } = core.options;
  const attempts = Array.from({ length: busyRetries + 1 }, (_, attempt) => attempt);
  const ids = attempts.map((attempt) => serviceIdOf(operation.id, 'operation', attempt));
  const byId = answer.serviceId !== null && ids.includes(answer.serviceId);
  const byName = answer.serviceId === null && answer.saleTransactionId === operation.id;
  return sameParties(core, answer) && (byId || byName);
}

function sameParties({ options }: Core, { saleId, poiId }: TransactionAnswer): boolean {
  return (saleId === '' || saleId === options.saleId) && (poiId === '' || poiId === options.poiId);
}

function journalEntry(
  operation: Operation,
  kind: OperationKind,
  status: JournalEntry['status'],
  answer: TransactionAnswer,
): JournalEntry {
  return {
    kinds: [kind],
    status,
    amount: null,
    invoice: answer.poiTransaction?.id ?? null,
    merchantTerminalId: null,
    at: null,
    cardMask: answer.result.card?.mask ?? null,
    voids: null,
    reference: operation.id,
    result: answer.result,
  };
}

function factsOf(
  core: Core,
  operation: Operation,
  newer: readonly JournalEntry[],
  lastInvoice: string | null,
  complete: boolean,
): TerminalFacts {
  const { session } = core.link;
  // A terminal forgets its login with a restart: one that still has it, without a login of ours
  // since, is in the login that it was in before.
  const same = session.kind === 'adopted' ? (operation.watermark?.batch ?? null) : null;
  return {
    readAt: core.clock.now(),
    idle: true,
    terminalId: core.options.poiId,
    batch: session.kind === 'in' ? session.id : same,
    lastInvoice,
    newer,
    complete,
  };
}

/** SPEC 5.5: «unfinished» for longer than anybody pays is asked to end; its answer is still awaited. */
async function pressOn(
  core: Core,
  operation: Operation,
  plan: MoneyPlan,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = operation.startedAt ?? operation.createdAt;
  if (core.clock.now() - startedAt < core.options.busyAbortMs) return;
  for (let attempt = 0; attempt <= core.options.busyRetries; attempt++) {
    // Which of them was taken is not known here; the others are refused and change nothing.
    const of = referenceOf(operation, 'operation', plan.category, attempt);
    await core.link.ask({
      category: 'Abort',
      body: abort(of, core.options),
      timeoutMs: core.options.abortTimeoutMs,
      signal,
    });
  }
}
