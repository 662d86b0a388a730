// The tables of the protocol and the rules over them, without any library.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minorUnits } from '../../../app/src/domain/money.ts';
import type { OperationRequest, RequestBody } from '../../../app/src/domain/operation.ts';
import { EMPTY_RESULT } from '../../../app/src/domain/outcome.ts';
import { openCallOf } from '../../../app/src/terminals/bpos/address.ts';
import { parseOptions } from '../../../app/src/terminals/bpos/options.ts';
import {
  type Asked,
  concludeFailure,
  concludePlain,
  concludeSuccess,
} from '../../../app/src/terminals/bpos/outcome.ts';
import { identityOf } from '../../../app/src/terminals/bpos/reports.ts';
import { planOf } from '../../../app/src/terminals/bpos/requests.ts';
import { meaningOf } from '../../../app/src/terminals/wire/bank-codes.ts';
import { localTimeOf, type Transaction } from '../../../app/src/terminals/bpos/transaction.ts';
import { maskedCard, withMaskedCards } from '../../../app/src/terminals/wire/card-mask.ts';
import { operationOf } from '../kit.ts';

const SETUP = {
  id: 'till-1',
  driver: 'bpos',
  address: 'tcp://10.0.0.5:2000',
  currency: 'UAH',
  defaultMerchant: 1,
  merchants: [],
  options: {},
} as const;

function optionsOf(given: Record<string, string | number | boolean> = {}) {
  const parsed = parseOptions(given);
  assert.equal(parsed.kind, 'options', JSON.stringify(parsed));
  return parsed.options;
}

function planned(body: RequestBody, options = {}, merchant: number | null = null) {
  const request: OperationRequest = { ...operationOf(body).request, ...body, merchant };
  return planOf(request, null, SETUP, optionsOf(options));
}

test('addresses become the call that opens them', () => {
  assert.deepEqual(openCallOf('tcp://192.168.1.50:2000'), {
    name: 'CommOpenTCP',
    args: ['192.168.1.50', '2000'],
  });
  assert.deepEqual(openCallOf('serial:///dev/terminals/pos-1?baud=9600'), {
    name: 'CommOpen',
    args: ['/dev/terminals/pos-1', 9600],
  });
  assert.deepEqual(openCallOf('auto://'), { name: 'CommOpenAuto', args: [115_200] });
  assert.deepEqual(openCallOf('auto://?baud=9600'), { name: 'CommOpenAuto', args: [9600] });
  for (const wrong of ['tcp://host', 'serial://ttyACM0', 'http://host:80', 'auto://x', '']) {
    assert.ok('issue' in openCallOf(wrong), wrong);
  }
});

test('response codes: listed ones mean what they say, others nothing', () => {
  assert.equal(meaningOf(0).kind, 'approved');
  assert.deepEqual(meaningOf(51), { kind: 'declined', code: 'insufficient-funds' });
  assert.deepEqual(meaningOf(96), { kind: 'declined', code: 'system-fault' });
  assert.deepEqual(meaningOf(1003), { kind: 'refused', code: 'journal-full' });
  for (const code of [8, 9, 10, 11, 16, 68, 85, 87, 94, 95, 100, 999, 1009, -1]) {
    assert.equal(meaningOf(code).kind, 'unknown', String(code));
  }
});

const YES: Transaction = {
  errorCode: 0,
  responseCode: 0,
  type: 1,
  status: 1,
  amount: minorUnits(100),
  addAmount: minorUnits(0),
  identity: 'S1 102 700102',
  time: null,
  result: { ...EMPTY_RESULT, rrn: '700102', authCode: '611102', invoice: '102' },
};
const ASKED: Asked = {
  amounts: [minorUnits(100)],
  cashback: null,
  types: [1],
  isVoid: false,
  interrupted: false,
  phase: 'before-host',
  before: 'S1 101 700101',
};

test('one contradicting sign makes a yes unknown', () => {
  assert.equal(concludeSuccess(YES, ASKED).kind, 'yes');
  const contradictions: Partial<Transaction>[] = [
    { errorCode: 4 },
    { responseCode: 5 },
    { responseCode: 777 },
    { type: 2 },
    { status: 2 },
    { status: 3 },
    { status: 4 },
    { amount: minorUnits(99) },
    { identity: ASKED.before },
  ];
  for (const change of contradictions) {
    const verdict = concludeSuccess({ ...YES, ...change }, ASKED);
    assert.equal(
      verdict.kind === 'outcome' && verdict.outcome.kind,
      'unknown',
      JSON.stringify(change),
    );
  }
});

test('a missing sign is asked for, a missing status or type is none', () => {
  assert.equal(concludeSuccess({ ...YES, amount: null }, ASKED).kind, 'unsigned');
  const bare = { ...YES, result: EMPTY_RESULT };
  assert.equal(concludeSuccess(bare, ASKED).kind, 'unsigned');
  assert.equal(concludeSuccess({ ...YES, type: 0, status: 0 }, ASKED).kind, 'yes');
});

test('cash and goods may come together or apart, in the right parts only', () => {
  const cashback = { goods: minorUnits(100), cash: minorUnits(50) };
  const asked = { ...ASKED, cashback, amounts: [minorUnits(150)], types: [14] };
  const told = (amount: number, addAmount: number) =>
    concludeSuccess(
      { ...YES, type: 14, amount: minorUnits(amount), addAmount: minorUnits(addAmount) },
      asked,
    );
  for (const verdict of [told(100, 50), told(150, 0), told(150, 50)]) {
    assert.equal(verdict.kind === 'yes' && verdict.amount, 150);
  }
  for (const verdict of [told(100, 0), told(100, 49), told(50, 100)]) {
    assert.equal(verdict.kind, 'outcome');
  }
});

test('a void may show the transaction that it took back', () => {
  const asked = { ...ASKED, isVoid: true, types: [3], before: YES.identity };
  assert.equal(concludeSuccess({ ...YES, type: 3 }, asked).kind, 'yes');
  assert.equal(concludeSuccess({ ...YES, type: 1, status: 4 }, asked).kind, 'yes');
  assert.equal(concludeSuccess({ ...YES, type: 1, status: 1 }, asked).kind, 'outcome');
});

test('a no is believed only with its code and without a mark of a yes', () => {
  const no = { kind: 'error', errorCode: 4, responseCode: 51, text: 'ні' } as const;
  const old = { ...YES, identity: ASKED.before };
  const word = (
    change: Partial<typeof no> | object,
    shown: Transaction | null = old,
    asked = ASKED,
  ) => {
    const { kind, code } = concludeFailure({ ...no, ...change }, shown, asked);
    return `${kind} ${code}`;
  };
  assert.equal(word({}), 'declined insufficient-funds');
  assert.equal(word({}, YES), 'unknown contradictory-answer');
  assert.equal(word({}, { ...YES, status: 2 }), 'declined insufficient-funds');
  assert.equal(word({ responseCode: 0 }), 'unknown contradictory-answer');
  assert.equal(word({ errorCode: 3 }), 'unknown link-cut');
  assert.equal(word({ errorCode: 0 }), 'unknown contradictory-answer');
  assert.equal(word({ responseCode: 1003 }), 'failed journal-full');
  const authorising = { ...ASKED, phase: 'authorising' } as const;
  assert.equal(word({ responseCode: 1003 }, old, authorising), 'unknown contradictory-answer');
  const interrupted = { ...ASKED, interrupted: true };
  assert.equal(word({ responseCode: 1001 }, old, interrupted), 'cancelled cancelled-by-till');
});

test('return codes: only «not open», «not initialised» and «busy» are certain', () => {
  for (let code = 1; code <= 20; code++) {
    const { kind } = concludeFailure({ kind: 'returned', code }, null, ASKED);
    assert.equal(kind, [5, 6, 7].includes(code) ? 'failed' : 'unknown', String(code));
  }
  const unsent = concludeFailure({ kind: 'lost', code: 'link-cut', sent: false }, null, ASKED);
  assert.equal(unsent.kind, 'failed');
});

test('a report that fails moved no money', () => {
  const error = { kind: 'error', errorCode: 4, responseCode: 1005, text: null } as const;
  assert.deepEqual(concludePlain(error, false).code, 'out-of-paper');
  const foreign = concludePlain({ ...error, responseCode: 777 }, false);
  assert.deepEqual([foreign.kind, foreign.code], ['failed', 'terminal-refused']);
  const cut = concludePlain({ ...error, errorCode: 3 }, false);
  assert.deepEqual([cut.kind, cut.code], ['failed', 'no-answer-no-money']);
});

test('requests become calls with the library’s own order of arguments', () => {
  const amount = minorUnits(250);
  const cases: [RequestBody, unknown][] = [
    [{ kind: 'purchase', amount, discount: minorUnits(50) }, ['Purchase', [250, 50, 1]]],
    [{ kind: 'refund', amount, of: null, rrn: '123' }, ['Refund', [250, 0, 1, '123']]],
    [{ kind: 'void', of: null, invoice: '17' }, ['Void', [17, 1]]],
    [{ kind: 'deposit', amount }, ['Deposit', [1, 250, '980', 0]]],
    [{ kind: 'settlement' }, ['Settlement', [0]]],
    [{ kind: 'totals' }, ['GetBatchTotals', [0]]],
    [{ kind: 'balance' }, ['Balance', [1, '980', 0]]],
    [{ kind: 'receipt-copy', invoice: null }, ['ReqCurrReceipt', []]],
  ];
  for (const [body, expected] of cases) {
    const plan = planned(body);
    assert.deepEqual(plan.kind === 'plan' && [plan.call.name, plan.call.args], expected);
  }
  const cashback = planned(
    { kind: 'cashback', amount, cash: minorUnits(100) },
    { cashbackScenario: '6' },
    2,
  );
  assert.deepEqual(cashback.kind === 'plan' && cashback.call, {
    name: 'StartScenario',
    args: [
      6,
      '<ActionScenarioRequest><Action>CashBack</Action><Amount>250</Amount><CashAmount>100</CashAmount><MerchantId>2</MerchantId></ActionScenarioRequest>',
    ],
  });
});

function confirms(body: RequestBody, options = {}): boolean {
  const plan = planned(body, options);
  return plan.kind === 'plan' && plan.confirm;
}

test('which kinds wait for our confirmation', () => {
  const amount = minorUnits(1);
  const purchase = { kind: 'purchase', amount, discount: minorUnits(0) } as const;
  const less = { confirm: 'purchase-and-refund' };
  for (const options of [{}, less]) {
    assert.equal(confirms(purchase, options), true);
    assert.equal(confirms({ kind: 'refund', amount, of: null, rrn: '1' }, options), true);
    assert.equal(confirms({ kind: 'void', of: null, invoice: '1' }, options), false);
    assert.equal(confirms({ kind: 'totals' }, options), false);
  }
  assert.equal(confirms({ kind: 'deposit', amount }), true);
  assert.equal(confirms({ kind: 'deposit', amount }, less), false);
});

test('TerminalInfo names the program, the terminal and its merchants in order', () => {
  const identity = identityOf('TE7E118 S1HA0XFE 00CT20744822/S1HA0XFE/L1HA2XFE/');
  assert.equal(identity?.firmware, 'TE7E118');
  assert.equal(identity.terminalId, 'S1HA0XFE');
  assert.deepEqual(identity.merchantTerminalIds, { '1': 'S1HA0XFE', '2': 'L1HA2XFE' });
  assert.equal(identityOf(''), null);
});

test('a time is read only in forms that cannot be misread', () => {
  const expected = { year: 2026, month: 11, day: 25, hour: 3, minute: 4, second: 5 };
  for (const form of ['20261125030405', '2026-11-25 03:04:05', '25.11.2026 03:04:05']) {
    assert.deepEqual(localTimeOf(form), expected, form);
  }
  for (const form of ['261125030405', '25.11.26 03:04', '', null])
    assert.equal(localTimeOf(form), null);
});

test('options out of bounds, unknown ones and a wrong key are named', () => {
  const parsed = parseOptions({ pollMs: 1, colour: 'red', macKey: 'xyz', logging: 'all' });
  assert.equal(parsed.kind, 'issues');
  const paths = parsed.kind === 'issues' ? parsed.issues.map(({ path }) => path).sort() : [];
  assert.deepEqual(paths, ['colour', 'logging', 'macKey', 'pollMs']);
});

test('card numbers are masked wherever they stand', () => {
  assert.equal(maskedCard('5168151234569659'), '516815******9659');
  assert.equal(maskedCard('516815XXXXXX9659'), '516815******9659');
  assert.equal(maskedCard('51681512XXXX9659'), '516815******9659');
  assert.equal(maskedCard('1234XXXXXXXX5678'), '1234********5678');
  assert.equal(maskedCard('12345678'), '****5678');
  assert.equal(maskedCard('XXXX'), null);
  assert.equal(
    withMaskedCards('PAN 4111 1111 1111 1111\nRRN 014721258513\n5168151234569659=2912'),
    'PAN 411111*********1111\nRRN 014721258513\n***'.replace('*********', '******'),
  );
});
