// Lost answers: what the terminal says of ours afterwards, and what may be concluded from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeOf, operationOf, within } from '../kit.ts';
import {
  type Bench,
  bench,
  type BenchOptions,
  concluded,
  lookUp,
  perform,
  run,
  sale,
  sentCount,
  settle,
  until,
  voidOf,
} from './kit.ts';

function onBench(name: string, options: BenchOptions, story: (b: Bench) => Promise<void>): void {
  test(name, async () => {
    const b = await bench(options);
    try {
      await story(b);
      assert.deepEqual(b.terminal.faults, []);
    } finally {
      await b.close();
    }
  });
}

for (const lost of ['answer', 'status-500', 'garbage', 'other-service-id'] as const) {
  onBench(`an answer lost by ${lost} is unknown, then what the terminal repeats`, {}, async (b) => {
    b.terminal.scripts.push({ lost });
    const exchange = exchangeOf(sale());
    assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
    const { outcome } = await settle(b.driver, exchange);
    assert.ok(outcome?.kind === 'approved', JSON.stringify(outcome));
    assert.equal(outcome.approvedAmount, 3_800);
    assert.equal(outcome.result.authCode, '611506');
    assert.match(outcome.result.receipt?.merchant ?? '', /38,00/);
    assert.equal(sentCount(b.terminal, 'Payment'), 1, 'never sent again');
  });
}

for (const unfinished of ['Busy', 'InProgress'] as const) {
  onBench(
    `a terminal that says ${unfinished} is asked again until it has finished`,
    {},
    async (b) => {
      b.terminal.scripts.push({ lost: 'answer' });
      b.terminal.knobs.unfinished = unfinished;
      const exchange = exchangeOf(sale());
      await perform(b.driver, exchange);
      b.terminal.knobs.statusBusy = 5;
      const { outcome, asked } = await settle(b.driver, exchange);
      assert.equal(outcome?.kind, 'approved');
      assert.ok(asked >= 3, `asked ${asked} times`);
      assert.equal(b.terminal.logins, 1, 'no login while a transaction is unfinished');
    },
  );
}

onBench('a lost answer whose transaction was declined is declined', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer', verdict: 'Refusal' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'declined');
});

onBench('a lost answer whose transaction was cancelled is cancelled', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer', verdict: 'Cancel' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'cancelled');
});

onBench('a host that was lost is asked about afterwards', {}, async (b) => {
  b.terminal.scripts.push({ verdict: 'UnreachableHost' });
  const exchange = exchangeOf(sale());
  assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
  assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'declined');
});

onBench(
  'within one login a transaction that the terminal does not know never happened',
  {},
  async (b) => {
    await run(b.driver, sale());
    b.terminal.scripts.push({ lost: 'request' });
    const exchange = exchangeOf(sale());
    assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
    const { outcome } = await settle(b.driver, exchange);
    assert.deepEqual([outcome?.kind, outcome?.code], ['failed', 'never-happened']);
  },
);

onBench(
  'a terminal that does not know ours yet is asked again before that is believed',
  { options: { notFoundAfterMs: 400 } },
  async (b) => {
    await run(b.driver, sale());
    b.terminal.scripts.push({ lost: 'request' });
    const exchange = exchangeOf(sale());
    await perform(b.driver, exchange);
    const { outcome, asked } = await settle(b.driver, exchange, 40);
    assert.equal(outcome?.code, 'never-happened');
    assert.ok(asked > 3, `asked ${asked} times`);
  },
);

onBench(
  'after a crash of ours no report logs in before the lost payment is settled',
  {},
  async (b) => {
    b.terminal.knobs.services = true;
    await until(() => b.driver.link().kind === 'ready', 'ready');
    b.terminal.scripts.push({ holdMs: 500 });
    const exchange = exchangeOf(sale());
    const outcome = perform(b.driver, exchange);
    await until(() => b.terminal.running !== null, 'running');
    const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
    const next = b.again();
    const looking = next.lookUp(lost, AbortSignal.timeout(3_000));
    await looking;
    const report = await run(next, operationOf({ kind: 'info' }));
    assert.equal(report.code, 'terminal-busy-itself');
    assert.equal(b.terminal.logins, 1);
    assert.equal((await outcome).kind, 'approved');
  },
);

onBench(
  'where an administrator says so, that is left to a person',
  { options: { notFoundDecides: false } },
  async (b) => {
    b.terminal.scripts.push({ lost: 'request' });
    const exchange = exchangeOf(sale());
    await perform(b.driver, exchange);
    assert.equal((await settle(b.driver, exchange)).outcome, null);
  },
);

onBench('an older transaction is not taken for ours', {}, async (b) => {
  await run(b.driver, sale());
  await run(b.driver, sale());
  b.terminal.scripts.push({ lost: 'answer' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  b.terminal.knobs.statusOlder = true;
  const older = await settle(b.driver, exchange, 3);
  // The one before is what the terminal had before us, too; but asked for ours it told of another,
  // so that is no «never happened».
  assert.equal(older.outcome, null);
  b.terminal.knobs.statusOlder = false;
  assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'approved');
});

onBench('a terminal that takes no reference is asked for its last transaction', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  b.terminal.knobs.statusPlainOnly = true;
  assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'approved');
});

onBench('a journal that was emptied within the login does not decide', {}, async (b) => {
  await run(b.driver, sale());
  b.terminal.scripts.push({ lost: 'answer' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  b.terminal.journal.length = 0;
  assert.equal((await settle(b.driver, exchange)).outcome, null);
});

onBench('a lost tip is approved with the tip', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer', tip: 500 });
  const exchange = exchangeOf(sale(3_800));
  await perform(b.driver, exchange);
  const { outcome } = await settle(b.driver, exchange);
  assert.ok(outcome?.kind === 'approved');
  assert.equal(outcome.approvedAmount, 4_300);
});

onBench('a lost part is approved partially', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer', verdict: 'Partial' });
  const exchange = exchangeOf(sale(3_800));
  await perform(b.driver, exchange);
  const { outcome } = await settle(b.driver, exchange);
  assert.ok(outcome?.kind === 'approved');
  assert.deepEqual([outcome.code, outcome.approvedAmount], ['approved-partially', 1_900]);
});

onBench('a restart of the terminal after the authorisation is found out', {}, async (b) => {
  b.terminal.scripts.push({ reboot: 'after-authorisation' });
  const exchange = exchangeOf(sale());
  assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
  const { outcome } = await settle(b.driver, exchange, 60);
  assert.equal(outcome?.kind, 'approved');
  assert.equal(b.terminal.logins, 2, 'a login followed the refusal');
});

onBench('a restart of the terminal before the card is left to a person', {}, async (b) => {
  await run(b.driver, sale());
  b.terminal.scripts.push({ reboot: 'before-card' });
  const exchange = exchangeOf(sale());
  assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
  const { outcome, code } = await settle(b.driver, exchange, 60);
  assert.equal(outcome, null);
  assert.equal(code, 'evidence-batch-closed');
});

onBench('after a crash of ours the login is kept, and what happened is found', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
  const next = b.again();
  const { outcome } = await lookUp(next, lost);
  assert.equal(outcome?.kind, 'approved');
  assert.equal(b.terminal.logins, 1);
});

onBench(
  'after a crash before the request left, the kept login proves that nothing happened',
  {},
  async (b) => {
    await run(b.driver, sale());
    const exchange = exchangeOf(sale());
    b.terminal.scripts.push({ lost: 'request' });
    await perform(b.driver, exchange);
    const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
    const { outcome } = await lookUp(b.again(), lost);
    assert.deepEqual([outcome?.kind, outcome?.code], ['failed', 'never-happened']);
  },
);

onBench('after a crash of ours an unfinished payment is not reset by a login', {}, async (b) => {
  b.terminal.scripts.push({ holdMs: 400 });
  const exchange = exchangeOf(sale());
  const outcome = perform(b.driver, exchange);
  await until(() => b.terminal.running !== null, 'running');
  const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
  const looked = await lookUp(b.again(), lost, null, 40);
  assert.equal(looked.outcome?.kind, 'approved');
  assert.equal((await outcome).kind, 'approved');
  assert.equal(b.terminal.logins, 1);
});

onBench(
  'what stays unfinished for too long is asked to abort, and still awaited',
  { options: { busyAbortMs: 1_000 } },
  async (b) => {
    b.terminal.scripts.push({ holdMs: 4_000 });
    const exchange = exchangeOf(sale());
    const outcome = perform(b.driver, exchange);
    await until(() => b.terminal.running !== null, 'running');
    const startedAt = Date.now() - 2_000;
    const lost = { ...exchange.operation, startedAt, watermark: exchange.watermark };
    const looked = await lookUp(b.again(), lost, null, 40);
    assert.equal(looked.outcome?.kind, 'cancelled');
    assert.equal((await outcome).kind, 'cancelled');
  },
);

onBench('at the deadline the outcome is unknown, and the answer is found later', {}, async (b) => {
  b.terminal.scripts.push({ holdMs: 300 });
  const exchange = exchangeOf(sale());
  const outcome = perform(b.driver, exchange);
  await until(() => b.terminal.running !== null, 'running');
  exchange.end.abort(new Error('deadline'));
  const { kind, code } = await outcome;
  assert.deepEqual([kind, code], ['unknown', 'deadline-passed']);
  assert.equal((await settle(b.driver, exchange, 40)).outcome?.kind, 'approved');
});

onBench('a lost reversal is found by its own name', {}, async (b) => {
  const paid = sale();
  const original = concluded(paid, await run(b.driver, paid));
  b.terminal.scripts.push({ lost: 'answer' });
  const exchange = exchangeOf(voidOf(original), null, original);
  assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
  const { outcome } = await settle(b.driver, exchange);
  assert.ok(outcome?.kind === 'approved', JSON.stringify(outcome));
  assert.match(outcome.result.receipt?.customer ?? '', /Makulering/);
});

onBench('a reversal that never arrived has never happened', {}, async (b) => {
  const paid = sale();
  const original = concluded(paid, await run(b.driver, paid));
  b.terminal.scripts.push({ lost: 'request' });
  const exchange = exchangeOf(voidOf(original), null, original);
  assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
  const { outcome } = await settle(b.driver, exchange);
  assert.deepEqual([outcome?.kind, outcome?.code], ['failed', 'never-happened']);
});

onBench('a terminal that is away is not asked, and nothing is decided', {}, async (b) => {
  b.terminal.scripts.push({ lost: 'answer' });
  const exchange = exchangeOf(sale());
  await perform(b.driver, exchange);
  await b.server.close();
  await until(() => b.driver.link().kind === 'offline', 'offline');
  const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
  const looked = b.driver.lookUp(lost, AbortSignal.timeout(300)).then((facts) => ({ facts }));
  assert.deepEqual(await within(2_000, looked), { facts: null });
});
