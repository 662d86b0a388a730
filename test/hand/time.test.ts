import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ask, benchFor } from './kit.ts';
import { noteOperation } from './ledger.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

test('a time that a person gives is set and trusted', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  assert.equal((await ask(hand, 'time-set', { at: NOON + 250 })).kind, 'done');
  assert.deepEqual(bench.ran, ['date --set @1780315200.250']);
  assert.equal(existsSync(bench.machine.folders.clockMark), true);
});

test('a clock that could not be set is not trusted', async (t) => {
  const bench = benchFor(t);
  bench.answers.set('date', { ok: false, text: 'not permitted' });
  const answer = await ask(await bench.hand(), 'time-set', { at: NOON });
  assert.deepEqual(answer, {
    kind: 'refused',
    refusal: { code: 'failed', detail: 'not permitted' },
  });
  assert.equal(existsSync(bench.machine.folders.clockMark), false);
});

test('no time of another century, and none in the middle of a payment', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  for (const at of [0, Date.UTC(2025, 11, 31), Date.UTC(2100, 0, 1), -5]) {
    assert.deepEqual(await ask(hand, 'time-set', { at }), {
      kind: 'refused',
      refusal: { code: 'invalid', field: 'at' },
    });
  }
  noteOperation(bench.machine.folders.gateway, 'sale-1', 'running');
  const answer = await ask(hand, 'time-set', { at: NOON });
  assert.ok(answer.kind === 'refused' && answer.refusal.code === 'running');
  assert.deepEqual(bench.ran, []);
});

test('the shown time can be confirmed as it is', async (t) => {
  const bench = benchFor(t);
  assert.equal((await ask(await bench.hand(), 'time-trust', {})).kind, 'done');
  assert.equal(existsSync(bench.machine.folders.clockMark), true);
});

test('what others of the system read is open to them, whatever the hand’s own habit', async (t) => {
  const bench = benchFor(t);
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const hand = await bench.hand();
  await ask(hand, 'time-trust', {});
  await ask(hand, 'time-servers', { servers: ['10.0.0.1'] });
  const { clockMark, timeRuntime } = bench.machine.folders;
  for (const path of [clockMark, join(timeRuntime, '50-shop.conf')]) {
    assert.equal(mode(path), 0o644);
    assert.equal(mode(dirname(path)), 0o755);
  }
});

test('time servers are stored, used at once, and given back to the LAN', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  const servers = ['ntp.shop.example', '192.168.1.1', 'fd00::1'];
  const { timeRuntime, state } = bench.machine.folders;
  assert.equal((await ask(hand, 'time-servers', { servers })).kind, 'done');
  const text = '[Time]\nNTP=ntp.shop.example 192.168.1.1 fd00::1\n';
  assert.equal(readFileSync(join(timeRuntime, '50-shop.conf'), 'utf8'), text);
  assert.equal(readFileSync(join(state, 'time-servers.conf'), 'utf8'), text);
  assert.equal(bench.ran.at(-1), 'systemctl restart systemd-timesyncd.service');
  bench.answers.set('timedatectl', { ok: true, text: 'ServerName=ntp.shop.example' });
  symlinkSync('/usr/share/zoneinfo/Europe/Kyiv', bench.machine.folders.localTime);
  assert.deepEqual(await ask(hand, 'time', {}), {
    kind: 'done',
    value: {
      now: bench.clock.now(),
      trusted: false,
      zone: 'Europe/Kyiv',
      servers,
      server: 'ntp.shop.example',
    },
  });
  await ask(hand, 'time-servers', { servers: [] });
  assert.equal(existsSync(join(timeRuntime, '50-shop.conf')), false);
  assert.equal(existsSync(join(state, 'time-servers.conf')), false);
});

test('what is no server and what is no zone is refused', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  for (const server of [
    '',
    'a b',
    'x\nFallbackNTP=evil',
    '-x',
    'a..b',
    'http://x',
    'fe80::1%eth0',
  ]) {
    assert.deepEqual(await ask(hand, 'time-servers', { servers: [server] }), {
      kind: 'refused',
      refusal: { code: 'invalid', field: 'servers' },
    });
  }
  for (const zone of ['', 'Europe', 'Europe/Nowhere', '../../etc/passwd', '/etc/passwd', '-f']) {
    assert.deepEqual(await ask(hand, 'time-zone', { zone }), {
      kind: 'refused',
      refusal: { code: 'invalid', field: 'zone' },
    });
  }
  assert.equal((await ask(hand, 'time-zone', { zone: 'Europe/Kyiv' })).kind, 'done');
  const { zones, localTime, state } = bench.machine.folders;
  assert.deepEqual(bench.ran, [`ln -sf ${join(zones, 'Europe/Kyiv')} ${localTime}`]);
  assert.equal(readFileSync(join(state, 'time-zone'), 'utf8'), 'Europe/Kyiv\n');
});

function mode(path: string): number {
  return statSync(path).mode & 0o777;
}
