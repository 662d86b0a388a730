import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { progressOf } from '../../app/src/hand/updates.ts';
import { parseRequest } from '../../app/src/hand/requests.ts';
import type { UpdateProgress } from '../../app/src/ports/machine-hand.ts';
import { ask, type Bench, benchFor } from './kit.ts';
import { noteOperation } from './ledger.ts';

const INFO = JSON.stringify({ update: { version: '0.2.0', build: 'ledger-schema-99' } });
/** As RAUC prints it with --detailed, shortened. */
const STATUS = JSON.stringify({
  compatible: 'tillgate-amd64',
  booted: 'A',
  boot_primary: 'system.0',
  slots: [
    { 'system.0': { class: 'system', bootname: 'A', state: 'booted', boot_status: 'good' } },
    {
      'system.1': {
        class: 'system',
        bootname: 'B',
        state: 'inactive',
        boot_status: 'bad',
        slot_status: { bundle: { compatible: 'tillgate-amd64', version: '0.0.9' }, status: 'ok' },
      },
    },
  ],
});

function withBundle(bench: Bench): void {
  writeFileSync(join(bench.machine.folders.spool, 'update.raucb'), 'a bundle');
  bench.answers.set('rauc info', { ok: true, text: INFO });
  bench.answers.set('rauc status --detailed', { ok: true, text: STATUS });
}

test('tells both slots, what was uploaded, and what it is', async (t) => {
  const bench = benchFor(t);
  withBundle(bench);
  assert.deepEqual(await ask(await bench.hand(), 'updates', {}), {
    kind: 'done',
    value: {
      slots: [
        { name: 'A', booted: true, confirmed: true, next: true, version: '0.1.0', good: true },
        { name: 'B', booted: false, confirmed: false, next: false, version: '0.0.9', good: false },
      ],
      bundle: { bytes: 8, version: '0.2.0', detail: null },
      running: null,
      last: null,
    },
  });
});

test('a bundle of a stranger is shown as one', async (t) => {
  const bench = benchFor(t);
  withBundle(bench);
  bench.answers.set('rauc info', { ok: false, text: 'signature verification failed' });
  const state = await ask(await bench.hand(), 'updates', {});
  assert.ok(state.kind === 'done');
  assert.deepEqual(state.value.bundle, {
    bytes: 8,
    version: null,
    detail: 'signature verification failed',
  });
});

test('a bundle is taken out of the gateway’s reach, installed with its progress, and forgotten', async (t) => {
  const bench = benchFor(t);
  withBundle(bench);
  const taken = join(bench.machine.folders.taken, 'update.raucb');
  let release: (() => void) | null = null;
  let tell: ((line: string) => void) | null = null;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  bench.acts.set('rauc install', async (_program, args, options) => {
    assert.deepEqual(args, ['install', taken]);
    assert.equal(lstatSync(taken).mode & 0o777, 0o600);
    tell = options?.onLine ?? null;
    await gate;
    return { ok: true, text: '' };
  });
  const hand = await bench.hand();
  assert.deepEqual(await ask(hand, 'update-install', {}), { kind: 'done', value: null });
  assert.equal(existsSync(join(bench.machine.folders.spool, 'update.raucb')), false);
  assert.equal(hand.busy(), true);
  const again = await ask(hand, 'update-install', {});
  assert.deepEqual(again, { kind: 'refused', refusal: { code: 'busy' } });
  const off = await ask(hand, 'power', { act: 'power-off', unresolved: [] });
  assert.deepEqual(off, { kind: 'refused', refusal: { code: 'busy' } });

  const seen: UpdateProgress[] = [];
  const request = parseRequest('{"verb":"update-watch","ask":{}}');
  assert.ok(request !== null);
  const gone = new AbortController().signal;
  const watched = hand.perform(request, { tell: (progress) => seen.push(progress), gone });
  while (!bench.ran.some((line) => line.startsWith('rauc install'))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(tell !== null && release !== null);
  (tell as (line: string) => void)('installing');
  (tell as (line: string) => void)(' 40% Copying image to system.1');
  const during = await ask(hand, 'updates', {});
  assert.ok(during.kind === 'done');
  assert.deepEqual(during.value.running, { percent: 40, text: 'Copying image to system.1' });
  (release as () => void)();
  assert.deepEqual(await watched, { kind: 'done', value: null });
  assert.deepEqual(seen.at(-1), { percent: 40, text: 'Copying image to system.1' });

  const after = await ask(hand, 'updates', {});
  assert.ok(after.kind === 'done' && after.value.running === null && after.value.bundle === null);
  assert.deepEqual(after.value.last, {
    at: bench.clock.now(),
    result: { kind: 'installed', version: '0.2.0' },
  });
  assert.equal(existsSync(taken), false);
  const next = await ask(await bench.hand(), 'updates', {});
  assert.ok(next.kind === 'done' && next.value.last?.result.kind === 'installed', 'it is stored');
});

test('an installation that fails says why, and another one may follow', async (t) => {
  const bench = benchFor(t);
  withBundle(bench);
  bench.answers.set('rauc install', { ok: false, text: 'no space in slot' });
  const hand = await bench.hand();
  await ask(hand, 'update-install', {});
  while (hand.busy()) await new Promise((resolve) => setImmediate(resolve));
  const state = await ask(hand, 'updates', {});
  assert.ok(state.kind === 'done');
  assert.deepEqual(state.value.last?.result, { kind: 'failed', detail: 'no space in slot' });
  assert.deepEqual(await ask(hand, 'update-install', {}), {
    kind: 'refused',
    refusal: { code: 'nothing' },
  });
});

test('a link in the spool folder leads nowhere', async (t) => {
  const bench = benchFor(t);
  const secret = join(bench.machine.folders.state, 'secret');
  writeFileSync(secret, 'keep me');
  symlinkSync(secret, join(bench.machine.folders.spool, 'update.raucb'));
  const hand = await bench.hand();
  const state = await ask(hand, 'updates', {});
  assert.ok(state.kind === 'done' && state.value.bundle === null);
  assert.deepEqual(await ask(hand, 'update-install', {}), {
    kind: 'refused',
    refusal: { code: 'nothing' },
  });
  assert.equal(readFileSync(secret, 'utf8'), 'keep me');
  assert.equal(hand.busy(), false);
});

for (const state of ['running', 'queued', 'confirming', 'unknown']) {
  test(`nothing is installed and no slot is switched while a payment is ${state}`, async (t) => {
    const bench = benchFor(t);
    withBundle(bench);
    noteOperation(bench.machine.folders.gateway, 'sale-1', state);
    const hand = await bench.hand();
    for (const verb of ['update-install', 'slot-switch'] as const) {
      const answer = await ask(hand, verb, {});
      assert.ok(answer.kind === 'refused');
      assert.equal(answer.refusal.code, state === 'unknown' ? 'unresolved' : 'running');
    }
    assert.equal(existsSync(join(bench.machine.folders.spool, 'update.raucb')), true);
    assert.deepEqual(bench.ran, []);
  });
}

test('the other slot is one command away', async (t) => {
  const bench = benchFor(t);
  assert.equal((await ask(await bench.hand(), 'slot-switch', {})).kind, 'done');
  assert.deepEqual(bench.ran, ['rauc status mark-active other']);
});

test('progress is read from RAUC’s lines only', () => {
  assert.deepEqual(progressOf('  0% Installing'), { percent: 0, text: 'Installing' });
  assert.deepEqual(progressOf('100% Installing done.'), { percent: 100, text: 'Installing done.' });
  for (const line of ['installing', '250% x', 'LastError: 5% x', '']) {
    assert.equal(progressOf(line), null);
  }
});
