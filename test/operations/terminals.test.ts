// Setting up terminals: nothing cuts a payment, and nothing opens a gate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalId } from '../../app/src/domain/ids.ts';
import type { TerminalChange } from '../../app/src/operations/gateway.ts';
import type { TerminalSettings } from '../../app/src/operations/settings-schema.ts';
import { approvesAfter, factsWith, losesAnswer, neverAnswers } from '../kit/scripted-driver.ts';
import { ADMINISTRATOR, principal, SUPERVISOR, terminal, TILL, word, World } from '../kit/world.ts';

function put(world: World, next: Partial<TerminalSettings>, who = ADMINISTRATOR) {
  return world.settled(world.gateway.putTerminal(who, terminal({ id: 'till-1', ...next })));
}

function remove(world: World, id = 'till-1', who = ADMINISTRATOR): Promise<TerminalChange> {
  return world.settled(world.gateway.removeTerminal(who, terminalId(id)));
}

function told(change: TerminalChange): string {
  return change.kind === 'refused' ? change.refusal.code : change.kind;
}

test('adds, changes, disables and removes a terminal', async () => {
  const world = await World.boot({ terminals: [] });
  const added = await put(world, {});
  assert.equal(added.kind === 'terminal' && added.created, true);
  assert.equal(world.view().link, 'ready');
  assert.equal(word(await world.purchase('a')), 'accepted');
  await world.ended('a');
  const changed = await put(world, { address: 'memory://elsewhere' });
  assert.equal(changed.kind === 'terminal' && changed.created, false);
  assert.equal(world.catalog.made.length, 2);
  assert.equal(world.catalog.made[0]?.stopped, true);
  await put(world, { disabled: true });
  assert.equal(world.view().link, 'disabled');
  assert.equal(word(await world.purchase('b', { terminal: 'till-1' })), 'unknown-terminal');
  assert.equal(told(await remove(world)), 'removed');
  assert.equal(told(await remove(world)), 'unknown-terminal');
});

test('is for administrators only', async () => {
  const world = await World.boot();
  assert.equal(told(await put(world, {}, SUPERVISOR)), 'forbidden');
  assert.equal(told(await remove(world, 'till-1', TILL)), 'forbidden');
  const signal = new AbortController().signal;
  const tested = await world.gateway.testTerminal(TILL, terminalId('till-1'), signal);
  assert.ok('code' in tested && tested.code === 'forbidden');
});

test('refuses settings that the driver or the schema does not take', async () => {
  const world = await World.boot();
  assert.equal(told(await put(world, { driver: 'none' })), 'invalid-request');
  const bad = { ...terminal('till-2'), defaultMerchant: 100 };
  const change = await world.settled(world.gateway.putTerminal(ADMINISTRATOR, bad));
  assert.equal(told(change), 'invalid-request');
  assert.equal(world.settings.current().terminals.length, 1);
});

test('refuses two terminals at one address, also when both are put together', async () => {
  const world = await World.boot();
  assert.equal(
    told(await put(world, { id: 'till-2', address: 'MEMORY://till-1' })),
    'invalid-request',
  );
  const together = ['till-3', 'till-4'].map((id) =>
    world.gateway.putTerminal(ADMINISTRATOR, terminal({ id, address: 'memory://same' })),
  );
  const words = (await world.settled(Promise.all(together))).map(told);
  assert.deepEqual(words.sort(), ['invalid-request', 'terminal']);
});

test('keeps one link to a terminal that is changed twice at once', async () => {
  const world = await World.boot();
  const together = ['memory://x', 'memory://y'].map((address) =>
    world.gateway.putTerminal(ADMINISTRATOR, terminal({ id: 'till-1', address })),
  );
  await world.settled(Promise.all(together));
  assert.equal(world.catalog.made.filter((driver) => !driver.stopped).length, 1);
});

test('changes names and merchants under a running payment, but not the wire', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(5_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  assert.equal(told(await put(world, { name: 'the counter' })), 'terminal');
  assert.equal(world.view().settings.name, 'the counter');
  assert.equal(told(await put(world, { address: 'memory://x' })), 'terminal-busy');
  assert.equal(told(await put(world, { disabled: true })), 'terminal-busy');
  assert.equal(told(await remove(world)), 'terminal-busy');
  assert.equal((await world.ended('a')).state, 'approved');
});

test('lets no payment begin while the settings of its terminal are on their way', async () => {
  const world = await World.boot();
  world.settings.durable = () => world.clock.sleep(100);
  const changing = world.gateway.putTerminal(
    ADMINISTRATOR,
    terminal({ id: 'till-1', address: 'memory://x' }),
  );
  await world.tick(50);
  assert.equal(word(await world.startNow('a', { kind: 'purchase', amount: 1 })), 'terminal-busy');
  assert.equal(told(await world.settled(changing)), 'terminal');
  assert.equal(word(await world.purchase('a')), 'accepted');
  assert.equal((await world.ended('a')).state, 'approved');
});

test('serves the terminal as before when its new settings could not be written', async () => {
  const world = await World.boot();
  world.settings.durable = () => Promise.reject(new Error('disk'));
  const changing = world.gateway.putTerminal(
    ADMINISTRATOR,
    terminal({ id: 'till-1', address: 'memory://x' }),
  );
  await assert.rejects(world.settled(changing), /disk/);
  assert.equal(word(await world.purchase('a')), 'accepted');
});

test('opens no gate by a change, a removal or a disabling', async () => {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer()];
  await world.purchase('a');
  await world.ended('a');
  assert.equal(told(await remove(world)), 'terminal-unresolved');
  assert.equal(told(await put(world, { disabled: true })), 'terminal-unresolved');
  // Another address is allowed, or a terminal with a new one could never be asked.
  assert.equal(told(await put(world, { address: 'memory://x' })), 'terminal');
  assert.equal(word(await world.purchase('b')), 'terminal-unresolved');
  world.driver().facts = () => Promise.resolve(factsWith(12_345));
  assert.equal((await world.until('a', 'approved')).resolution?.by, 'evidence');
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('opens the gate where the evidence was on its way to the disk during a change', async () => {
  let syncMs = 2;
  const world = await World.boot({ ledger: { syncMs: () => syncMs } });
  world.driver().scripts = [losesAnswer()];
  await world.purchase('a');
  await world.ended('a');
  world.driver().facts = () => Promise.resolve(factsWith(12_345));
  syncMs = 10_000;
  world.driver().setLink('ready');
  await world.tick(100);
  await put(world, { address: 'memory://x' });
  await world.tick(600_000);
  assert.equal(world.row('a').state, 'approved');
  syncMs = 2;
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('tests a terminal that is free, and not beside a payment', async () => {
  const world = await World.boot();
  const test1 = () =>
    world.settled(
      world.gateway.testTerminal(ADMINISTRATOR, terminalId('till-1'), AbortSignal.abort()),
    );
  const fine = await test1();
  assert.ok('ok' in fine && fine.ok);
  world.driver().scripts = [neverAnswers()];
  await world.purchase('a');
  const busy = await test1();
  assert.ok('code' in busy && busy.code === 'terminal-busy');
});

test('shows a key only its own terminals', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  const key = principal('till', { terminals: ['till-2'] });
  assert.deepEqual(
    world.gateway.terminals(key).map(({ settings }) => settings.id),
    ['till-2'],
  );
  assert.equal(world.gateway.terminal(key, terminalId('till-1')), null);
});

test('starts without a terminal whose settings are not usable, and with the others', async () => {
  const world = await World.boot({ terminals: [{ id: 'till-1', driver: 'gone' }, 'till-2'] });
  assert.equal(word(await world.purchase('a', { terminal: 'till-1' })), 'unknown-terminal');
  assert.equal(word(await world.purchase('a', { terminal: 'till-2' })), 'accepted');
});
