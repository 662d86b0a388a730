// Every response code that Tillgate believes; any other one leaves the outcome unknown.
import type { MessageCode } from '../../domain/failures.ts';

export type CodeMeaning =
  | { kind: 'approved' }
  | { kind: 'approved-partially' }
  | { kind: 'declined'; code: MessageCode }
  | { kind: 'cancelled' }
  /** The terminal did not start; believed only before the authorisation was seen. */
  | { kind: 'refused'; code: MessageCode }
  | { kind: 'unknown'; code: MessageCode };

const declined = (code: MessageCode = 'declined-by-bank'): CodeMeaning => ({
  kind: 'declined',
  code,
});

/**
 * The host's declines (ISO 8583 field 39, as the bank's hosts use it) and the terminal's own codes
 * (SPEC 4). Left out on purpose, so unknown: 08, 11, 16, 85 and 87 are approvals in disguise;
 * 09, 68, 94 and 95 say that the host has something of ours already.
 */
export const RESPONSE_CODES: Readonly<Record<string, { name: string; meaning: CodeMeaning }>> = {
  '0000': { name: 'approved', meaning: { kind: 'approved' } },
  '0010': { name: 'approved partially', meaning: { kind: 'approved-partially' } },
  '0001': { name: 'refer to card issuer', meaning: declined() },
  '0002': { name: 'refer to card issuer, special condition', meaning: declined() },
  '0003': { name: 'invalid merchant', meaning: declined('card-not-served') },
  '0004': { name: 'pick up card', meaning: declined('card-blocked') },
  '0005': { name: 'do not honour', meaning: declined() },
  '0006': { name: 'error', meaning: declined() },
  '0007': { name: 'pick up card, special condition', meaning: declined('card-blocked') },
  '0012': { name: 'invalid transaction', meaning: declined() },
  '0013': { name: 'invalid amount', meaning: declined() },
  '0014': { name: 'invalid card number', meaning: declined('invalid-card') },
  '0015': { name: 'no such issuer', meaning: declined('invalid-card') },
  '0019': { name: 're-enter transaction', meaning: declined() },
  '0025': { name: 'unable to locate record', meaning: declined() },
  '0030': { name: 'format error', meaning: declined() },
  '0031': { name: 'bank not supported', meaning: declined() },
  '0033': { name: 'expired card, pick up', meaning: declined('expired-card') },
  '0034': { name: 'suspected fraud, pick up', meaning: declined('card-blocked') },
  '0035': { name: 'contact acquirer, pick up', meaning: declined('card-blocked') },
  '0036': { name: 'restricted card, pick up', meaning: declined('card-blocked') },
  '0037': { name: 'call acquirer security, pick up', meaning: declined('card-blocked') },
  '0038': { name: 'PIN tries exceeded, pick up', meaning: declined('pin-tries-exceeded') },
  '0039': { name: 'no credit account', meaning: declined() },
  '0040': { name: 'function not supported', meaning: declined('card-not-permitted') },
  '0041': { name: 'lost card', meaning: declined('card-blocked') },
  '0042': { name: 'no universal account', meaning: declined() },
  '0043': { name: 'stolen card', meaning: declined('card-blocked') },
  '0051': { name: 'insufficient funds', meaning: declined('insufficient-funds') },
  '0052': { name: 'no cheque account', meaning: declined() },
  '0053': { name: 'no savings account', meaning: declined() },
  '0054': { name: 'expired card', meaning: declined('expired-card') },
  '0055': { name: 'incorrect PIN', meaning: declined('wrong-pin') },
  '0056': { name: 'no card record', meaning: declined('invalid-card') },
  '0057': { name: 'not permitted to cardholder', meaning: declined('card-not-permitted') },
  '0058': { name: 'not permitted to terminal', meaning: declined('card-not-served') },
  '0059': { name: 'suspected fraud', meaning: declined() },
  '0060': { name: 'contact acquirer', meaning: declined() },
  '0061': { name: 'exceeds amount limit', meaning: declined('limit-exceeded') },
  '0062': { name: 'restricted card', meaning: declined('card-not-permitted') },
  '0063': { name: 'security violation', meaning: declined() },
  '0064': { name: 'original amount incorrect', meaning: declined() },
  '0065': { name: 'exceeds count limit', meaning: declined('limit-exceeded') },
  '0066': { name: 'contact acquirer security', meaning: declined() },
  '0067': { name: 'hard capture', meaning: declined('card-blocked') },
  '0075': { name: 'PIN tries exceeded', meaning: declined('pin-tries-exceeded') },
  '0076': { name: 'unable to locate previous message', meaning: declined() },
  '0077': { name: 'inconsistent with original message', meaning: declined() },
  '0078': { name: 'card not active', meaning: declined('card-blocked') },
  '0081': { name: 'cryptographic error in PIN', meaning: declined('wrong-pin') },
  '0082': { name: 'CVV incorrect', meaning: declined() },
  '0086': { name: 'cannot verify PIN', meaning: declined() },
  '0088': { name: 'cryptographic failure', meaning: declined('system-fault') },
  '0089': { name: 'terminal not known to host', meaning: declined('card-not-served') },
  '0090': { name: 'cut-off in process', meaning: declined('issuer-unavailable') },
  '0091': { name: 'issuer unavailable', meaning: declined('issuer-unavailable') },
  '0092': { name: 'unable to route', meaning: declined('issuer-unavailable') },
  '0093': { name: 'violation of law', meaning: declined() },
  '0096': { name: 'system malfunction', meaning: declined('system-fault') },
  '1000': { name: 'general error', meaning: { kind: 'refused', code: 'terminal-refused' } },
  '1001': { name: 'cancelled by user', meaning: { kind: 'cancelled' } },
  '1002': { name: 'declined by the card', meaning: declined('declined-by-card') },
  '1003': { name: 'journal full', meaning: { kind: 'refused', code: 'journal-full' } },
  '1004': { name: 'no host', meaning: declined('no-host') },
  '1005': { name: 'no paper', meaning: { kind: 'refused', code: 'out-of-paper' } },
  '1006': { name: 'cryptographic keys', meaning: { kind: 'refused', code: 'terminal-keys' } },
  '1007': { name: 'card reader', meaning: { kind: 'refused', code: 'card-reader' } },
  '1008': { name: 'already complete', meaning: { kind: 'unknown', code: 'already-complete' } },
};

export function meaningOf(code: string | null): CodeMeaning {
  const row =
    code !== null && Object.hasOwn(RESPONSE_CODES, code) ? RESPONSE_CODES[code] : undefined;
  return row?.meaning ?? { kind: 'unknown', code: 'unlisted-code' };
}
