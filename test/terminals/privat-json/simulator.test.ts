// The driver against the simulated terminal, over a real socket. The simulator has encoders and a
// journal of its own, so what both agree on is the protocol and not a shared mistake.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../../app/src/domain/evidence.ts';
import type { Operation, RequestBody } from '../../../app/src/domain/operation.ts';
import type { Outcome } from '../../../app/src/domain/outcome.ts';
import type { TerminalDriver } from '../../../app/src/ports/terminal-driver.ts';
import {
  defaultProfile,
  type TerminalProfile,
} from '../../../app/src/simulator/privat-json/profile.ts';
import { listen } from '../../../app/src/simulator/privat-json/server.ts';
import { PrivatJsonTerminal } from '../../../app/src/simulator/privat-json/terminal.ts';
import { createTransport } from '../../../app/src/transport/open.ts';
import {
  driverOf,
  exchangeOf,
  operationOf,
  purchase,
  REAL_CLOCK,
  type TestExchange,
  uah,
} from '../kit.ts';

/** The same handshake and pace as in a shop, only quicker. */
const QUICK = {
  pauseAfterPingMs: 0,
  sendGapMs: 2,
  statusPollMs: 100,
  idleAnswerMs: 2_000,
  pingTimeoutMs: 1_000,
  queryTimeoutMs: 1_000,
};

interface World {
  readonly terminal: PrivatJsonTerminal;
  readonly driver: TerminalDriver;
  readonly run: (body: RequestBody, original?: Operation | null) => Promise<Outcome>;
  readonly settle: (exchange: TestExchange) => Promise<Outcome>;
}

async function withWorld(
  profile: Partial<TerminalProfile>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const quick = { powerOffMs: 300, lateAnswerMs: 4_000, slowMs: 500, adjustTimeoutMs: 2_000 };
  const terminal = new PrivatJsonTerminal({
    clock: REAL_CLOCK,
    profile: defaultProfile(1, { ...quick, ...profile }),
    settings: { answerAfterMs: 250, autoCard: true },
  });
  const server = await listen(terminal);
  const driver = driverOf(createTransport(), REAL_CLOCK, QUICK, server.address);
  driver.start();
  try {
    await until(() => driver.link().kind === 'ready', 5_000);
    await work({
      terminal,
      driver,
      run: (body, original = null) => driver.perform(exchangeOf(operationOf(body), null, original)),
      settle: (exchange) => settled(driver, exchange),
    });
    assert.deepEqual(terminal.device.remarks(), [], 'the terminal has nothing to remark');
  } finally {
    await driver.stop();
    await server.close();
  }
}

async function until(condition: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    assert.ok(performance.now() < end, 'waited too long');
    await REAL_CLOCK.sleep(10);
  }
}

/** The outcome, by evidence where the answer was lost; unknown where evidence does not decide. */
async function settled(driver: TerminalDriver, exchange: TestExchange): Promise<Outcome> {
  const startedAt = REAL_CLOCK.now();
  const outcome = await driver.perform(exchange);
  if (outcome.kind !== 'unknown') return outcome;
  const operation = {
    ...exchange.operation,
    startedAt,
    watermark: exchange.watermark,
    seen: { cardMask: exchange.masks.at(-1) ?? null },
  };
  const end = performance.now() + 12_000;
  while (performance.now() < end) {
    const facts = await driver.lookUp(operation, AbortSignal.timeout(5_000), exchange.original);
    if (facts !== null) {
      const expectation = driver.expectation(operation, exchange.original);
      return judge(expectation, exchange.watermark, facts).outcome ?? outcome;
    }
    await REAL_CLOCK.sleep(100);
  }
  return outcome;
}

const paid = (terminal: PrivatJsonTerminal): number =>
  terminal.device.journal.transactions.filter((one) => one.status === '1' && !one.standalone)
    .length;

async function sold(driver: TerminalDriver, kopecks: number): Promise<Operation> {
  const operation = purchase(kopecks);
  const outcome = await driver.perform(exchangeOf(operation));
  assert.ok(outcome.kind === 'approved', outcome.code);
  const { approvedAmount, result } = outcome;
  return { ...operation, state: 'approved', approvedAmount, result };
}

test('a day at the till: sale, refund, void, instalment, hold, reports, settlement', async () => {
  await withWorld({}, async ({ driver, run, terminal }) => {
    const sale = await sold(driver, 12_345);
    assert.equal(sale.result?.terminalId, terminal.device.journal.last()?.tid);
    const of = null;
    const refund = await run({ kind: 'refund', amount: uah(345), of, rrn: null }, sale);
    assert.equal(refund.kind, 'approved', refund.code);
    const second = await sold(driver, 700);
    const voided = await run({ kind: 'void', of, invoice: null }, second);
    assert.equal(voided.kind, 'approved', voided.code);
    const parts = await run({ kind: 'instalment', product: 'pbp', parts: 4, amount: uah(900) });
    assert.equal(parts.kind, 'approved', parts.code);
    const held = operationOf({ kind: 'preauthorization', amount: uah(5_000) });
    const hold = await driver.perform(exchangeOf(held));
    assert.ok(hold.kind === 'approved', hold.code);
    const holding = { ...held, approvedAmount: hold.approvedAmount, result: hold.result };
    const refs = { of, rrn: null, authCode: null, held: null };
    const completion = await run({ kind: 'completion', amount: uah(4_000), ...refs }, holding);
    assert.equal(completion.kind, 'approved', completion.code);
    const cashback = await run({ kind: 'cashback', amount: uah(300), cash: uah(200) });
    assert.ok(cashback.kind === 'approved' && cashback.approvedAmount === 500, cashback.code);
    for (const kind of ['totals', 'journal', 'info', 'balance', 'read-card'] as const) {
      const done = await run({ kind });
      assert.deepEqual([done.kind, done.code], ['approved', 'done'], kind);
    }
    const copy = await run({ kind: 'receipt-copy', invoice: null });
    assert.match(copy.result?.receipt?.merchant ?? '', /ЧЕК/);
    const settlement = await run({ kind: 'settlement' });
    assert.deepEqual([settlement.kind, settlement.code], ['approved', 'done']);
    const empty = await run({ kind: 'settlement' });
    assert.deepEqual([empty.kind, empty.code], ['failed', 'journal-empty']);
    assert.equal((await driver.test(AbortSignal.timeout(5_000))).ok, true);
  });
});

test('declines and cancels by their codes', async () => {
  await withWorld({}, async ({ driver, run, terminal }) => {
    terminal.configure({ defaultCard: 'insufficient-funds' });
    const poor = await driver.perform(exchangeOf(purchase()));
    assert.deepEqual([poor.kind, poor.code], ['declined', 'insufficient-funds']);
    terminal.configure({ autoCard: false });
    const exchange = exchangeOf(purchase());
    const running = driver.perform(exchange);
    await until(() => exchange.displays.includes('9'), 3_000);
    exchange.cancel.abort();
    const cancelled = await running;
    assert.deepEqual([cancelled.kind, cancelled.code], ['cancelled', 'cancelled-by-till']);
    const refused = await run({ kind: 'void', of: null, invoice: '424242' });
    assert.equal(refused.kind, 'failed', refused.code);
  });
});

test('a loyalty card: the till’s corrected sum is charged', async () => {
  await withWorld({}, async ({ driver, terminal }) => {
    terminal.configure({ adjust: true });
    const answer = { kind: 'adjust', amount: uah(50), discount: uah(10) } as const;
    const exchange = exchangeOf(purchase(60), answer);
    const outcome = await driver.perform(exchange);
    assert.ok(outcome.kind === 'approved', outcome.code);
    assert.deepEqual([outcome.approvedAmount, outcome.discount], [50, 10]);
    assert.equal(terminal.device.journal.last()?.amount, 50);
    assert.equal(exchange.questions.length, 1);
  });
});

/** What a purchase ends with under each fault, by its answer or by evidence. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  'request-lost': ['failed never-happened'],
  busy: ['failed terminal-busy-itself'],
  'not-implemented': ['failed method-missing'],
  'power-cut-before': ['failed never-happened'],
  'link-drop-before': ['failed never-happened'],
  'no-paper': ['failed out-of-paper'],
  'journal-full': ['failed journal-full'],
  'foreign-receipt-instead': ['unknown lost-answer'],
  slow: ['approved approved'],
  'host-unreachable': ['declined no-host'],
  'unlisted-code': ['failed never-happened'],
  partial: ['approved approved-partially'],
  'charged-other': ['unknown contradictory-answer'],
  'link-drop-at-9': ['approved approved'],
  'link-drop-at-3': ['approved approved'],
  'link-drop-at-10': ['approved approved'],
  'power-cut-at-card': ['failed never-happened'],
  'power-cut-after-approval': ['approved approved'],
  'foreign-receipt-after': ['approved approved'],
  'reply-lost': ['approved approved'],
  'reply-lost-link-closed': ['approved approved'],
  'late-answer': ['approved approved'],
  'contradictory-error': ['approved approved'],
  'contradictory-unsigned': ['approved approved'],
  'wrong-amount': ['approved approved'],
  'unlisted-code-approved': ['approved approved'],
  'already-complete': ['approved approved'],
  'code-only': ['approved approved'],
  'cut-frame': ['approved approved'],
  'cut-frame-silent': ['approved approved'],
  'duplicate-frame': ['approved approved'],
  'glued-frames': ['approved approved'],
  'split-frame': ['approved approved'],
  'stray-spaces': ['approved approved'],
  'garbage-frame': ['approved approved'],
  'garbage-reply': ['approved approved'],
};

// Mostly waiting, so several worlds live side by side.
describe('a purchase under each fault', { concurrency: 8 }, () => {
  for (const [fault, endings] of Object.entries(ENDINGS)) {
    test(`«${fault}» ends as ${endings.join(' or ')}`, async () => {
      await withWorld({}, async ({ driver, terminal, settle }) => {
        await sold(driver, 100);
        const before = paid(terminal);
        assert.ok(terminal.fault(fault));
        const { kind, code } = await settle(exchangeOf(purchase(60)));
        assert.ok(endings.includes(`${kind} ${code}`), `${kind} ${code}`);
        const took = paid(terminal) - before;
        if (kind === 'approved') assert.equal(took, 1);
        else if (kind !== 'unknown') assert.equal(took, 0);
      });
    });
  }
});

test('a late reply of a resolved purchase is not the answer of the next one', async () => {
  await withWorld({}, async ({ driver, terminal, settle }) => {
    terminal.fault('late-answer');
    assert.equal((await settle(exchangeOf(purchase(60)))).kind, 'approved');
    terminal.configure({ autoCard: false });
    const second = await driver.perform(exchangeOf(purchase(60)));
    assert.deepEqual([second.kind, second.code], ['unknown', 'contradictory-answer']);
    assert.equal(paid(terminal), 1);
  });
});

test('firmware of before 1.0.3.1 is looked up by its printed receipts', async () => {
  const old = {
    receiptInfo: false,
    descriptionKey: 'errorDescritption',
    amountSeparator: ',',
  } as const;
  await withWorld(old, async ({ driver, terminal, settle }) => {
    await sold(driver, 100);
    terminal.fault('reply-lost-link-closed');
    const outcome = await settle(exchangeOf(purchase(60)));
    assert.equal(outcome.kind, 'approved', outcome.code);
    assert.equal(outcome.result?.rrn, terminal.device.journal.last()?.rrn);
  });
});

test('a terminal that was replaced while we waited decides nothing', async () => {
  await withWorld({}, async ({ driver, terminal, settle }) => {
    await sold(driver, 100);
    terminal.fault('link-drop-at-9');
    terminal.fault('terminal-replaced');
    const outcome = await settle(exchangeOf(purchase(60)));
    assert.equal(outcome.kind, 'unknown');
  });
});

test('a line at rest is closed, stays closed, and is opened again', async () => {
  await withWorld({}, async ({ driver, terminal }) => {
    driver.rest?.(700);
    await until(() => driver.link().kind !== 'ready', 500);
    const closed = performance.now();
    // Whoever comes meanwhile is served: the terminal waits for nobody.
    await until(() => terminal.device.active === null, 500);
    await until(() => driver.link().kind === 'ready', 5_000);
    assert.ok(performance.now() - closed > 600);
    await sold(driver, 100);
  });
});
