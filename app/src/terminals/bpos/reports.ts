// What a report or a question of the terminal gave, in our words. No money moves here.
import { BPOS_JOURNAL_LINES_MAX } from '../../domain/limits.ts';
import { EMPTY_RESULT, type TransactionResult } from '../../domain/outcome.ts';
import type { TerminalIdentity } from '../../ports/terminal-driver.ts';
import { withMaskedCards } from '../wire/card-mask.ts';
import { TERM_STATUS_TEXTS } from './enumerations.ts';
import { readByOrder, readJournalEnd } from './journal.ts';
import type { Plan } from './requests.ts';
import { readCard } from './transaction.ts';
import { question, textValue, type Tools, value, work } from './waiting.ts';

/** After LastResult 0. Rejects with LibraryError. */
export async function readReport(tools: Tools, plan: Plan): Promise<TransactionResult> {
  const result = { ...EMPTY_RESULT, responseCode: '0000', ...(await readParts(tools, plan)) };
  if (!plan.receipt || !tools.library.has('ReqCurrReceipt')) return result;
  const call = { name: 'ReqCurrReceipt', args: [] } as const;
  const ending = await work(tools, question(call, tools.options.queryTimeoutMs));
  return ending.kind === 'success' ? { ...result, receipt: await receiptOf(tools) } : result;
}

async function readParts(tools: Tools, plan: Plan): Promise<Partial<TransactionResult>> {
  switch (plan.reads) {
    case 'nothing':
      return {};
    case 'card':
      return { card: await readCard(tools), extra: await readExtra(tools, CARD_TEXTS) };
    case 'balance':
      return {
        card: await readCard(tools),
        extra: { balance: String((await value(tools, 'Amount')) ?? 0) },
      };
    case 'totals':
      return { extra: await readTotals(tools) };
    case 'info':
      return { extra: await readInfo(tools) };
    case 'receipt':
      return { receipt: await receiptOf(tools) };
    case 'scenario':
      return {
        extra: await readExtra(tools, { scenarioData: 'ScenarioData', ecrData: 'ECRDataTM' }),
      };
    case 'journal':
      return { extra: await readJournal(tools) };
  }
}

const CARD_TEXTS = { discountName: 'DiscountName', clientNumber: 'RNK', aid: 'emvAID' } as const;

type TextGetter = Parameters<typeof textValue>[1];

async function readExtra(
  tools: Tools,
  names: Readonly<Record<string, TextGetter>>,
): Promise<Readonly<Record<string, string>>> {
  const kept: [string, string][] = [];
  for (const [ours, theirs] of Object.entries(names)) {
    const text = await textValue(tools, theirs);
    if (text !== null) kept.push([ours, withMaskedCards(text)]);
  }
  return Object.fromEntries(kept);
}

/** Sums in minor units, and counts. */
const TOTALS = {
  debitAmount: 'TotalsDebitAmt',
  debitCount: 'TotalsDebitNum',
  creditAmount: 'TotalsCreditAmt',
  creditCount: 'TotalsCreditNum',
  cancelledAmount: 'TotalsCancelledAmt',
  cancelledCount: 'TotalsCancelledNum',
} as const;

async function readTotals(tools: Tools): Promise<Readonly<Record<string, string>>> {
  const kept: [string, string][] = [];
  for (const [ours, theirs] of Object.entries(TOTALS)) {
    const number = await value(tools, theirs);
    if (number !== null) kept.push([ours, String(number)]);
  }
  return Object.fromEntries(kept);
}

async function receiptOf(tools: Tools): Promise<TransactionResult['receipt']> {
  const text = await textValue(tools, 'Receipt');
  if (text === null) return null;
  const masked = withMaskedCards(text);
  return { merchant: masked, customer: masked };
}

async function readInfo(tools: Tools): Promise<Readonly<Record<string, string>>> {
  const status = TERM_STATUS_TEXTS[(await value(tools, 'TermStatus')) ?? 0];
  const texts = { terminalInfo: 'TerminalInfo', libraryVersion: 'LibraryVersion' } as const;
  const extra = await readExtra(tools, texts);
  return status === undefined ? extra : { ...extra, terminalStatus: status };
}

/** One line for each transaction: invoice, type, status, sum, RRN, card, by semicolons. */
async function readJournal(tools: Tools): Promise<Readonly<Record<string, string>>> {
  const end = await readJournalEnd(tools);
  if (end.kind === 'unread') return {};
  const lines: string[] = [];
  const first = Math.max(1, end.count - BPOS_JOURNAL_LINES_MAX + 1);
  for (let order = first; order <= end.count; order++) {
    const one = await readByOrder(tools, order);
    if (one === null) return { count: String(end.count) };
    const { invoice, rrn, card } = one.result;
    const sum = String(one.amount ?? 0);
    lines.push([invoice ?? '', one.type, one.status, sum, rrn ?? '', card?.mask ?? ''].join(';'));
  }
  return { count: String(end.count), transactions: lines.join('\n') };
}

/**
 * `TE7E118 S1HA0XFE 00CT20744822/S1HA0XFE/L1HA2XFE/…`: program, terminal, serial number; the item
 * after the n-th slash is the terminal id of merchant n.
 */
export function identityOf(terminalInfo: string): TerminalIdentity | null {
  const [head = '', ...merchants] = terminalInfo.split('/');
  const [firmware, terminalId] = head.trim().split(/\s+/);
  const numbered = merchants
    .map((tid, index): [string, string] => [String(index + 1), tid.trim()])
    .filter(([, tid]) => tid !== '');
  if (terminalId === undefined && numbered.length === 0) return null;
  return {
    vendor: null,
    model: null,
    firmware: firmware ?? null,
    terminalId: terminalId ?? null,
    merchants: Object.fromEntries(numbered),
    merchantTerminalIds: Object.fromEntries(numbered),
  };
}

/** Asks the terminal who it is; null where it does not say. */
export async function readIdentity(tools: Tools): Promise<TerminalIdentity | null> {
  if (!tools.library.has('POSGetInfo') || !tools.library.has('TerminalInfo')) return null;
  const call = { name: 'POSGetInfo', args: [] } as const;
  const ending = await work(tools, question(call, tools.options.queryTimeoutMs));
  const text = ending.kind === 'success' ? await textValue(tools, 'TerminalInfo') : null;
  return text === null ? null : identityOf(text);
}
