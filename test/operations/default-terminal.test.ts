// A till that names no terminal, where there are several.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsChanger } from '../../app/src/operations/change-settings.ts';
import { MemorySecrets } from '../kit/memory-secrets.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { ADMINISTRATOR, TILL, word, World } from '../kit/world.ts';

const BODY = { kind: 'purchase', amount: 100 };

test('the default terminal takes it, and only a key that may use that terminal', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  const { settings } = world;
  assert.equal(word(await world.start('none-1', BODY)), 'unknown-terminal');
  await settings.change((draft) => {
    draft.http.defaultTerminal = 'till-2';
  });
  const started = await world.start('named-1', BODY);
  assert.equal(started.kind === 'operation' && started.operation.request.terminal, 'till-2');
  // With one terminal allowed, that one is meant, whatever the default is.
  const limits = { ...TILL.limits, terminals: ['till-1'] };
  const limited = await world.start('limited-1', BODY, { ...TILL, limits });
  assert.equal(limited.kind === 'operation' && limited.operation.request.terminal, 'till-1');
});

test('no other terminal stands in for a default that is disabled', async () => {
  // A disabled terminal has no lane.
  const world = await World.boot({ terminals: ['till-1'] });
  await world.settings.change((draft) => {
    draft.http.defaultTerminal = 'till-2';
  });
  const started = await world.start('none-1', BODY);
  assert.equal(word(started), 'unknown-terminal');
  assert.match(JSON.stringify(started), /till-2/);
});

test('a default that is no terminal is refused at its field', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  const { settings } = world;
  const secrets = new MemorySecrets();
  const change = settingsChanger({ settings, secrets, log: new QuietLog() });
  const refused = await change(ADMINISTRATOR, { http: { defaultTerminal: 'till-9' } });
  assert.equal(refused.kind, 'refused');
  assert.match(JSON.stringify(refused), /http\.defaultTerminal/);
  const changed = await change(ADMINISTRATOR, { http: { defaultTerminal: 'till-2' } });
  assert.equal(changed.kind, 'changed');
});
