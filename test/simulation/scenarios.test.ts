// What stories have found, told plainly: each of these once moved or misjudged money.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from './stage.ts';

const sale = (amount: number) => ({ kind: 'purchase', amount });

test('does not void a receipt that has the number of an older batch’s sale', async () => {
  const stage = await Stage.boot({ invoiceReset: true });
  assert.equal((await stage.run('a', sale(1_000))).state, 'approved');
  assert.equal((await stage.run('z', { kind: 'settlement' })).state, 'approved');
  // Another customer's sale takes the number of ours.
  assert.equal((await stage.run('b', sale(2_000))).state, 'approved');
  assert.equal(stage.row('a').result?.invoice, stage.row('b').result?.invoice);
  const voided = await stage.run('v', { kind: 'void', of: 'a' });
  assert.equal(voided.state, 'failed');
  assert.equal(voided.message.code, 'original-not-usable');
  assert.equal(stage.standing(2_000), 1);
  assert.equal(stage.row('b').state, 'approved');
});

test('voids its own sale of the open batch', async () => {
  const stage = await Stage.boot();
  await stage.run('a', sale(1_000));
  assert.equal((await stage.run('v', { kind: 'void', of: 'a' })).state, 'approved');
  assert.equal(stage.row('a').state, 'reversed');
  assert.equal(stage.standing(1_000), 1, 'the void itself');
});

test('does not take the late decline of a lost sale for the answer of the next one', async () => {
  for (const amounts of [
    [1_000, 2_000],
    [1_000, 1_000],
  ] as const) {
    // The second customer takes a minute, so that the reply of the first one arrives meanwhile.
    const stage = await Stage.boot({
      lateAnswerMs: 60_000,
      slowMs: 90_000,
      declinesInJournal: true,
    });
    stage.terminal.standaloneSale(777);
    await stage.restart();
    stage.terminal.configure({ defaultCard: 'insufficient-funds' });
    stage.terminal.fault('late-answer');
    await stage.run('a', sale(amounts[0]));
    await stage.lookedUp('a');
    // A new process does not know what the old one has lost.
    await stage.restart();
    stage.terminal.configure({ defaultCard: 'good' });
    stage.terminal.fault('slow');
    await stage.run('b', sale(amounts[1]));
    const row = await stage.lookedUp('b', 400_000);
    assert.equal(stage.standing(amounts[1]), 1, 'the terminal took the money');
    assert.equal(row.state, 'approved');
  }
});

test('does not take an earlier late decline while its own late answer is still under way', async () => {
  const stage = await Stage.boot({ lateAnswerMs: 30_000 });
  stage.terminal.standaloneSale(777);
  await stage.restart();
  stage.terminal.configure({ defaultCard: 'insufficient-funds' });
  stage.terminal.fault('late-answer');
  await stage.begin('a', sale(1_000));
  await stage.clock.advance(3_000);
  await stage.restart();
  await stage.lookedUp('a');
  stage.terminal.configure({ defaultCard: 'good' });
  stage.terminal.fault('late-answer');
  // The terminal is done with this one a second before the answer to the first arrives.
  await stage.clock.advance(8_000);
  await stage.run('b', sale(1_000));
  const row = await stage.lookedUp('b', 400_000);
  assert.equal(stage.standing(1_000), 1, 'the terminal took the money');
  assert.equal(row.state, 'approved');
});

test('decides nothing by the journal of a device that took the place of another', async () => {
  const stage = await Stage.boot();
  stage.terminal.standaloneSale(777);
  await stage.restart();
  stage.terminal.fault('reply-lost-link-closed');
  stage.terminal.fault('terminal-replaced');
  await stage.run('a', sale(1_000));
  // The new device stands at the very number that the old one had before the sale.
  stage.terminal.standaloneSale(778);
  const row = await stage.lookedUp('a');
  assert.equal(row.state, 'unknown');
  assert.equal(stage.standing(1_000), 1);
});

test('finds a sale whose reply and whose process were both lost', async () => {
  const stage = await Stage.boot();
  stage.terminal.standaloneSale(777);
  await stage.restart();
  await stage.begin('a', sale(1_000));
  await stage.clock.advance(300);
  await stage.restart();
  const row = await stage.lookedUp('a');
  assert.equal(row.state, 'approved');
  assert.equal(row.resolution?.by, 'evidence');
  assert.equal(stage.truth.requests.length, 1);
});

test('leaves the sale standing when an interrupt takes its void back', async () => {
  const stage = await Stage.boot({ lateInterrupt: 'reverse' }, 10_000);
  await stage.run('a', sale(1_000));
  await stage.begin('v', { kind: 'void', of: 'a' });
  await stage.clock.advance(5_000);
  await stage.cancel('v');
  assert.equal((await stage.ended('v')).state, 'cancelled');
  assert.equal(stage.row('a').state, 'approved');
  const again = await stage.run('w', { kind: 'void', of: 'a' });
  assert.equal(again.state, 'approved');
  assert.equal(stage.row('a').state, 'reversed');
});

test('does not take a sale for the watermark because a new batch gave it the same number', async () => {
  const stage = await Stage.boot({ invoiceReset: true });
  stage.terminal.fault('batch-closed');
  assert.equal((await stage.run('a', sale(1_000))).state, 'approved');
  await stage.begin('b', sale(2_000));
  await stage.clock.advance(300);
  await stage.restart();
  const row = await stage.lookedUp('b');
  assert.equal(stage.standing(2_000), 1);
  assert.notEqual(row.state, 'failed');
  assert.equal(row.watermark?.lastInvoice, '1');
});
