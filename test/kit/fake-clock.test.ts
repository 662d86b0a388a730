import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';

test('fires timers in the order of their due time, equal ones as they were set', async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.after(20, () => seen.push(`late ${clock.monotonic()}`));
  clock.after(10, () => seen.push(`first ${clock.monotonic()}`));
  clock.after(10, () => seen.push('second'));
  const cancel = clock.after(15, () => seen.push('never'));
  cancel();
  await clock.advance(19);
  assert.deepEqual(seen, ['first 10', 'second']);
  assert.equal(clock.pending, 1);
  await clock.advance(1);
  assert.deepEqual(seen, ['first 10', 'second', 'late 20']);
});

test('lets the consequences of a timer set further timers within the same advance', async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const loop = (async () => {
    for (let round = 0; round < 3; round++) {
      await clock.sleep(100);
      seen.push(clock.monotonic());
    }
  })();
  await clock.advance(1_000);
  await loop;
  assert.deepEqual(seen, [100, 200, 300]);
  assert.equal(clock.monotonic(), 1_000);
});

test('rejects a sleep with the reason of its signal and leaves no timer behind', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleep = assert.rejects(clock.sleep(100, controller.signal), /enough/);
  controller.abort(new Error('enough'));
  await sleep;
  assert.equal(clock.pending, 0);
});

test('runs until idle, and says so when that never comes', async () => {
  const clock = new FakeClock();
  const again = (): void => void clock.after(60_000, again);
  again();
  await assert.rejects(clock.runUntilIdle(600_000), /idle was not reached/);
});

test('jumps the wall clock without touching durations', () => {
  const clock = new FakeClock({ startsAt: 1_000 });
  clock.jump(-500);
  assert.equal(clock.now(), 500);
  assert.equal(clock.monotonic(), 0);
});

test('keeps the order among many timers', async () => {
  const clock = new FakeClock({ settle: () => Promise.resolve() });
  const seen: number[] = [];
  for (let index = 0; index < 500; index++) {
    const due = (index * 7_919) % 503;
    clock.after(due, () => seen.push(due));
  }
  await clock.runUntilIdle();
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(seen.length, 500);
});
