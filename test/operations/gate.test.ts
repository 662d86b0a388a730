// After a lost answer: the gate, the evidence, and the person who decides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AMBIGUOUS_RETRY_MS } from '../../app/src/domain/limits.ts';
import type { TerminalFacts } from '../../app/src/domain/evidence.ts';
import { unknownOutcome } from '../../app/src/domain/outcome.ts';
import {
  approvesAfter,
  endsWith,
  factsWith,
  IDLE_FACTS,
  losesAnswer,
  watermarkAt,
} from '../kit/scripted-driver.ts';
import { ADMINISTRATOR, oid, principal, refusalOf, TILL, word, World } from '../kit/world.ts';

/** A world whose operation `a` is unknown; the terminal cannot be asked. */
async function withUnknown(): Promise<World> {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer(), approvesAfter(10)];
  await world.purchase('a');
  assert.equal((await world.ended('a')).state, 'unknown');
  return world;
}

test('closes the gate for every gated kind from anybody, naming the operation', async () => {
  const world = await withUnknown();
  const bodies = [
    { kind: 'purchase', amount: 1 },
    { kind: 'refund', amount: 1, rrn: '1' },
    { kind: 'void', invoice: '1' },
    { kind: 'settlement' },
    { kind: 'service', service: 'top-up' },
  ];
  for (const [index, body] of bodies.entries()) {
    const refusal = refusalOf(await world.start(`b${index}`, body, ADMINISTRATOR));
    assert.equal(refusal.code, 'terminal-unresolved');
    assert.equal(refusal.facts['operation'], 'a');
  }
  assert.equal(word(await world.purchase('c', { busy: 'wait' })), 'terminal-unresolved');
  assert.equal(world.view().link, 'unresolved');
  assert.equal(world.view().unresolved, 'a');
});

test('lets reports, information and receipt copies through a closed gate', async () => {
  const world = await withUnknown();
  for (const kind of ['totals', 'info', 'receipt-copy', 'journal']) {
    assert.equal(word(await world.start(kind, { kind })), 'accepted');
    assert.equal((await world.ended(kind)).state, 'approved');
  }
});

test('leaves the gates of other terminals open', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  world.driver('till-1').scripts = [losesAnswer()];
  await world.purchase('a', { terminal: 'till-1' });
  await world.ended('a');
  assert.equal(word(await world.purchase('b', { terminal: 'till-2' })), 'accepted');
  assert.equal((await world.ended('b')).state, 'approved');
});

test('keeps the gate closed through a power cut', async () => {
  const world = await withUnknown();
  await world.restart();
  assert.equal(word(await world.purchase('b')), 'terminal-unresolved');
  assert.equal(world.row('a').state, 'unknown');
});

test('opens the gate when the journal shows the payment', async () => {
  const world = await withUnknown();
  world.driver().facts = () => Promise.resolve(factsWith(12_345));
  const row = await world.until('a', 'approved');
  assert.equal(row.resolution?.by, 'evidence');
  assert.equal(row.evidence?.decided, true);
  assert.equal(row.result?.rrn, '014721258513');
  assert.equal(word(await world.purchase('b')), 'accepted');
  assert.equal(world.driver().performed.length, 2, 'the lost one was not sent again');
});

test('opens the gate when the watermark proves that it never happened', async () => {
  const world = await withUnknown();
  world.driver().facts = () => Promise.resolve(IDLE_FACTS);
  const row = await world.until('a', 'failed');
  assert.equal(row.message.code, 'never-happened');
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('does not take a foreign receipt for its own', async () => {
  const world = await withUnknown();
  world.driver().facts = () => Promise.resolve(factsWith(99_999));
  await world.tick(60_000);
  const row = world.row('a');
  assert.equal(row.state, 'unknown');
  assert.equal(row.message.code, 'evidence-none-matches');
  assert.equal(row.evidence?.entries[0]?.matches, false);
});

test('writes one look that did not decide, and looks again later', async () => {
  const world = await withUnknown();
  world.driver().facts = () => Promise.resolve({ ...IDLE_FACTS, batch: '8' });
  await world.tick(3 * AMBIGUOUS_RETRY_MS);
  assert.equal(world.kinds('a').filter((kind) => kind === 'examined').length, 1);
  assert.ok(world.driver().lookUps >= 3);
  world.driver().facts = () => Promise.resolve(factsWith(12_345));
  assert.equal((await world.until('a', 'approved')).resolution?.by, 'evidence');
});

test('asks at once when the link comes back', async () => {
  const world = await withUnknown();
  world.driver().setLink('offline');
  await world.tick(120_000);
  world.driver().facts = () => Promise.resolve(factsWith(12_345));
  world.driver().setLink('ready');
  await world.tick(100);
  assert.equal(world.row('a').state, 'approved');
});

test('lets a supervisor decide, with name and reason in the ledger', async () => {
  const world = await withUnknown();
  assert.equal(word(await world.resolve('a', {}, TILL)), 'forbidden');
  assert.equal(word(await world.resolve('a')), 'approved');
  assert.deepEqual(world.row('a').resolution, {
    by: 'person',
    at: world.row('a').finishedAt,
    name: 'Olena',
    reason: 'the slip is in the drawer',
    key: 'supervisor-key',
  });
  assert.equal(world.row('a').approvedAmount, 12_345);
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('takes another sum from the slip as a partial approval', async () => {
  const world = await withUnknown();
  const amount = 10_000 as never; // minor units
  assert.equal(word(await world.resolve('a', { amount })), 'approved');
  assert.equal(world.row('a').approvedAmount, 10_000);
  assert.equal(world.row('a').message.code, 'approved-partially');
});

test('ends as each verdict says', async () => {
  for (const verdict of ['declined', 'cancelled', 'failed', 'reversed'] as const) {
    const world = await withUnknown();
    assert.equal(word(await world.resolve('a', { verdict })), verdict);
    assert.equal(world.row('a').approvedAmount, null);
    assert.equal(word(await world.purchase('b')), 'accepted');
  }
});

test('decides once when two people and the journal decide together', async () => {
  const world = await withUnknown();
  const looking = async (): Promise<TerminalFacts> => {
    await world.clock.sleep(3);
    return factsWith(12_345);
  };
  world.driver().facts = looking;
  world.driver().setLink('ready');
  await world.tick(2);
  const verdict = { verdict: 'failed', name: 'Olena', reason: 'no slip', amount: null } as const;
  const people = [1, 2].map(() => world.gateway.resolve(ADMINISTRATOR, oid('a'), verdict));
  const words = (await world.settled(Promise.all(people))).map(word);
  await world.tick(1_000);
  assert.deepEqual(words.sort(), ['failed', 'not-cancellable']);
  assert.equal(world.kinds('a').filter((kind) => kind === 'resolved').length, 1);
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('opens the gate after the decision is on disk, not before', async () => {
  const world = await World.boot({ ledger: { syncMs: () => 200 } });
  world.driver().scripts = [losesAnswer(), approvesAfter(10)];
  await world.purchase('a');
  await world.ended('a');
  const verdict = { verdict: 'failed', name: 'Olena', reason: 'no slip', amount: null } as const;
  const resolving = world.gateway.resolve(ADMINISTRATOR, oid('a'), verdict);
  await world.tick(100);
  const early = await world.startNow('b', { kind: 'purchase', amount: 1 });
  assert.equal(word(early), 'terminal-unresolved');
  await world.settled(resolving);
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('keeps the gate closed while the disk does not take the decision', async () => {
  const world = await withUnknown();
  world.disk.full = true;
  assert.equal(word(await world.resolve('a')), 'ledger-unavailable');
  assert.equal(word(await world.purchase('b')), 'terminal-unresolved');
  world.disk.full = false;
  assert.equal(word(await world.resolve('a')), 'approved');
});

test('resolves nothing but what is unknown', async () => {
  const world = await withUnknown();
  await world.resolve('a');
  assert.equal(word(await world.resolve('a', { verdict: 'failed' })), 'not-cancellable');
  assert.equal(word(await world.resolve('none')), 'unknown-operation');
  const key = principal('supervisor', { terminals: ['till-9'] });
  assert.equal(word(await world.resolve('a', {}, key)), 'unknown-operation');
});

test('calls a lost report failed, without a gate', async () => {
  const world = await World.boot();
  world.driver().scripts = [endsWith(unknownOutcome('lost-answer')), approvesAfter(10)];
  await world.start('x', { kind: 'totals' });
  const row = await world.ended('x');
  assert.equal(row.state, 'failed');
  assert.equal(row.message.code, 'no-answer-no-money');
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('treats a driver that throws after `started` as lost, before it as failed', async () => {
  const world = await World.boot();
  world.driver().scripts = [
    () => Promise.reject(new Error('a defect')),
    async (exchange, clock) => {
      await exchange.started(watermarkAt(clock.now()));
      throw new Error('a defect');
    },
  ];
  await world.purchase('a');
  assert.equal((await world.ended('a')).state, 'failed');
  await world.purchase('b');
  const row = await world.ended('b');
  assert.equal(row.state, 'unknown');
  assert.equal(row.message.code, 'driver-fault');
});

test('does not believe an approval of a driver that never started', async () => {
  const world = await World.boot();
  world.driver().scripts = [
    () =>
      Promise.resolve({
        kind: 'approved',
        code: 'approved',
        approvedAmount: 12_345 as never, // minor units
        discount: null,
        bonus: null,
        result: factsWith(1).newer[0]!.result,
      }),
  ];
  await world.purchase('a');
  assert.equal((await world.ended('a')).state, 'failed');
});
