import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, type Reply } from '../../../app/src/terminals/privat-json/codec.ts';
import {
  type Asked,
  concludeMoney,
  concludePlain,
  concludeSettlement,
} from '../../../app/src/terminals/privat-json/outcome.ts';
import { RESPONSE_CODES } from '../../../app/src/terminals/privat-json/response-codes.ts';
import { uah } from '../kit.ts';
import * as vectors from '../../vectors/privat-json.ts';

const ASKED: Asked = {
  method: 'Purchase',
  currency: 'UAH',
  amounts: [uah(60)],
  withoutCash: null,
  interrupted: false,
  phase: 'before-host',
};

function replyOf(
  text: string,
  change: Record<string, string | undefined> = {},
  error?: unknown,
): Reply {
  const message = JSON.parse(text) as { params: Record<string, unknown>; error: unknown };
  message.params = { ...message.params, ...change };
  if (error !== undefined) message.error = error;
  const read = decode(new Uint8Array(Buffer.from(JSON.stringify(message))));
  assert.ok(read.kind === 'reply');
  return read.reply;
}

const good = (change: Record<string, string | undefined> = {}, error?: unknown): Reply =>
  replyOf(vectors.PURCHASE_REPLY, change, error);
const no = (
  responseCode: string,
  change: Record<string, string> = {},
  error: unknown = true,
): Reply => replyOf(vectors.CANCELLED_REPLY, { responseCode, ...change }, error);

function conclude(reply: Reply, asked: Partial<Asked> = {}): [string, string] {
  const verdict = concludeMoney(reply, { ...ASKED, ...asked });
  return verdict.kind === 'unsigned'
    ? ['unsigned', '']
    : [verdict.outcome.kind, verdict.outcome.code];
}

test('approves where all signs agree, with the data of the transaction', () => {
  const verdict = concludeMoney(good(), ASKED);
  assert.ok(verdict.kind === 'outcome' && verdict.outcome.kind === 'approved');
  const { approvedAmount, discount, result } = verdict.outcome;
  assert.deepEqual([approvedAmount, discount], [60, 0]);
  assert.equal(result.rrn, '9999999999999');
  assert.equal(result.authCode, '999999');
  assert.equal(result.terminalTime, '2019-10-02T09:11:07');
  assert.deepEqual(result.card, {
    mask: '4731********9838',
    brand: 'VISA',
    issuer: 'VISA ПРИВАТ',
    entry: 'stripe',
  });
  assert.equal(result.signatureRequired, false);
  assert.equal(result.receipt?.customer, 'text-of-receipt');
});

test('each sign that contradicts alone makes it unknown', () => {
  const contradictions: [string, Reply][] = [
    ['error flag set', good({}, true)],
    ['error flag unreadable', good({}, 'maybe')],
    ['status declined', good({ trnStatus: '2' })],
    ['status reversed', good({ trnStatus: '3' })],
    ['status cancelled', good({ trnStatus: '4' })],
    ['status unlisted', good({ trnStatus: '7' })],
    ['type refund', good({ txnType: '2' })],
    ['type void', good({ txnType: '3' })],
    ['other amount', good({ amount: '0.61' })],
    ['zero amount', good({ amount: '0.00' })],
    ['amount that is no money', good({ amount: '0:60' })],
  ];
  for (const [name, reply] of contradictions) {
    assert.deepEqual(conclude(reply), ['unknown', 'contradictory-answer'], name);
  }
  assert.deepEqual(conclude(good({ responseCode: '' })), ['unknown', 'unlisted-code']);
});

test('absent or undefined status and type are no contradiction; comma decimals are read', () => {
  for (const change of [
    { trnStatus: '0' },
    { trnStatus: '' },
    { txnType: '0' },
    { txnType: '' },
    { amount: '0,60' },
    { rrn: '' },
    { approvalCode: '' },
  ]) {
    assert.deepEqual(conclude(good(change)), ['approved', 'approved'], JSON.stringify(change));
  }
});

test('a yes without amount or without RRN and code is not believed by itself', () => {
  assert.deepEqual(conclude(good({ amount: '' })), ['unsigned', '']);
  assert.deepEqual(conclude(good({ rrn: '', approvalCode: '' })), ['unsigned', '']);
  assert.deepEqual(conclude(good({ rrn: '000000000000', approvalCode: '000000' })), [
    'unsigned',
    '',
  ]);
  const bare = replyOf('{"method":"Purchase","params":{"responseCode":"0000"},"error":false}');
  assert.deepEqual(conclude(bare), ['unsigned', '']);
});

test('a partial approval has a smaller sum and no error, and the journal confirms it', () => {
  const part = { responseCode: '0010', amount: '0.30' };
  assert.deepEqual(conclude(good(part)), ['unsigned', '']);
  const verdict = concludeMoney(good(part), ASKED);
  assert.ok(verdict.kind === 'unsigned');
  assert.equal(verdict.part, 30);
  for (const change of [
    { amount: '0.60' },
    { amount: '0.90' },
    { amount: '' },
    { rrn: '', approvalCode: '' },
  ]) {
    assert.equal(conclude(good({ ...part, ...change }))[0], 'unknown', JSON.stringify(change));
  }
  assert.equal(conclude(good(part, true))[0], 'unknown');
});

test('an adjusted sum is one of ours', () => {
  assert.equal(conclude(good({ amount: '0.50' }), { amounts: [uah(60), uah(50)] })[0], 'approved');
});

const cashbackReply = (amount: string, resultCashback: string, result = 'true'): Reply =>
  good({ amount, resultCashback, result, txnType: '' });

test('cashback says whether the cash was given', () => {
  const asked = { method: 'Cashback', amounts: [uah(160)], withoutCash: uah(60) } as const;
  assert.deepEqual(conclude(cashbackReply('1.60', 'true'), asked), ['approved', 'approved']);
  assert.deepEqual(conclude(cashbackReply('0.60', 'false'), asked), [
    'approved',
    'approved-partially',
  ]);
  for (const [amount, given, whole] of [
    ['1.60', 'false', 'true'],
    ['0.60', 'true', 'true'],
    ['1.60', 'true', 'false'],
    ['1.60', 'perhaps', 'true'],
  ] as const) {
    assert.equal(
      conclude(cashbackReply(amount, given, whole), asked)[0],
      'unknown',
      `${amount} ${given}`,
    );
  }
});

test('every listed code has its outcome, with the error flag and without marks of a yes', () => {
  const expected: Record<string, [string, string]> = {
    '0005': ['declined', 'declined-by-bank'],
    '0051': ['declined', 'insufficient-funds'],
    '0054': ['declined', 'expired-card'],
    '0055': ['declined', 'wrong-pin'],
    '0057': ['declined', 'card-not-permitted'],
    '0058': ['declined', 'card-not-served'],
    '0061': ['declined', 'limit-exceeded'],
    '0065': ['declined', 'limit-exceeded'],
    '0075': ['declined', 'pin-tries-exceeded'],
    '0004': ['declined', 'card-blocked'],
    '0041': ['declined', 'card-blocked'],
    '0043': ['declined', 'card-blocked'],
    '0014': ['declined', 'invalid-card'],
    '0091': ['declined', 'issuer-unavailable'],
    '0096': ['declined', 'system-fault'],
    '1000': ['failed', 'terminal-refused'],
    '1001': ['cancelled', 'cancelled-at-terminal'],
    '1002': ['declined', 'declined-by-card'],
    '1003': ['failed', 'journal-full'],
    '1004': ['declined', 'no-host'],
    '1005': ['failed', 'out-of-paper'],
    '1006': ['failed', 'terminal-keys'],
    '1007': ['failed', 'card-reader'],
    '1008': ['unknown', 'already-complete'],
  };
  for (const [code, outcome] of Object.entries(expected)) {
    assert.deepEqual(conclude(no(code)), outcome, code);
  }
  assert.deepEqual(conclude(no('1001'), { interrupted: true }), ['cancelled', 'cancelled-by-till']);
});

test('a code that no table lists is unknown', () => {
  for (let code = 0; code <= 1_100; code++) {
    const text = String(code).padStart(4, '0');
    if (Object.hasOwn(RESPONSE_CODES, text)) continue;
    assert.deepEqual(conclude(no(text)), ['unknown', 'unlisted-code'], text);
  }
  for (const text of ['', 'ABCD', '00000', '-1', 'toString']) {
    assert.equal(conclude(no(text))[0], 'unknown', text);
  }
  for (const approvalInDisguise of ['0008', '0011', '0016', '0085', '0087', '0068', '0094']) {
    assert.equal(conclude(no(approvalInDisguise))[0], 'unknown', approvalInDisguise);
  }
});

test('a no that carries a mark of a yes is unknown', () => {
  for (const code of ['0051', '1001', '1002', '1000']) {
    assert.equal(conclude(no(code, {}, false))[0], 'unknown', `${code} without error`);
    assert.equal(conclude(no(code, {}, 'maybe'))[0], 'unknown', `${code} with a broken flag`);
    assert.equal(conclude(no(code, { trnStatus: '1' }))[0], 'unknown', `${code} approved`);
    assert.equal(conclude(no(code, { approvalCode: '611506' }))[0], 'unknown', `${code} with code`);
  }
  assert.equal(conclude(no('0051', { rrn: '014721258513', trnStatus: '2' }))[0], 'declined');
});

test('«refused» proves nothing once the host may know of it', () => {
  for (const code of ['1000', '1003', '1005', '1006', '1007']) {
    assert.equal(conclude(no(code), { phase: 'authorising' })[0], 'unknown', code);
    assert.equal(conclude(no(code), { phase: 'blind' })[0], 'unknown', code);
  }
});

test('reports: an error is a certain no, an empty journal is told by name', () => {
  const empty = replyOf(vectors.EMPTY_SETTLEMENT_REPLY);
  assert.equal(concludePlain(empty, 'Audit').code, 'journal-empty');
  assert.deepEqual(
    [concludeSettlement(empty, 'Verify').kind, concludeSettlement(empty, 'Verify').code],
    ['failed', 'journal-empty'],
  );
  const done = replyOf(
    vectors.EMPTY_SETTLEMENT_REPLY,
    { responseCode: '0000', receipt: 'Z' },
    false,
  );
  const settled = concludeSettlement(done, 'Verify');
  assert.deepEqual([settled.kind, settled.code], ['approved', 'done']);
  assert.equal(settled.result?.receipt?.merchant, 'Z');
  const doubtful = replyOf(vectors.EMPTY_SETTLEMENT_REPLY, { responseCode: '0000' }, true);
  assert.equal(concludeSettlement(doubtful, 'Verify').kind, 'unknown');
  const balance = replyOf(
    '{"method":"GetBalance","params":{"balance":"unknown","code":"01","responseCode":"0001"},"error":true}',
  );
  assert.equal(concludePlain(balance, 'GetBalance').code, 'declined-by-bank');
});
