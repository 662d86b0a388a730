import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, systemRandom, timeOfDayTrust } from '../../app/src/system/clock.ts';

const clock = systemClock(() => true);

test('sleeps for the time it was asked', async () => {
  const begun = clock.monotonic();
  await clock.sleep(20);
  assert.ok(clock.monotonic() - begun >= 18);
});

test('a sleep that is aborted rejects at once with the reason', async () => {
  const control = new AbortController();
  const sleeping = clock.sleep(60_000, control.signal);
  const reason = new Error('enough');
  control.abort(reason);
  await assert.rejects(sleeping, (error) => error === reason);
  await assert.rejects(clock.sleep(60_000, AbortSignal.abort(reason)), (error) => error === reason);
});

test('a longer delay than a timer can hold does not fire at once', async () => {
  let fired = false;
  const forget = clock.after(2 ** 40, () => {
    fired = true;
  });
  await clock.sleep(10);
  assert.equal(fired, false);
  forget();
});

test('a callback that was forgotten does not come', async () => {
  let fired = false;
  clock.after(5, () => {
    fired = true;
  })();
  await clock.sleep(20);
  assert.equal(fired, false);
});

test('an appliance trusts its clock from the first synchronisation on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-clock-'));
  const file = join(folder, 'synchronized');
  const trusted = timeOfDayTrust(true, file);
  assert.equal(trusted(), false);
  writeFileSync(file, '');
  assert.equal(trusted(), true);
  rmSync(folder, { recursive: true });
  assert.equal(trusted(), true);
});

test('elsewhere the clock is trusted', () => {
  assert.equal(timeOfDayTrust(false, '/nowhere')(), true);
});

test('chance gives fractions and as many bytes as asked', () => {
  const fraction = systemRandom.fraction();
  assert.ok(fraction >= 0 && fraction < 1);
  assert.equal(systemRandom.bytes(32).length, 32);
  assert.notDeepEqual(systemRandom.bytes(32), systemRandom.bytes(32));
});
