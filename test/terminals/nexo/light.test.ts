// Light style: the terminal never calls. Login, payments, refusals, cancels, reversals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeOf, operationOf, uah } from '../kit.ts';
import {
  type Bench,
  bench,
  type BenchOptions,
  concluded,
  operation,
  perform,
  run,
  sale,
  sentCount,
  until,
  voidOf,
} from './kit.ts';

function onBench(name: string, options: BenchOptions, story: (b: Bench) => Promise<void>): void {
  test(name, async () => {
    const b = await bench(options);
    try {
      await story(b);
      assert.deepEqual(b.terminal.faults, [], 'the terminal’s parser takes all that we send');
    } finally {
      await b.close();
    }
  });
}

onBench('a payment is approved with sum, number, card and both receipts', {}, async (b) => {
  const exchange = exchangeOf(sale(3_800));
  const outcome = await perform(b.driver, exchange);
  assert.ok(outcome.kind === 'approved', JSON.stringify(outcome));
  assert.equal(outcome.code, 'approved');
  assert.equal(outcome.approvedAmount, 3_800);
  const { result } = outcome;
  assert.equal(result.authCode, '611506');
  assert.equal(result.invoice, '8778880001');
  assert.deepEqual(result.card, {
    mask: '516815******9659',
    brand: 'Mastercard Debit',
    issuer: null,
    entry: 'contactless',
  });
  assert.match(result.receipt?.merchant ?? '', /SEK 38,00/);
  assert.match(result.receipt?.customer ?? '', /KÖP/);
  assert.equal(result.extra['poiTransactionTime']?.endsWith('Z'), true);
  assert.deepEqual(exchange.masks, ['516815******9659']);
  assert.equal(exchange.watermark?.lastInvoice, '-');
});

onBench('a receipt keeps letters of every language', {}, async (b) => {
  const outcome = await run(b.driver, sale());
  assert.match(outcome.result?.receipt?.customer ?? '', /Кав’ярня «Åsa»/);
});

onBench('the terminal is told the light style, and calls nobody', {}, async (b) => {
  b.terminal.callBack = () => Promise.reject(new Error('a call'));
  await run(b.driver, sale());
  assert.equal(b.terminal.style, 'light');
  assert.equal(
    b.terminal.received.some((text) => text.includes('>PrinterReceipt<')),
    true,
  );
  assert.equal(
    b.terminal.sent.some((text) => text.includes('DisplayRequest')),
    false,
  );
});

onBench(
  'a login that is answered with Busy is sent again until it succeeds',
  { prepare: ({ knobs }) => (knobs.loginBusy = 3) },
  async (b) => {
    await until(() => b.driver.link().kind === 'connecting', 'connecting');
    await until(() => b.terminal.logins === 4, 'four logins');
    await until(() => b.driver.link().kind === 'ready', 'ready');
    assert.equal((await run(b.driver, sale())).kind, 'approved');
  },
);

onBench(
  'a refused login is shown as the reason, and tried again',
  { prepare: ({ knobs }) => (knobs.loginRefused = 'wrong POIID') },
  async (b) => {
    await until(() => b.driver.link().kind === 'offline', 'offline');
    const link = b.driver.link();
    assert.ok(link.kind === 'offline');
    assert.match(link.reason, /wrong POIID/);
    b.terminal.knobs.loginRefused = null;
    await until(() => b.driver.link().kind === 'ready', 'ready');
  },
);

onBench('the first message is a question, and the login follows its refusal', {}, async (b) => {
  await until(() => b.driver.link().kind === 'ready', 'ready');
  const categories = b.terminal.received.map((text) => /MessageCategory="(\w+)"/.exec(text)?.[1]);
  assert.deepEqual(categories.slice(0, 2), ['TransactionStatus', 'Login']);
});

onBench(
  'who the terminal is comes from the login, in words of 3.0 too',
  { prepare: ({ knobs }) => (knobs.standard30 = true) },
  async (b) => {
    await until(() => b.driver.identity() !== null, 'identity');
    const identity = b.driver.identity();
    assert.equal(identity?.vendor, 'Acme');
    assert.equal(identity?.model, 'A30');
    assert.equal(identity?.firmware, '1.3.0.9');
    assert.equal(identity?.terminalId, '1710001234');
    assert.ok(Math.abs(b.driver.clockSkewMs() ?? Number.NaN) < 5_000);
  },
);

onBench(
  'a payment right after the login that is answered with Busy is offered again',
  {},
  async (b) => {
    await until(() => b.driver.link().kind === 'ready', 'ready');
    b.terminal.knobs.paymentBusy = 2;
    assert.equal((await run(b.driver, sale())).kind, 'approved');
    assert.equal(sentCount(b.terminal, 'Payment'), 3);
    const ids = b.terminal.received
      .filter((text) => text.includes('<PaymentRequest'))
      .map((text) => /ServiceID="(\d+)"/.exec(text)?.[1]);
    assert.equal(new Set(ids).size, 3, 'each under an id of its own');
  },
);

onBench(
  'a refusal that leaves out what the schema demands is one all the same',
  { prepare: ({ knobs }) => (knobs.bareRefusals = true) },
  async (b) => {
    await until(() => b.driver.link().kind === 'ready', 'ready');
    b.terminal.knobs.paymentBusy = 1;
    assert.equal((await run(b.driver, sale())).kind, 'approved');
    b.terminal.saleId = null;
    assert.equal((await run(b.driver, sale())).kind, 'approved');
    assert.deepEqual([sentCount(b.terminal, 'Payment'), b.terminal.journal.length], [4, 2]);
  },
);

onBench('a terminal that stays busy has not begun', { options: { busyRetries: 1 } }, async (b) => {
  await until(() => b.driver.link().kind === 'ready', 'ready');
  b.terminal.knobs.paymentBusy = 9;
  const outcome = await run(b.driver, sale());
  assert.deepEqual([outcome.kind, outcome.code], ['failed', 'terminal-busy-itself']);
});

onBench('a session that was lost is opened again, and the payment is made once', {}, async (b) => {
  await run(b.driver, sale());
  b.terminal.saleId = null;
  assert.equal((await run(b.driver, sale())).kind, 'approved');
  assert.equal(b.terminal.journal.length, 2);
});

const NOES = {
  Refusal: ['declined', 'declined-by-bank'],
  InvalidCard: ['declined', 'invalid-card'],
  WrongPIN: ['declined', 'wrong-pin'],
  PaymentRestriction: ['declined', 'card-not-permitted'],
  Cancel: ['cancelled', 'cancelled-at-terminal'],
  MessageFormat: ['failed', 'terminal-refused'],
  UnreachableHost: ['unknown', 'lost-answer'],
  DeviceOut: ['unknown', 'lost-answer'],
  'acme:Strange': ['unknown', 'unlisted-code'],
} as const;

for (const [verdict, [kind, code]] of Object.entries(NOES)) {
  onBench(`${verdict} is ${kind}`, {}, async (b) => {
    b.terminal.scripts.push({ verdict: verdict as 'Refusal' });
    const outcome = await run(b.driver, sale());
    assert.deepEqual([outcome.kind, outcome.code], [kind, code]);
  });
}

onBench('a declined payment may come with receipts or without', {}, async (b) => {
  b.terminal.scripts.push({ verdict: 'Refusal' }, { verdict: 'Refusal', papers: false });
  const withPapers = await run(b.driver, sale());
  const without = await run(b.driver, sale());
  assert.match(withPapers.result?.receipt?.merchant ?? '', /KÖP/);
  assert.equal(without.result?.receipt, null);
  assert.equal(without.kind, 'declined');
});

onBench('a bare failure without the parts that the schema demands is read', {}, async (b) => {
  b.terminal.scripts.push({ verdict: 'Refusal', bareFailure: true });
  assert.equal((await run(b.driver, sale())).kind, 'declined');
});

onBench('a tip is charged on top of what was asked', {}, async (b) => {
  b.terminal.scripts.push({ tip: 500 });
  const outcome = await run(b.driver, sale(3_800));
  assert.ok(outcome.kind === 'approved');
  assert.equal(outcome.approvedAmount, 4_300);
  assert.equal(outcome.result.extra['tip'], '5.00');
});

onBench('a part that is marked as one is approved partially', {}, async (b) => {
  b.terminal.scripts.push({ verdict: 'Partial' });
  const outcome = await run(b.driver, sale(3_800));
  assert.ok(outcome.kind === 'approved');
  assert.deepEqual([outcome.code, outcome.approvedAmount], ['approved-partially', 1_900]);
});

onBench('another sum without a word about it is a contradiction', {}, async (b) => {
  b.terminal.scripts.push({ sumInAnswer: 3_700 });
  const outcome = await run(b.driver, sale(3_800));
  assert.deepEqual([outcome.kind, outcome.code], ['unknown', 'contradictory-answer']);
});

onBench('cash is asked for inside of the sum', {}, async (b) => {
  const outcome = await run(
    b.driver,
    operation({ kind: 'cashback', amount: uah(3_800), cash: uah(10_000) }),
  );
  assert.ok(outcome.kind === 'approved');
  assert.equal(outcome.approvedAmount, 13_800);
  const request = b.terminal.received.find((text) => text.includes('<PaymentRequest'));
  assert.match(request ?? '', /RequestedAmount="138.00" CashBackAmount="100.00"/);
});

onBench('a refund is a payment of its own kind', {}, async (b) => {
  const outcome = await run(
    b.driver,
    operation({ kind: 'refund', amount: uah(900), of: null, rrn: '1' }),
  );
  assert.equal(outcome.kind, 'approved');
  assert.match(outcome.result?.receipt?.customer ?? '', /RETUR/);
});

onBench(
  'the last payment is taken back by its id and its time, letter by letter',
  {},
  async (b) => {
    const paid = sale();
    const original = concluded(paid, await run(b.driver, paid));
    const outcome = await run(b.driver, voidOf(original), original);
    assert.ok(outcome.kind === 'approved', JSON.stringify(outcome));
    assert.equal(outcome.approvedAmount, 3_800);
    assert.match(outcome.result.receipt?.customer ?? '', /Makulering/);
    const time = original.result?.extra['poiTransactionTime'] ?? '';
    assert.equal(
      b.terminal.received.some((text) => text.includes('<ReversalRequest') && text.includes(time)),
      true,
    );
  },
);

onBench('a payment that is not the last is not taken back, and nothing is sent', {}, async (b) => {
  const paid = sale();
  const original = concluded(paid, await run(b.driver, paid));
  await run(b.driver, sale());
  const exchange = exchangeOf(voidOf(original), null, original);
  const outcome = await perform(b.driver, exchange);
  assert.deepEqual([outcome.kind, outcome.code], ['failed', 'original-not-usable']);
  assert.equal(exchange.startedCalls, 0);
  assert.equal(sentCount(b.terminal, 'Reversal'), 0);
});

onBench(
  'where it may, the terminal itself refuses to take back what is not the last',
  { options: { lastOnly: false } },
  async (b) => {
    const paid = sale();
    const original = concluded(paid, await run(b.driver, paid));
    await run(b.driver, sale());
    const outcome = await run(b.driver, voidOf(original), original);
    assert.deepEqual([outcome.kind, outcome.code], ['failed', 'original-not-usable']);
  },
);

onBench('an abort before the card cancels, and its 204 is no verdict', {}, async (b) => {
  b.terminal.scripts.push({ holdMs: 3_000 });
  const exchange = exchangeOf(sale());
  const outcome = perform(b.driver, exchange);
  await until(() => b.terminal.running !== null, 'running');
  exchange.cancel.abort();
  const { kind, code } = await outcome;
  assert.deepEqual([kind, code], ['cancelled', 'cancelled-by-till']);
});

onBench('an approval that wins against an abort is an approval', {}, async (b) => {
  b.terminal.scripts.push({ holdMs: 3_000, holdAt: 'after-authorisation' });
  const exchange = exchangeOf(sale());
  const outcome = perform(b.driver, exchange);
  await until(() => b.terminal.journal.length === 1, 'authorised');
  exchange.cancel.abort();
  assert.equal((await outcome).kind, 'approved');
});

onBench('what is cancelled before it began is not sent', {}, async (b) => {
  const exchange = exchangeOf(sale());
  exchange.cancel.abort();
  assert.equal((await perform(b.driver, exchange)).kind, 'cancelled');
  assert.equal(sentCount(b.terminal, 'Payment'), 0);
});

onBench('a terminal that is not there has not begun', {}, async (b) => {
  await until(() => b.driver.link().kind === 'ready', 'ready');
  await b.server.close();
  const outcome = await run(b.driver, sale());
  assert.deepEqual([outcome.kind, outcome.code], ['failed', 'terminal-offline']);
});

onBench(
  'optional messages are offered where the terminal knows them',
  {
    options: { probe: true, checkEveryMs: 1_000 },
    prepare: ({ knobs }) => (knobs.services = true),
  },
  async (b) => {
    assert.equal(b.driver.capabilities.kinds.includes('settlement'), false);
    await until(() => b.driver.capabilities.kinds.includes('settlement'), 'probed', 4_000);
    await run(b.driver, sale());
    const totals = await run(b.driver, operationOf({ kind: 'totals' }));
    assert.equal(totals.kind, 'approved');
    assert.equal(totals.result?.extra['Card Debit'], '1 × 38.00 SEK');
    const day = await run(b.driver, operationOf({ kind: 'settlement' }));
    assert.deepEqual([day.kind, day.code], ['approved', 'done']);
    assert.equal(
      (await run(b.driver, operationOf({ kind: 'info' }))).result?.extra['GlobalStatus'],
      'OK',
    );
    assert.equal((await run(b.driver, operationOf({ kind: 'check-host' }))).kind, 'approved');
    b.terminal.knobs.hostReachable = false;
    assert.equal((await run(b.driver, operationOf({ kind: 'check-host' }))).code, 'no-host');
  },
);

onBench(
  'optional messages that the terminal does not know are not offered',
  { options: { probe: true } },
  async (b) => {
    await until(() => sentCount(b.terminal, 'Reconciliation') > 0, 'probed');
    assert.deepEqual(b.driver.capabilities.kinds, ['purchase', 'refund', 'cashback', 'void']);
  },
);

onBench('a stop leaves an idle terminal logged out, with maintenance allowed', {}, async (b) => {
  await run(b.driver, sale());
  await b.driver.stop();
  assert.equal(b.terminal.saleId, null);
  assert.equal(b.terminal.maintenanceAllowed, true);
});
