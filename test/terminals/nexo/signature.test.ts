// Light style: a signature is checked after the terminal’s yes, and a refused one is taken back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../app/src/domain/event.ts';
import { exchangeOf } from '../kit.ts';
import { type Bench, bench, lookUp, perform, sale, sentCount, settle } from './kit.ts';

function onBench(name: string, story: (b: Bench) => Promise<void>): void {
  test(name, async () => {
    const b = await bench({ style: 'light' });
    try {
      await story(b);
      assert.deepEqual(b.terminal.faults, []);
    } finally {
      await b.close();
    }
  });
}

const YES: Answer = { kind: 'confirm', confirmed: true };
const NO: Answer = { kind: 'confirm', confirmed: false };

onBench('a confirmed signature is an approval', async (b) => {
  b.terminal.scripts.push({ signature: true });
  const exchange = exchangeOf(sale(), YES);
  const outcome = await perform(b.driver, exchange);
  assert.equal(outcome.kind, 'approved');
  assert.equal(outcome.result?.signatureRequired, true);
  assert.equal(exchange.questions.length, 1);
});

onBench('a refused signature takes the payment back, with the paper of the reversal', async (b) => {
  b.terminal.scripts.push({ signature: true });
  const outcome = await perform(b.driver, exchangeOf(sale(), NO));
  assert.deepEqual([outcome.kind, outcome.code], ['reversed', 'reversed']);
  assert.match(outcome.result?.receipt?.customer ?? '', /Makulering/);
  assert.equal(b.terminal.journal.length, 2);
});

onBench('a signature that nobody looks at is taken back too', async (b) => {
  b.terminal.scripts.push({ signature: true });
  assert.equal((await perform(b.driver, exchangeOf(sale(), null))).kind, 'reversed');
});

onBench('a reversal that the terminal is too busy for is offered again', async (b) => {
  b.terminal.scripts.push({ signature: true });
  const exchange = exchangeOf(sale());
  exchange.ask = () => {
    b.terminal.knobs.paymentBusy = 2;
    return Promise.resolve(NO);
  };
  assert.equal((await perform(b.driver, exchange)).kind, 'reversed');
  assert.equal(sentCount(b.terminal, 'Reversal'), 3);
});

onBench('a reversal that fails leaves the payment approved, with an alarm', async (b) => {
  b.terminal.scripts.push({ signature: true });
  b.terminal.knobs.reversalFails = true;
  const outcome = await perform(b.driver, exchangeOf(sale(), NO));
  assert.equal(outcome.kind, 'approved');
  const link = b.driver.link();
  assert.ok(link.kind === 'ready');
  assert.match(link.alarm ?? '', /void it by hand/);
});

onBench(
  'a reversal whose answer is lost is found out before the payment is believed',
  async (b) => {
    b.terminal.scripts.push({ signature: true }, { lost: 'answer' });
    const exchange = exchangeOf(sale(), NO);
    assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
    assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'reversed');
  },
);

onBench('a reversal that never arrived leaves the payment approved', async (b) => {
  b.terminal.scripts.push({ signature: true }, { lost: 'request' });
  const exchange = exchangeOf(sale(), NO);
  assert.equal((await perform(b.driver, exchange)).kind, 'unknown');
  assert.equal((await settle(b.driver, exchange)).outcome?.kind, 'approved');
});

onBench('a crash while the reversal was under way is found out', async (b) => {
  b.terminal.scripts.push({ signature: true }, { lost: 'answer' });
  const exchange = exchangeOf(sale(), NO);
  await perform(b.driver, exchange);
  const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
  assert.equal((await lookUp(b.again(), lost)).outcome?.kind, 'reversed');
});
