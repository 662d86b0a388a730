import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HAND_GRACE_MS, NETWORK_TRIAL_MS } from '../../app/src/domain/limits.ts';
import { planOf, useFixed } from '../../app/src/hand/network-files.ts';
import type { NetworkPlan } from '../../app/src/ports/machine-hand.ts';
import { noteOperation } from './ledger.ts';
import { ask, type Bench, benchFor } from './kit.ts';

const PLAN: NetworkPlan = {
  kind: 'fixed',
  link: 'enp1s0',
  address: '192.168.7.20/24',
  gateway: '192.168.7.1',
  dns: '',
};
const inForce = ({ machine }: Bench) => join(machine.folders.networkRuntime, '50-fixed.network');
const stored = ({ machine }: Bench) => join(machine.folders.state, 'network', '50-fixed.network');
const leave = async ({ clock }: Bench) => {
  await clock.advance(HAND_GRACE_MS);
  await idle();
};
/** File work of the hand does not wait for the fake clock. */
const idle = () => new Promise((resolve) => setTimeout(resolve, 50));

test('another address is tried after the answer, and stored only once it is confirmed there', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  assert.deepEqual(await ask(hand, 'network-try', { plan: PLAN }), {
    kind: 'done',
    value: { leftMs: HAND_GRACE_MS + NETWORK_TRIAL_MS },
  });
  assert.equal(existsSync(inForce(bench)), false, 'the answer goes first');
  await leave(bench);
  assert.match(readFileSync(inForce(bench), 'utf8'), /Address=192\.168\.7\.20\/24/);
  assert.ok(bench.ran.includes('networkctl reload'));
  assert.equal(existsSync(stored(bench)), false, 'a restart has the old settings');
  assert.equal(hand.busy(), true);

  const elsewhere = await ask(hand, 'network-keep', { reached: '192.168.1.5' });
  assert.deepEqual(elsewhere, { kind: 'refused', refusal: { code: 'invalid', field: 'reached' } });
  assert.deepEqual(await ask(hand, 'network-keep', { reached: '::ffff:192.168.7.20' }), {
    kind: 'done',
    value: null,
  });
  assert.match(readFileSync(stored(bench), 'utf8'), /Address=192\.168\.7\.20\/24/);
  await bench.clock.advance(NETWORK_TRIAL_MS * 2);
  await idle();
  assert.match(readFileSync(inForce(bench), 'utf8'), /192\.168\.7\.20/, 'it stays');
  assert.equal(hand.busy(), false);
});

test('the gateway takes leave of its terminals before each change of the address', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  const farewell = [
    'systemctl kill --signal=SIGURG --kill-whom=main tillgate.service',
    'sleep 0.5',
    'networkctl reload',
  ];
  const changes = () => bench.ran.filter((line) => farewell.includes(line));
  await ask(hand, 'network-try', { plan: PLAN });
  await leave(bench);
  assert.deepEqual(changes(), farewell);
  await bench.clock.advance(NETWORK_TRIAL_MS);
  await idle();
  assert.deepEqual(changes(), [...farewell, ...farewell]);
});

test('what nobody confirms is taken back after two minutes', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  await ask(hand, 'network-try', { plan: PLAN });
  await leave(bench);
  await bench.clock.advance(NETWORK_TRIAL_MS - 1);
  await idle();
  assert.equal(existsSync(inForce(bench)), true);
  const state = await ask(hand, 'network', {});
  assert.ok(state.kind === 'done');
  assert.deepEqual(state.value.trial, { plan: PLAN, leftMs: 1 });
  assert.deepEqual(state.value.plan, { kind: 'dhcp' });
  await bench.clock.advance(1);
  await idle();
  assert.equal(existsSync(inForce(bench)), false);
  const after = await ask(hand, 'network', {});
  assert.ok(
    after.kind === 'done' && after.value.trial === null && after.value.ended === 'returned',
  );
  assert.deepEqual(await ask(hand, 'network-keep', { reached: '192.168.7.20' }), {
    kind: 'refused',
    refusal: { code: 'nothing' },
  });
});

test('a fixed address that was there before comes back, also after a hand that died', async (t) => {
  const bench = benchFor(t);
  const old = { link: 'enp1s0', address: '10.0.0.5/8', gateway: '', dns: '' };
  await useFixed(bench.machine, old, join(bench.machine.folders.runtime, 'none'));
  const first = await bench.hand();
  await ask(first, 'network-try', { plan: { kind: 'dhcp' } });
  await leave(bench);
  assert.equal(existsSync(inForce(bench)), false, 'DHCP is tried');
  const second = await bench.hand();
  assert.match(readFileSync(inForce(bench), 'utf8'), /10\.0\.0\.5\/8/);
  const state = await ask(second, 'network', {});
  assert.ok(state.kind === 'done' && state.value.ended === 'returned');
  assert.deepEqual(state.value.plan, { kind: 'fixed', ...old });
});

test('whoever sets the network at the console ends a trial: nothing comes back over it', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  await ask(hand, 'network-try', { plan: PLAN });
  await leave(bench);
  const there = { link: 'enp1s0', address: '10.9.9.9/24', gateway: '', dns: '' };
  await useFixed(bench.machine, there, join(bench.machine.folders.runtime, 'network-before.json'));
  await bench.clock.advance(NETWORK_TRIAL_MS);
  await idle();
  assert.match(readFileSync(inForce(bench), 'utf8'), /10\.9\.9\.9/);
});

test('settings that networkd refuses come back at once', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  bench.answers.set('networkctl reload', { ok: false, text: 'no' });
  await ask(hand, 'network-try', { plan: PLAN });
  await leave(bench);
  await idle();
  assert.equal(existsSync(inForce(bench)), false);
  assert.equal(hand.busy(), false);
});

test('bad addresses, foreign links and a second trial are refused', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  for (const [field, wrong] of [
    ['link', { link: 'enp9s0' }],
    ['link', { link: 'lo' }],
    ['link', { link: 'eth0\n[x]' }],
    ['address', { address: '192.168.7.20' }],
    ['address', { address: '192.168.7.20/33' }],
    ['address', { address: '192.168.7.20/24\nDHCP=yes' }],
    ['address', { address: 'fe80::1%eth0/64' }],
    ['gateway', { gateway: 'fd00::1' }],
    ['gateway', { gateway: 'router' }],
    ['dns', { dns: '8.8.8.8 9.9.9.9' }],
  ] as const) {
    const plan: NetworkPlan = { ...PLAN, ...wrong };
    assert.deepEqual(await ask(hand, 'network-try', { plan }), {
      kind: 'refused',
      refusal: { code: 'invalid', field },
    });
  }
  assert.equal(hand.busy(), false);
  await ask(hand, 'network-try', { plan: PLAN });
  const second = await ask(hand, 'network-try', { plan: { kind: 'dhcp' } });
  assert.deepEqual(second, { kind: 'refused', refusal: { code: 'busy' } });
  assert.equal((await ask(hand, 'network-back', {})).kind, 'done');
});

test('no other address while a payment runs', async (t) => {
  const bench = benchFor(t);
  noteOperation(bench.machine.folders.gateway, 'sale-1', 'running');
  const hand = await bench.hand();
  const answer = await ask(hand, 'network-try', { plan: PLAN });
  assert.ok(answer.kind === 'refused' && answer.refusal.code === 'running');
});

test('tells links, gateway and names as they are', async (t) => {
  const bench = benchFor(t);
  bench.answers.set('ip -json address', {
    ok: true,
    text: JSON.stringify([
      { ifname: 'lo', operstate: 'UNKNOWN', addr_info: [address('127.0.0.1', 8, 'host', 'inet')] },
      {
        ifname: 'enp1s0',
        operstate: 'UP',
        addr_info: [
          address('fe80::1', 64, 'link', 'inet6'),
          address('fd00::5', 64, 'global', 'inet6'),
          address('192.168.1.5', 24, 'global', 'inet'),
        ],
      },
    ]),
  });
  bench.answers.set('ip -4 route', { ok: true, text: 'default via 192.168.1.1 dev enp1s0' });
  writeFileSync(bench.machine.folders.resolvers, '# by resolved\nnameserver 192.168.1.1\n');
  const state = await ask(await bench.hand(), 'network', {});
  assert.deepEqual(state, {
    kind: 'done',
    value: {
      hostName: 'tillgate',
      links: [{ name: 'enp1s0', up: true, addresses: ['192.168.1.5/24', 'fd00::5/64'] }],
      gateway: '192.168.1.1',
      dns: ['192.168.1.1'],
      plan: { kind: 'dhcp' },
      trial: null,
      ended: null,
    },
  });
});

test('a name is stored and told to the LAN; what is none is refused', async (t) => {
  const bench = benchFor(t);
  const hand = await bench.hand();
  assert.equal((await ask(hand, 'name', { name: 'till-2' })).kind, 'done');
  assert.equal(readFileSync(join(bench.machine.folders.state, 'hostname'), 'utf8'), 'till-2\n');
  assert.deepEqual(bench.ran.slice(-2), [
    'hostname till-2',
    'systemctl restart systemd-resolved.service',
  ]);
  for (const name of ['', 'Till', '-x', 'a.b', 'a b', '--help']) {
    assert.deepEqual(await ask(hand, 'name', { name }), {
      kind: 'refused',
      refusal: { code: 'invalid', field: 'name' },
    });
  }
});

test('a file that somebody wrote by hand is not shown as ours', () => {
  assert.deepEqual(planOf('[Match]\nName=en*\n[Network]\nDHCP=yes\n'), { kind: 'dhcp' });
});

function address(local: string, prefixlen: number, scope: string, family: string) {
  return { local, prefixlen, scope, family };
}
