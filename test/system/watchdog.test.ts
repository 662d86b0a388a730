import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../app/src/ports/log.ts';
import { startWatchdog, type WatchdogCheck } from '../../app/src/system/watchdog.ts';
import { FakeClock } from '../kit/fake-clock.ts';

const WATCHDOG_USEC = 20_000_000;

function watched(check: WatchdogCheck['alive'], watchdogUsec: number | null = WATCHDOG_USEC) {
  const clock = new FakeClock();
  const pings: number[] = [];
  const errors: string[] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (event, fields) => void errors.push(`${event} ${String(fields?.['check'])}`),
    with: () => log,
  };
  const end = startWatchdog({
    watchdogUsec,
    checks: [{ name: 'ledger', alive: check }],
    ping: () => void pings.push(clock.monotonic()),
    clock,
    log,
  });
  return { clock, pings, errors, end };
}

test('pings every half of the time that systemd gives', async () => {
  const { clock, pings, end } = watched(async () => undefined);
  await clock.advance(35_000);
  assert.deepEqual(pings, [0, 10_000, 20_000, 30_000]);
  end();
});

test('does not ping while a check fails, and goes on when it is well again', async () => {
  let alive = true;
  const { clock, pings, errors, end } = watched(async () => {
    if (!alive) throw new Error('the writer is gone');
  });
  await clock.advance(1);
  alive = false;
  await clock.advance(30_000);
  assert.deepEqual(pings, [0]);
  assert.deepEqual(errors, Array<string>(3).fill('watchdog-withheld ledger'));
  alive = true;
  await clock.advance(10_000);
  assert.deepEqual(pings, [0, 40_000]);
  end();
});

test('a check that hangs, and ignores its signal, withholds the ping', async () => {
  const { clock, pings, errors, end } = watched(() => new Promise(() => undefined));
  await clock.advance(24_000);
  assert.deepEqual(pings, []);
  assert.equal(errors.length, 2);
  end();
});

test('a slow check is still in time for systemd', async () => {
  const fixture: { clock?: FakeClock } = {};
  const { clock, pings, end } = watched(() => fixture.clock?.sleep(4_000) ?? Promise.resolve());
  fixture.clock = clock;
  await clock.advance(60_000);
  const gaps = pings.slice(1).map((at, index) => at - pings[index]!);
  assert.ok(gaps.length >= 4);
  for (const gap of gaps) assert.ok(gap * 1_000 < WATCHDOG_USEC, `${gap} ms is too late`);
  end();
});

test('where systemd does not watch nothing is asked and nothing is said', async () => {
  let asked = 0;
  for (const usec of [null, 0, Number.NaN]) {
    const { clock, pings } = watched(async () => void (asked += 1), usec);
    await clock.advance(60_000);
    assert.deepEqual(pings, []);
    assert.equal(clock.pending, 0);
  }
  assert.equal(asked, 0);
});

test('ends when asked and leaves no timer behind', async () => {
  const { clock, pings, end } = watched(async () => undefined);
  await clock.advance(10_000);
  end();
  await clock.advance(60_000);
  assert.equal(pings.length, 2);
  assert.equal(clock.pending, 0);
});
