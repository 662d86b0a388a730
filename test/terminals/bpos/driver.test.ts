// Sales, follow-ups and reports over the real process of the library with the test double.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { minorUnits } from '../../../app/src/domain/money.ts';
import type { Outcome } from '../../../app/src/domain/outcome.ts';
import { rowOf, Stage, until } from './stage.ts';

const stage = await Stage.open({ instalmentService: '0109//1/{parts}', printReference: true });
after(() => stage.close());
const { terminal } = stage;

function approvedOf(outcome: Outcome): Extract<Outcome, { kind: 'approved' }> {
  assert.equal(outcome.kind, 'approved', JSON.stringify(outcome));
  return outcome;
}

test('a sale is approved after every sign was read, made durable, and confirmed', async () => {
  terminal.script('step-ms 20');
  const played = await stage.sale(12_345);
  const outcome = approvedOf(played.outcome);
  const [entry] = terminal.journal().slice(-1);
  assert.equal(outcome.approvedAmount, 12_345);
  assert.equal(outcome.result.rrn, entry?.rrn);
  assert.equal(outcome.result.invoice, String(entry?.invoice));
  assert.equal(outcome.result.batch, '7');
  assert.equal(outcome.result.responseCode, '0000');
  assert.deepEqual(outcome.result.card, {
    mask: '516815******9659',
    brand: null,
    issuer: 'ПриватБанк',
    entry: 'contactless',
  });
  assert.match(outcome.result.receipt?.customer ?? '', /КВИТАНЦІЯ № \d+\nСУМА 12345/);
  assert.deepEqual([entry?.amount, entry?.status, entry?.confirmed], [12_345, 1, 1]);
  // The getters are undefined after Confirm: what is durable was read before.
  assert.equal(played.confirming.length, 1);
  assert.equal(played.confirming[0]?.amount, 12_345);
  assert.equal(played.confirming[0]?.result.rrn, entry?.rrn);
  assert.deepEqual(played.masks, ['516815******9659']);
});

test('what the terminal shows is passed on in its own words', async () => {
  terminal.script('step-ms 300');
  const { displays } = await stage.sale(100);
  assert.deepEqual(
    displays.filter(({ status }) => status !== '0'),
    [
      { status: '9', text: 'Вставте картку' },
      { status: '1', text: 'Картку прочитано' },
      { status: '6', text: 'Введіть ПІН' },
      { status: '3', text: 'Авторизація…' },
    ],
  );
});

test('the watermark of a sale is the transaction before it', async () => {
  terminal.script();
  const first = approvedOf((await stage.sale(200)).outcome);
  const second = await stage.sale(201);
  assert.equal(
    second.watermark?.lastInvoice,
    `S1DB0001 ${first.result.invoice} ${first.result.rrn}`,
  );
  assert.equal(second.watermark?.batch, '7');
});

test('declines and cancels of the terminal are told by its codes', async () => {
  const cases = [
    ['decline 51', 'declined', 'insufficient-funds'],
    ['decline 5', 'declined', 'declined-by-bank'],
    ['error 1001', 'cancelled', 'cancelled-at-terminal'],
    ['error 1002', 'declined', 'declined-by-card'],
    ['error 1004', 'declined', 'no-host'],
    ['error 1008', 'unknown', 'already-complete'],
    ['decline 11', 'unknown', 'unlisted-code'],
    ['error 777', 'unknown', 'unlisted-code'],
  ] as const;
  for (const [word, kind, code] of cases) {
    terminal.script(word, 'step-ms 5');
    const { outcome, confirming } = await stage.sale(300);
    assert.deepEqual([outcome.kind, outcome.code], [kind, code], word);
    assert.deepEqual(confirming, []);
  }
  terminal.script('decline 51');
  const { outcome } = await stage.sale(300);
  assert.equal(outcome.kind === 'declined' && outcome.terminalText, 'Недостатньо коштів');
});

test('a till that cancels gets the terminal’s own verdict', async () => {
  terminal.script('step-ms 200');
  const control = new AbortController();
  const { outcome } = await stage.sale(400, {
    cancel: control.signal,
    onStarted: () => setTimeout(() => control.abort(), 100),
  });
  assert.deepEqual([outcome.kind, outcome.code], ['cancelled', 'cancelled-by-till']);

  terminal.script('step-ms 20', 'deaf-to-cancel');
  const late = new AbortController();
  late.abort();
  const won = await stage.sale(401, { cancel: late.signal });
  assert.equal(approvedOf(won.outcome).approvedAmount, 401);
});

test('the corrected sum of a loyalty card is sent once, and is what must come back', async () => {
  terminal.script('adjust');
  const given = { amount: minorUnits(9_000), discount: minorUnits(1_000) };
  const played = await stage.sale(10_000, { answer: { kind: 'adjust', ...given } });
  const outcome = approvedOf(played.outcome);
  assert.deepEqual([outcome.approvedAmount, outcome.discount], [9_000, 1_000]);
  const [question] = played.questions;
  assert.equal(played.questions.length, 1);
  assert.equal(question?.kind === 'adjust' && question.loyalty, 'Бонус Плюс');
  assert.equal(question?.kind === 'adjust' && question.cardMask, '516815******9659');

  const unanswered = await stage.sale(10_001);
  assert.equal(approvedOf(unanswered.outcome).approvedAmount, 10_001);
});

test('a refund, a void, a completion and the bank’s cash desk go through and are confirmed', async () => {
  terminal.script();
  const sold = await stage.sale(5_000);
  const { rrn, invoice } = approvedOf(sold.outcome).result;
  const refund = await stage.play({ kind: 'refund', amount: minorUnits(2_000), of: null, rrn });
  assert.equal(approvedOf(refund.outcome).approvedAmount, 2_000);
  assert.equal(refund.confirming.length, 1);

  const body = { kind: 'void', of: null, invoice } as const;
  const voided = await stage.play(body, { original: rowOf(sold) });
  assert.equal(approvedOf(voided.outcome).approvedAmount, 5_000);
  assert.equal(voided.confirming.length, 0);
  assert.equal(terminal.journal().find((one) => String(one.invoice) === invoice)?.status, 4);

  const kinds = [
    { kind: 'completion', amount: minorUnits(700), of: null, rrn, authCode: '1', held: null },
    { kind: 'deposit', amount: minorUnits(800) },
    { kind: 'cash-advance', amount: minorUnits(900) },
    { kind: 'instalment', product: 'instalment', parts: 5, amount: minorUnits(1_000) },
    {
      kind: 'service',
      service: 'purchase-service',
      amount: minorUnits(1_100),
      parameters: { params: '0111/4400/2' },
    },
  ] as const;
  for (const one of kinds) {
    const played = await stage.play(one);
    assert.equal(approvedOf(played.outcome).approvedAmount, one.amount, one.kind);
    assert.equal(played.confirming.length, 1, one.kind);
  }
  const types = terminal
    .journal()
    .slice(-5)
    .map(({ type }) => type);
  assert.deepEqual(types, [4, 7, 11, 10, 10]);
});

test('cash with a purchase is a scenario of the bank, and both parts are approved', async () => {
  terminal.script();
  const body = { kind: 'cashback', amount: minorUnits(10_000), cash: minorUnits(20_000) } as const;
  const { outcome } = await stage.play(body);
  assert.equal(approvedOf(outcome).approvedAmount, 30_000);
  const [entry] = terminal.journal().slice(-1);
  assert.deepEqual([entry?.type, entry?.amount, entry?.add], [14, 10_000, 20_000]);
});

test('questions and reports move no money and give what the terminal tells', async () => {
  terminal.script();
  const balance = approvedOf((await stage.play({ kind: 'balance' })).outcome);
  assert.equal(balance.result.extra['balance'], '150075');
  const identify = approvedOf((await stage.play({ kind: 'identify' })).outcome);
  assert.equal(identify.result.card?.mask, '516815******9659');
  assert.equal(identify.result.extra['clientNumber'], '77001');
  approvedOf((await stage.play({ kind: 'read-card' })).outcome);
  approvedOf((await stage.play({ kind: 'check-host' })).outcome);
  const info = approvedOf((await stage.play({ kind: 'info' })).outcome);
  assert.match(info.result.extra['terminalInfo'] ?? '', /S1DB0001/);
  for (const [service, parameters] of [
    ['read-bank-card', {}],
    ['ex-transaction', {}],
    ['scenario', { id: '6', xml: '<ActionScenarioRequest/>' }],
  ] as const) {
    const body = { kind: 'service', service, amount: null, parameters } as const;
    approvedOf((await stage.play(body)).outcome);
  }
  const copy = approvedOf((await stage.play({ kind: 'receipt-copy', invoice: '101' })).outcome);
  assert.match(copy.result.receipt?.merchant ?? '', /КВИТАНЦІЯ № 101/);
  const missing = await stage.play({ kind: 'receipt-copy', invoice: '999999' });
  assert.deepEqual([missing.outcome.kind, missing.outcome.code], ['failed', 'terminal-refused']);
  const totals = approvedOf((await stage.play({ kind: 'totals' })).outcome).result.extra;
  const count = terminal
    .journal()
    .filter(({ status, type }) => status === 1 && ![2, 3].includes(type));
  assert.equal(totals['debitCount'], String(count.length));
  const journal = approvedOf((await stage.play({ kind: 'journal' })).outcome).result.extra;
  assert.equal(journal['count'], String(terminal.journal().length));
  assert.equal(journal['transactions']?.split('\n').length, terminal.journal().length);
  approvedOf((await stage.play({ kind: 'settlement-copy' })).outcome);
});

test('the reference of the till is printed where that is set', async () => {
  terminal.script();
  const sold = await stage.sale(150, {});
  assert.doesNotMatch(approvedOf(sold.outcome).result.receipt?.customer ?? '', /замовлення/);
  const request = { ...sold.operation.request, reference: 'замовлення 77' };
  const named = await stage.sale(151, {
    change: { request: { ...request, amount: minorUnits(151) } } as never,
  });
  assert.match(approvedOf(named.outcome).result.receipt?.customer ?? '', /замовлення 77/);
});

test('a sum that a C integer cannot hold is refused before anything is sent', async () => {
  const { outcome, startedCalls } = await stage.sale(2_147_483_648);
  assert.deepEqual([outcome.kind, outcome.code, startedCalls], ['failed', 'terminal-refused', 0]);
});

test('the terminal says who it is, and its test is quiet', async () => {
  const identity = stage.driver.identity();
  assert.equal(identity?.terminalId, 'S1DB0001');
  assert.equal(identity.firmware, 'TE7E118');
  assert.deepEqual(identity.merchantTerminalIds, { '1': 'S1DB0001', '2': 'S1DB0002' });
  const before = terminal.journal().length;
  const report = await stage.driver.test(new AbortController().signal);
  assert.deepEqual(
    [report.ok, report.steps.map(({ name }) => name)],
    [true, ['library', 'open', 'info', 'journal']],
  );
  assert.match(report.steps[0]?.detail ?? '', /TEST DOUBLE/);
  assert.equal(terminal.journal().length, before);
});

test('a settlement closes the batch', async () => {
  terminal.script();
  const { outcome } = await stage.play({ kind: 'settlement' });
  assert.equal(outcome.kind, 'approved');
  assert.deepEqual(terminal.journal(), []);
  const next = await stage.sale(160);
  assert.equal(approvedOf(next.outcome).result.batch, '8');
  assert.equal(next.watermark?.lastInvoice, null);
});

test('a process that has grown too large is replaced between two sales, and costs neither', async () => {
  terminal.script('leak');
  const { pid } = terminal;
  const during: number[] = [];
  const onStarted = (): void => {
    terminal.script();
    during.push(terminal.pid);
  };
  const onConfirming = (): void => void during.push(terminal.pid);
  approvedOf((await stage.sale(170, { onStarted, onConfirming })).outcome);
  assert.deepEqual(during, [pid, pid], 'the sale stays in the process that began it');
  approvedOf((await stage.sale(171)).outcome);
  assert.notEqual(terminal.pid, pid);
  const sums = terminal.journal().map(({ amount, status }) => [amount, status]);
  assert.deepEqual(sums.slice(-2), [
    [170, 1],
    [171, 1],
  ]);
});

test('a line that was idle for too long is opened anew before a sale, not after its loss', async () => {
  const options = { heartbeatMs: 14_000, idleCheckMs: 60_000 };
  for (const [linkFreshMs, expected] of [
    [200, 'approved'],
    [15_000, 'unknown'],
  ] as const) {
    const idle = await Stage.open({ ...options, linkFreshMs });
    try {
      idle.terminal.script('idle-drop-ms 300');
      await idle.sale(180); // the double reads its script when an operation begins
      // The look after a sale comes within a second, and is the last thing that the line hears.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const { outcome } = await idle.sale(181);
      // The second terminal shows what the first one is spared.
      assert.equal(outcome.kind, expected, `fresh for ${linkFreshMs} ms`);
    } finally {
      await idle.close();
    }
  }
});

test('heartbeats keep a line that the terminal would drop', async () => {
  const beating = await Stage.open({ heartbeatMs: 100, linkFreshMs: 15_000 });
  try {
    beating.terminal.script('idle-drop-ms 600');
    await beating.sale(185);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    assert.equal((await beating.sale(186)).outcome.kind, 'approved');
  } finally {
    await beating.close();
  }
});

test('a heartbeat keeps the line open, and an auto address is opened by the library itself', async () => {
  const beating = await Stage.open({ heartbeatMs: 50 }, 'header', 'auto://');
  try {
    await until(() => beating.terminal.lines('heartbeats') >= 3, 5_000, 'heartbeats');
    beating.terminal.script('batch-full');
    await beating.sale(99); // the double reads its script when an operation begins
    const alarmed = (): boolean => {
      const link = beating.driver.link();
      return link.kind === 'ready' && link.alarm !== undefined;
    };
    await until(alarmed, 5_000, 'the alarm');
    const { outcome } = await beating.sale(100);
    assert.equal(outcome.kind, 'approved');
  } finally {
    await beating.close();
  }
});

test('a serial address, a MAC key, an application and the library’s log are set as told', async () => {
  const options = {
    macKey: '00112233445566778899aabbccddeeff',
    application: 'TE7E',
    logging: 'detailed',
  };
  const serial = await Stage.open(options, 'header', 'serial:///dev/terminals/pos-1?baud=115200');
  try {
    const { outcome } = await serial.sale(100);
    assert.equal(outcome.kind, 'approved');
  } finally {
    await serial.close();
  }
});
