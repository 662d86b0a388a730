// A reply's fields → the transaction's data in our words.
import type { TransactionResult } from '../../domain/outcome.ts';
import { formatLocalTime } from '../wire/local-time.ts';
import { cardEntry, localTime, type Params, reference, responseCode, text } from './fields.ts';
import { maskedCard } from '../wire/card-mask.ts';

/** What is kept beside the named members; by our names. */
const EXTRA: Readonly<Record<string, string>> = {
  rrnExt: 'rrnExt',
  posConditionCode: 'posConditionCode',
  processingCode: 'processingCode',
  captureReference: 'captureReference',
  hstFld63Sf89: 'hstFld63Sf89',
  adv: 'adv',
  adv2p: 'adv2p',
  subMerchant: 'subMerchant',
  amountOfParts: 'amountOfParts',
  amountCash: 'amountCash',
  resultCashback: 'resultCashback',
  balance: 'balance',
  PhoneNumber: 'phoneNumber',
  OTPpassword: 'otpPassword',
  version: 'version',
  txnType: 'txnType',
  trnStatus: 'trnStatus',
};

export function resultOf(params: Params): TransactionResult {
  const time = localTime(params);
  const receipt = text(params, 'receipt');
  return {
    rrn: reference(params, 'rrn'),
    authCode: reference(params, 'approvalCode'),
    invoice: text(params, 'invoiceNumber'),
    batch: null,
    responseCode: responseCode(params),
    card: cardOf(params),
    acquirer: text(params, 'bankAcquirer'),
    merchantId: text(params, 'merchant'),
    terminalId: text(params, 'terminalId'),
    terminalTime: time === null ? null : formatLocalTime(time),
    signatureRequired: signature(params),
    // The protocol has one text; the terminal prints it twice.
    receipt: receipt === null ? null : { merchant: receipt, customer: receipt },
    agreement: text(params, 'agreementNum'),
    extra: extraOf(params),
  };
}

/** SPEC 3.10: a neighbour spells it `signVerify`. */
function signature(params: Params): boolean | null {
  const value = text(params, 'signVerif') ?? text(params, 'signVerify');
  return value === '1' ? true : value === '0' ? false : null;
}

function cardOf(params: Params): TransactionResult['card'] {
  const shown = text(params, 'pan');
  const mask = shown === null ? null : maskedCard(shown);
  const brand = text(params, 'paymentSystem');
  const issuer = text(params, 'issuerName');
  const entry = cardEntry(params);
  if (mask === null && brand === null && issuer === null && entry === null) return null;
  return { mask, brand, issuer, entry };
}

function extraOf(params: Params): Readonly<Record<string, string>> {
  const kept: [string, string][] = [];
  for (const [name, ours] of Object.entries(EXTRA)) {
    const value = text(params, name);
    if (value !== null) kept.push([ours, value]);
  }
  return Object.fromEntries(kept);
}
