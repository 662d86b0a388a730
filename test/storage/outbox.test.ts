import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { operationId } from '../../app/src/domain/ids.ts';
import type { StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { accepted, folderFor, ledgerFor, NOON } from './helpers.ts';

test('gives the first item of each lane, and the next when it is delivered', async (t) => {
  const { outbox } = await filled(t);
  assert.deepEqual(
    outbox.due('webhook', NOON, 10).map(({ id, lane }) => [id, lane]),
    [
      [1, 'a'],
      [2, 'b'],
    ],
  );
  await outbox.delivered(1);
  assert.deepEqual(
    outbox.due('webhook', NOON, 10).map(({ id }) => id),
    [2, 3],
  );
  assert.deepEqual(
    outbox.due('registration', NOON, 10).map(({ id }) => id),
    [4],
  );
});

test('holds a lane behind an item that waits for its next try', async (t) => {
  const { outbox } = await filled(t);
  await outbox.retryAt(1, NOON + 5_000, 'connection refused');
  assert.deepEqual(
    outbox.due('webhook', NOON + 4_999, 10).map(({ id }) => id),
    [2],
  );
  await outbox.delivered(2);
  assert.equal(outbox.nextDue('webhook'), NOON + 5_000);
  const [item] = outbox.due('webhook', NOON + 5_000, 10);
  assert.deepEqual([item?.id, item?.attempts, item?.lastError], [1, 1, 'connection refused']);
});

test('lets a lane go on past a parked item, which can be replayed', async (t) => {
  const { outbox } = await filled(t);
  await outbox.park(1, 'gone');
  assert.deepEqual(
    outbox.due('webhook', NOON, 10).map(({ id }) => id),
    [2, 3],
  );
  assert.equal(await outbox.replay(1), true);
  assert.equal(await outbox.replay(1), false);
  assert.equal(await outbox.replay(77), false);
  assert.equal(outbox.due('webhook', NOON, 10)[0]?.id, 1);
});

test('a replayed item is the first of its lane again, and the others keep their order', async (t) => {
  const { outbox } = await filled(t);
  const ids = () => outbox.due('webhook', NOON + 90_000, 10).map(({ id }) => id);
  await outbox.park(1, 'gone');
  await outbox.retryAt(3, NOON + 60_000, 'busy');
  assert.equal(await outbox.replay(1), true);
  assert.deepEqual(
    ids().sort((a, b) => a - b),
    [1, 2],
  );
  // The later one was on its way when the earlier came back.
  await outbox.retryAt(3, NOON + 60_000, 'busy');
  assert.deepEqual(
    ids().sort((a, b) => a - b),
    [1, 2],
  );
  await outbox.delivered(1);
  assert.deepEqual(
    ids().sort((a, b) => a - b),
    [2, 3],
  );
  await outbox.delivered(3);
  await outbox.delivered(2);
  assert.equal(outbox.nextDue('webhook'), null);
});

test('a later item that is replayed waits for the one before it', async (t) => {
  const { outbox } = await filled(t);
  await outbox.park(1, 'gone');
  await outbox.park(3, 'gone');
  await outbox.replay(1);
  await outbox.retryAt(1, NOON + 60_000, 'busy');
  await outbox.replay(3);
  assert.deepEqual(
    outbox.due('webhook', NOON, 10).map(({ id }) => id),
    [2],
  );
  assert.deepEqual(
    outbox
      .due('webhook', NOON + 60_000, 10)
      .map(({ id }) => id)
      .sort((a, b) => a - b),
    [1, 2],
  );
});

test('what a clock has put into a far future is due, now that the clock is right', async (t) => {
  const { outbox } = await filled(t);
  const lastYear = NOON - 365 * 86_400_000;
  assert.deepEqual(
    outbox.due('webhook', lastYear, 10).map(({ id }) => id),
    [1, 2],
  );
  assert.equal(outbox.due('webhook', NOON - 60_000, 10).length, 0);
});

test('lists and counts by state', async (t) => {
  const { outbox } = await filled(t);
  await outbox.delivered(1);
  await outbox.park(2, 'gone');
  assert.deepEqual(
    outbox.list({ limit: 10 }).map(({ id }) => id),
    [4, 3, 2, 1],
  );
  assert.deepEqual(
    outbox.list({ state: 'parked', topic: 'webhook', limit: 10 }).map(({ id }) => id),
    [2],
  );
  assert.equal(outbox.list({ operation: operationId('op-3'), limit: 10 }).length, 1);
  assert.deepEqual(
    outbox
      .counts()
      .map(({ topic, state, count }) => `${topic} ${state} ${count}`)
      .sort(),
    ['registration waiting 1', 'webhook delivered 1', 'webhook parked 1', 'webhook waiting 1'],
  );
});

test('remembers deliveries after a restart', async (t) => {
  const folder = folderFor(t);
  const ledger = await filled(t, folder);
  await ledger.outbox.delivered(1);
  await ledger.close();
  const again = await ledgerFor(t, folder);
  assert.deepEqual(
    again.outbox.due('webhook', NOON, 10).map(({ id }) => id),
    [2, 3],
  );
});

async function filled(t: TestContext, folder = folderFor(t)): Promise<StoredLedger> {
  const ledger = await ledgerFor(t, folder);
  const entries = [
    ['webhook', 'a'],
    ['webhook', 'b'],
    ['webhook', 'a'],
    ['registration', 'a'],
  ] as const;
  for (const [n, [topic, lane]] of entries.entries()) {
    const write = accepted(`op-${n}`);
    const entry = { topic, lane, operation: write.operation.id, payload: `{"n":${n}}` };
    await ledger.append([{ ...write, outbox: [entry] }]);
  }
  return ledger;
}
