// A reply → what came of the operation. All signs agree, or it is unknown (money rules, 4).
import type { Currency, MinorUnits } from '../../domain/money.ts';
import { type Outcome, type TransactionResult, unknownOutcome } from '../../domain/outcome.ts';
import type { Reply } from './codec.ts';
import { amount, flag, reference, responseCode, text } from './fields.ts';
import { type Method, METHODS } from './messages.ts';
import { meaningOf } from './response-codes.ts';
import { resultOf } from './result.ts';

/** What we asked for and saw on the way: the side that the reply is held against. */
export interface Asked {
  readonly method: Method;
  readonly currency: Currency;
  /** Sums it may end with; empty where the till named none (void by invoice). */
  readonly amounts: readonly MinorUnits[];
  /** The sum without cash, where the terminal may give none (`resultCashback`). */
  readonly withoutCash: MinorUnits | null;
  readonly interrupted: boolean;
  /**
   * `before-host`: statuses were read and none was near the host. `authorising`: one was.
   * `blind`: the terminal had time for anything and told no status.
   */
  readonly phase: 'before-host' | 'authorising' | 'blind';
}

export type Verdict =
  | { kind: 'outcome'; outcome: Outcome }
  /**
   * A yes that contradicts nothing, but the journal has to confirm it: signs are missing, or it
   * names a part of the sum, which nothing in the request can be held against.
   */
  | { kind: 'unsigned'; result: TransactionResult; part: MinorUnits | null };

/** For operations that move money. */
export function concludeMoney(reply: Reply, asked: Asked): Verdict {
  const result = resultOf(reply.params);
  const meaning = meaningOf(responseCode(reply.params));
  switch (meaning.kind) {
    case 'approved':
      return approval(reply, asked, result);
    case 'approved-partially':
      return partialApproval(reply, asked, result);
    case 'declined':
      return outcome(
        isCertainNo(reply)
          ? { kind: 'declined', code: meaning.code, terminalText: reply.description, result }
          : contradiction(reply, result),
      );
    case 'cancelled': {
      const code = asked.interrupted ? 'cancelled-by-till' : 'cancelled-at-terminal';
      return outcome(
        isCertainNo(reply)
          ? { kind: 'cancelled', code, terminalText: reply.description, result }
          : contradiction(reply, result),
      );
    }
    case 'refused':
      return outcome(
        isCertainNo(reply) && asked.phase === 'before-host'
          ? { kind: 'failed', code: meaning.code, terminalText: reply.description, result }
          : contradiction(reply, result),
      );
    case 'unknown':
      return outcome(unknownOutcome(meaning.code, reply.description, result));
  }
}

/** For reports and questions: they move no money, so an error is a certain «no». */
export function concludePlain(reply: Reply, method: Method): Outcome {
  const result = resultOf(reply.params);
  const code = responseCode(reply.params);
  const meaning = meaningOf(code);
  const refused = flag(text(reply.params, 'result')) === false;
  // SPEC 3.3: some answers have no responseCode at all.
  if (reply.error === false && !refused && (code === null || meaning.kind === 'approved')) {
    return {
      kind: 'approved',
      code: 'done',
      approvedAmount: null,
      discount: null,
      bonus: null,
      result,
    };
  }
  const terminalText = reply.description;
  switch (meaning.kind) {
    case 'refused':
      return { kind: 'failed', code: meaning.code, terminalText, result };
    case 'cancelled':
      return { kind: 'cancelled', code: 'cancelled-at-terminal', terminalText, result };
    case 'declined':
      // 0001 of a report is the terminal's own: there is nothing to report.
      return code === '0001' && (METHODS[method].results as readonly string[]).includes('receipt')
        ? { kind: 'failed', code: 'journal-empty', terminalText, result }
        : { kind: 'declined', code: meaning.code, terminalText, result };
    case 'approved':
    case 'approved-partially':
    case 'unknown':
      return { kind: 'failed', code: 'terminal-refused', terminalText, result };
  }
}

/** A settlement moves no money itself, but empties the journal: a doubtful answer stays doubtful. */
export function concludeSettlement(reply: Reply, method: Method): Outcome {
  const code = responseCode(reply.params);
  const meaning = meaningOf(code);
  const listedNo = meaning.kind === 'declined' || meaning.kind === 'refused';
  const certainNo = reply.error === true && (listedNo || meaning.kind === 'cancelled');
  const certainYes = reply.error === false && meaning.kind === 'approved';
  if (certainYes || certainNo) return concludePlain(reply, method);
  const unlisted = meaning.kind === 'unknown' ? meaning.code : 'contradictory-answer';
  return unknownOutcome(unlisted, reply.description, resultOf(reply.params));
}

function approval(reply: Reply, asked: Asked, result: TransactionResult): Verdict {
  const { params } = reply;
  if (reply.error !== false || !isConsistent(reply, asked.method)) {
    return outcome(contradiction(reply, result));
  }
  const charged = amount(params, 'amount', asked.currency);
  if (text(params, 'amount') !== null) {
    if (charged === null || charged === 0) return outcome(contradiction(reply, result));
    if (asked.withoutCash !== null && text(params, 'resultCashback') !== null) {
      return outcome(cashbackApproval(reply, asked, result, charged));
    }
    if (asked.amounts.length > 0 && !asked.amounts.includes(charged)) {
      return outcome(contradiction(reply, result));
    }
  }
  if (charged === null || (result.rrn === null && result.authCode === null)) {
    return { kind: 'unsigned', result, part: null };
  }
  return outcome(approved('approved', reply, asked, result, charged));
}

/** SPEC 3.3: the goods may be paid and the cash refused; the reply says so. */
function cashbackApproval(
  reply: Reply,
  asked: Asked,
  result: TransactionResult,
  charged: MinorUnits,
): Outcome {
  const given = flag(text(reply.params, 'resultCashback'));
  const whole = flag(text(reply.params, 'result'));
  const signed = result.rrn !== null || result.authCode !== null;
  if (!signed || whole === false || given === null) return contradiction(reply, result);
  if (given && asked.amounts.includes(charged)) {
    return approved('approved', reply, asked, result, charged);
  }
  if (!given && charged === asked.withoutCash) {
    return approved('approved-partially', reply, asked, result, charged);
  }
  return contradiction(reply, result);
}

/** SPEC 3.7: 0010, with the approved part as the amount. */
function partialApproval(reply: Reply, asked: Asked, result: TransactionResult): Verdict {
  const part = amount(reply.params, 'amount', asked.currency);
  const whole = Math.max(...asked.amounts, 0);
  const signed = result.rrn !== null || result.authCode !== null;
  const agrees = reply.error === false && isConsistent(reply, asked.method) && signed;
  return agrees && part !== null && part > 0 && part < whole
    ? { kind: 'unsigned', result, part }
    : outcome(contradiction(reply, result));
}

function approved(
  code: 'approved' | 'approved-partially',
  reply: Reply,
  asked: Asked,
  result: TransactionResult,
  approvedAmount: MinorUnits,
): Outcome {
  const discount = amount(reply.params, 'discount', asked.currency);
  return { kind: 'approved', code, approvedAmount, discount, bonus: null, result };
}

/** Status and type of a yes; 0 (undefined) and absence are no sign, for or against. */
function isConsistent(reply: Reply, method: Method): boolean {
  const status = text(reply.params, 'trnStatus') ?? '0';
  const type = text(reply.params, 'txnType') ?? '0';
  const types: readonly string[] = METHODS[method].txnTypes;
  return (status === '0' || status === '1') && (type === '0' || types.includes(type));
}

/** A no that carries a mark of a yes is none. An RRN is no such mark: hosts number declines too. */
function isCertainNo(reply: Reply): boolean {
  const status = text(reply.params, 'trnStatus');
  const knownStatus = status === null || ['0', '2', '3', '4'].includes(status);
  return reply.error === true && knownStatus && reference(reply.params, 'approvalCode') === null;
}

function contradiction(reply: Reply, result: TransactionResult): Outcome {
  return unknownOutcome('contradictory-answer', reply.description, result);
}

function outcome(decided: Outcome): Verdict {
  return { kind: 'outcome', outcome: decided };
}
