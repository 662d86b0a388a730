import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HAND_GRACE_MS } from '../../app/src/domain/limits.ts';
import { ask, benchFor } from './kit.ts';
import { noteOperation } from './ledger.ts';

for (const [act, command] of [
  ['restart-gateway', 'systemctl restart --no-block tillgate.service'],
  ['restart', 'systemctl reboot'],
  ['power-off', 'systemctl poweroff'],
] as const) {
  test(`${act} comes a moment after its answer`, async (t) => {
    const bench = benchFor(t);
    const hand = await bench.hand();
    assert.deepEqual(await ask(hand, 'power', { act, unresolved: [] }), {
      kind: 'done',
      value: null,
    });
    assert.deepEqual(bench.ran, []);
    await bench.clock.advance(HAND_GRACE_MS);
    assert.deepEqual(bench.ran, [command]);
  });

  test(`${act} never cuts a payment that runs`, async (t) => {
    const bench = benchFor(t);
    noteOperation(bench.machine.folders.gateway, 'sale-1', 'running');
    noteOperation(bench.machine.folders.gateway, 'sale-2', 'unknown');
    const hand = await bench.hand();
    const answer = await ask(hand, 'power', { act, unresolved: ['sale-1', 'sale-2'] });
    assert.deepEqual(answer, {
      kind: 'refused',
      refusal: {
        code: 'running',
        operations: [{ id: 'sale-1', terminal: 'till-1', kind: 'purchase', state: 'running' }],
      },
    });
    await bench.clock.advance(HAND_GRACE_MS);
    assert.deepEqual(bench.ran, []);
  });

  test(`${act} with an unresolved payment needs a person who knows of it`, async (t) => {
    const bench = benchFor(t);
    noteOperation(bench.machine.folders.gateway, 'sale-2', 'unknown');
    const hand = await bench.hand();
    for (const unresolved of [[], ['sale-1']]) {
      const answer = await ask(hand, 'power', { act, unresolved });
      assert.ok(answer.kind === 'refused' && answer.refusal.code === 'unresolved');
      assert.deepEqual(
        answer.refusal.operations.map(({ id }) => id),
        ['sale-2'],
      );
    }
    assert.equal((await ask(hand, 'power', { act, unresolved: ['sale-2'] })).kind, 'done');
    await bench.clock.advance(HAND_GRACE_MS);
    assert.deepEqual(bench.ran, [command]);
  });
}

test('a ledger that cannot be read allows nothing', async (t) => {
  const bench = benchFor(t);
  mkdirSync(join(bench.machine.folders.gateway, 'ledger'));
  writeFileSync(join(bench.machine.folders.gateway, 'ledger', 'ledger.db'), 'no database at all');
  const broken = await ask(await bench.hand(), 'power', { act: 'restart', unresolved: [] });
  assert.ok(broken.kind === 'refused' && broken.refusal.code === 'ledger-unreadable');
  rmSync(bench.machine.folders.gateway, { recursive: true });
  const away = await ask(await bench.hand(), 'power', { act: 'restart', unresolved: [] });
  assert.ok(away.kind === 'refused' && away.refusal.code === 'ledger-unreadable');
});

test('tells how the parts of the system are', async (t) => {
  const bench = benchFor(t);
  bench.answers.set('systemctl show', {
    ok: true,
    text:
      'NRestarts=2\nId=tillgate.service\nActiveState=active\nSubState=running\n\n' +
      'Id=var-lib-tillgate.mount\nActiveState=active\nSubState=mounted\n',
  });
  assert.deepEqual(await ask(await bench.hand(), 'units', {}), {
    kind: 'done',
    value: [
      { name: 'tillgate.service', active: 'active', sub: 'running', restarts: 2 },
      { name: 'var-lib-tillgate.mount', active: 'active', sub: 'mounted', restarts: 0 },
    ],
  });
});
