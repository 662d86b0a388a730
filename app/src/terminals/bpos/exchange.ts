// One operation over an open line: the getters are read before Confirm, `confirming` is durable
// before Confirm, and a Confirm that fails or is lost leaves the outcome unknown.
import type { Watermark } from '../../domain/evidence.ts';
import { ADJUST_DEADLINE_MS } from '../../domain/limits.ts';
import { type MinorUnits, minorUnits } from '../../domain/money.ts';
import { amountOf, type Question } from '../../domain/operation.ts';
import {
  failedOutcome,
  type Outcome,
  type TransactionResult,
  unknownOutcome,
} from '../../domain/outcome.ts';
import { LibraryError } from '../../ports/bank-library.ts';
import type { Log } from '../../ports/log.ts';
import type { Exchange } from '../../ports/terminal-driver.ts';
import { maskedCard, withMaskedCards } from '../wire/card-mask.ts';
import { ENTRY_MODES, type Phase, STATUS_ADJUST, STATUSES } from './enumerations.ts';
import { readByInvoice, readJournalEnd } from './journal.ts';
import {
  type Asked,
  concludeFailure,
  concludePlain,
  concludeSettlement,
  concludeSuccess,
} from './outcome.ts';
import { readReport } from './reports.ts';
import type { Plan } from './requests.ts';
import { meaningOf } from '../wire/bank-codes.ts';
import { isSigned, readTransaction, type Transaction } from './transaction.ts';
import { type Ending, question, textValue, type Tools, value, work } from './waiting.ts';

export interface Scene {
  readonly tools: Tools;
  readonly exchange: Exchange;
  readonly plan: Plan;
  readonly watermark: Watermark | null;
  readonly log: Log;
}

interface Seen {
  phase: Phase;
  /** Sum and discount that were sent as correction. */
  corrected: { readonly amount: MinorUnits; readonly discount: MinorUnits } | null;
  adjusting: boolean;
  ended: boolean;
}

/** Rejects only where `started` or `confirming` do. */
export async function runOperation(scene: Scene): Promise<Outcome> {
  const { tools, exchange, plan } = scene;
  for (const call of plan.before) await work(tools, question(call, tools.options.reportTimeoutMs));
  await exchange.started(plan.conclusion === 'plain' ? null : scene.watermark);
  const seen: Seen = { phase: 'before-host', corrected: null, adjusting: false, ended: false };
  const ending = await work(tools, {
    call: plan.call,
    timeoutMs: timeoutOf(scene),
    signal: exchange.signal,
    cancel: exchange.cancelRequested,
    onStatus: (code, text) => onStatus(scene, seen, code, text),
  });
  seen.ended = true;
  try {
    return await conclude(scene, seen, ending);
  } catch (error) {
    // The library went away while it was asked for the rest.
    if (!(error instanceof LibraryError)) throw error;
    return unknownOutcome('link-cut');
  }
}

function timeoutOf({ plan, tools }: Scene): number | null {
  const { options } = tools;
  switch (plan.time) {
    case 'operation':
      return null;
    case 'report':
      return options.reportTimeoutMs;
    case 'query':
      return options.queryTimeoutMs;
  }
}

function conclude(scene: Scene, seen: Seen, ending: Ending): Promise<Outcome> {
  switch (scene.plan.conclusion) {
    case 'money':
      return concludeMoney(scene, seen, ending);
    case 'settlement':
      return ending.kind === 'success'
        ? concludeReport(scene)
        : Promise.resolve(concludeSettlement(ending, askedOf(scene, seen)));
    case 'plain':
      return ending.kind === 'success'
        ? concludeReport(scene)
        : Promise.resolve(concludePlainFailure(scene, ending));
  }
}

/** A question that was lost moved no money; a scenario of the bank's may do anything. */
function concludePlainFailure(
  { plan, exchange }: Scene,
  ending: Exclude<Ending, { kind: 'success' }>,
): Outcome {
  const outcome = concludePlain(ending, exchange.cancelRequested.aborted);
  const harmless = outcome.kind === 'unknown' && plan.call.name !== 'StartScenario';
  return harmless ? failedOutcome('no-answer-no-money') : outcome;
}

async function concludeReport({ tools, plan }: Scene): Promise<Outcome> {
  const result = await readReport(tools, plan);
  const nothing = { approvedAmount: null, discount: null, bonus: null };
  return { kind: 'approved', code: 'done', ...nothing, result };
}

function askedOf({ exchange, plan, watermark }: Scene, seen: Seen): Asked {
  const corrected = seen.corrected?.amount;
  return {
    amounts: corrected === undefined ? plan.amounts : [corrected],
    cashback: plan.cashback,
    types: plan.types,
    isVoid: plan.voids !== null,
    interrupted: exchange.cancelRequested.aborted,
    phase: seen.phase,
    before: watermark?.lastInvoice ?? null,
  };
}

async function concludeMoney(scene: Scene, seen: Seen, ending: Ending): Promise<Outcome> {
  const { tools, exchange, plan } = scene;
  const asked = askedOf(scene, seen);
  if (ending.kind !== 'success') {
    const shown = ending.kind === 'error' ? await readTransaction(tools) : null;
    return concludeFailure(ending, shown, asked);
  }
  const shown = await readTransaction(tools);
  const mask = shown.result.card?.mask ?? null;
  if (mask !== null) exchange.cardSeen(mask);
  const verdict = concludeSuccess(shown, asked);
  if (verdict.kind === 'outcome') return verdict.outcome; // not confirmed: it is taken back
  const sum = verdict.kind === 'yes' ? verdict.amount : (asked.amounts[0] ?? minorUnits(0));
  if (plan.confirm) {
    if (!(await signatureAccepted(scene, shown))) return refuseSale(scene, shown.result);
    await exchange.confirming(sum, shown.result);
    const confirmed = await confirm(tools);
    if (confirmed !== null) {
      tools.lost();
      return unknownOutcome('confirm-lost', confirmed, shown.result);
    }
  }
  if (verdict.kind === 'unsigned') return concludeUnsigned(scene, asked, shown);
  return approved(scene, shown, verdict.amount, verdict.discount);
}

/** Null where the terminal took the confirmation; else its words. */
async function confirm(tools: Tools): Promise<string | null> {
  const { confirmTimeoutMs } = tools.options;
  const ending = await work(tools, question({ name: 'Confirm', args: [] }, confirmTimeoutMs));
  switch (ending.kind) {
    case 'success':
      return null;
    case 'error':
      return ending.text ?? `code ${ending.responseCode}`;
    case 'returned':
      return `code ${ending.code}`;
    case 'lost':
      return '';
  }
}

async function approved(
  scene: Scene,
  { result }: Transaction,
  approvedAmount: MinorUnits,
  discount: MinorUnits,
): Promise<Outcome> {
  const text = scene.plan.receipt ? await currentReceipt(scene) : null;
  const receipt = text === null ? null : { merchant: text, customer: text };
  const signed = { ...result, receipt };
  return {
    kind: 'approved',
    code: 'approved',
    approvedAmount,
    discount,
    bonus: null,
    result: signed,
  };
}

/** A sale is not less paid because its receipt could not be fetched. */
async function currentReceipt({ tools, log }: Scene): Promise<string | null> {
  const { library, options } = tools;
  if (!library.has('ReqCurrReceipt') || !library.has('Receipt')) return null;
  const call = { name: 'ReqCurrReceipt', args: [] } as const;
  const ending = await work(tools, question(call, options.queryTimeoutMs));
  if (ending.kind !== 'success') {
    log.info('receipt-not-read', { ending: ending.kind });
    return null;
  }
  try {
    const text = await textValue(tools, 'Receipt');
    return text === null ? null : withMaskedCards(text);
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    return null;
  }
}

/** The terminal's journal shows what the answer did not: sum and reference. */
async function concludeUnsigned(scene: Scene, asked: Asked, shown: Transaction): Promise<Outcome> {
  const { tools, plan } = scene;
  const { invoice } = shown.result;
  const byInvoice = invoice === null ? null : await readByInvoice(tools, invoice, plan.merchant);
  const found = byInvoice ?? (await lastOfJournal(tools));
  if (found === null) return unknownOutcome('contradictory-answer', null, shown.result);
  const verdict = concludeSuccess(found, asked);
  const whole = verdict.kind === 'yes' && isSigned(found.result);
  return whole
    ? approved(scene, found, verdict.amount, verdict.discount)
    : unknownOutcome('contradictory-answer', null, found.result);
}

async function lastOfJournal(tools: Tools): Promise<Transaction | null> {
  const end = await readJournalEnd(tools);
  return end.kind === 'read' ? end.last : null;
}

/** The cashier compares the signature before the sale is confirmed; silence lets it stand. */
async function signatureAccepted({ tools, exchange }: Scene, shown: Transaction): Promise<boolean> {
  if (!tools.options.askSignature || shown.result.signatureRequired !== true) return true;
  const now = tools.clock.now();
  const text = 'Compare the signature with the card';
  const asked = {
    kind: 'confirm',
    askedAt: now,
    deadline: now + ADJUST_DEADLINE_MS,
    text,
  } as const;
  const answer = await exchange.ask(asked);
  return answer?.kind !== 'confirm' || answer.confirmed;
}

/** Not confirmed: the terminal takes the money back; where it does not say so, its journal will. */
async function refuseSale({ tools }: Scene, result: TransactionResult): Promise<Outcome> {
  const { queryTimeoutMs } = tools.options;
  const ending = await work(tools, question({ name: 'Cancel', args: [] }, queryTimeoutMs));
  const terminalText = ending.kind === 'error' ? ending.text : null;
  if (ending.kind === 'error' && meaningOf(ending.responseCode).kind === 'cancelled') {
    return { kind: 'cancelled', code: 'refused-by-cashier', terminalText, result };
  }
  tools.lost();
  return unknownOutcome('lost-answer', terminalText, result);
}

function onStatus(scene: Scene, seen: Seen, code: number, text: string): void {
  const known = STATUSES[code];
  if ((known?.phase ?? 'authorising') === 'authorising') seen.phase = 'authorising';
  scene.exchange.display(String(code), text === '' ? (known?.text ?? `Status ${code}`) : text);
  if (code !== STATUS_ADJUST || seen.adjusting) return;
  seen.adjusting = true;
  adjust(scene, seen).catch((error: unknown) => {
    // A library that is gone ends the wait as well; that one tells.
    scene.log.warn('adjust-failed', { reason: String(error) });
  });
}

/** Status 11: the till or a rule may correct the sum once; else the sale goes on unchanged. */
async function adjust(scene: Scene, seen: Seen): Promise<void> {
  const { tools, exchange } = scene;
  const { request } = exchange.operation;
  const shown = await textValue(tools, 'PAN');
  const cardMask = shown === null ? null : maskedCard(shown);
  const now = tools.clock.now();
  const asked: Question = {
    kind: 'adjust',
    askedAt: now,
    deadline: now + ADJUST_DEADLINE_MS,
    loyalty: await textValue(tools, 'DiscountName'),
    cardMask,
    entry: ENTRY_MODES[(await value(tools, 'EntryMode')) ?? 0] ?? null,
  };
  if (seen.ended) return;
  if (cardMask !== null) exchange.cardSeen(cardMask);
  const answer = await exchange.ask(asked);
  if (seen.ended || !tools.library.has('CorrectTransaction')) return;
  const given = 'discount' in request ? request.discount : minorUnits(0);
  const unchanged = { amount: amountOf(request) ?? minorUnits(0), discount: given };
  const { amount, discount } = answer?.kind === 'adjust' ? answer : unchanged;
  // Before it is sent: from here on the terminal may end with this sum.
  seen.corrected = { amount, discount };
  await tools.library.call('CorrectTransaction', [amount, discount], tools.options.callTimeoutMs);
}
