// Secret options of drivers: among the secrets on disk, a token everywhere else, the value in the
// driver only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGateway } from '../../app/src/operations/create-gateway.ts';
import { isSecretToken, moveSecrets } from '../../app/src/operations/terminal-secrets.ts';
import type { TerminalSettings } from '../../app/src/operations/settings-schema.ts';
import { viewSettings } from '../../app/src/operations/change-settings.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { FaultyDisk } from '../kit/faulty-disk.ts';
import { FaultyLedger } from '../kit/faulty-ledger.ts';
import { MemorySecrets } from '../kit/memory-secrets.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { ScriptedCatalog } from '../kit/scripted-driver.ts';
import { ADMINISTRATOR, terminal } from '../kit/world.ts';

const KEY = '00112233445566778899aabbccddeeff';
const OTHER = 'ffeeddccbbaa99887766554433221100';
const SECRET_NAMES = (driver: string) => (driver === 'scripted' ? ['macKey'] : []);

/** Takes keys of 32 digits only, as a driver does. */
class PickyCatalog extends ScriptedCatalog {
  secretOptions = SECRET_NAMES;

  override check(setup: Parameters<ScriptedCatalog['check']>[0]) {
    const key = String(setup.options['macKey'] ?? '');
    const good = key === '' || /^[0-9a-f]{32}$/.test(key);
    return good ? super.check(setup) : [{ path: 'options.macKey', message: 'no such key' }];
  }
}

async function box(terminals: readonly TerminalSettings[] = []) {
  const clock = new FakeClock();
  const settings = new MemorySettings({ terminals });
  const secrets = new MemorySecrets();
  const catalog = new PickyCatalog(clock);
  const log = new QuietLog();
  const ledger = new FaultyLedger(new FaultyDisk(), clock);
  const starting = createGateway({ ledger, settings, secrets, catalog, clock, log });
  let isStarted = false;
  const started = starting.finally(() => {
    isStarted = true;
  });
  await clock.runUntil(() => isStarted, 60_000, 'the start');
  const living = await started;
  const put = async (options: TerminalSettings['options'], id = 'till-1') => {
    const changed = await living.putTerminal(ADMINISTRATOR, terminal({ id, options }));
    if (changed.kind === 'refused') return changed.refusal.facts['errors'];
    return changed.kind === 'terminal' ? changed.terminal.settings.options['macKey'] : null;
  };
  const keyOfDriver = (id = 'till-1') => catalog.drivers.get(id)?.setup.options['macKey'];
  return { gateway: living, settings, secrets, catalog, put, keyOfDriver };
}

test('a key that is given lies among the secrets, and only its driver sees it', async () => {
  const { settings, secrets, put, keyOfDriver, gateway } = await box();
  const token = await put({ macKey: KEY });
  assert.ok(isSecretToken(token), String(token));
  assert.equal(keyOfDriver(), KEY);
  assert.deepEqual(Object.values(secrets.current().driverOptions), [KEY]);
  assert.ok(!JSON.stringify(settings.current()).includes(KEY));
  assert.ok(!JSON.stringify(gateway.terminals(ADMINISTRATOR)).includes(KEY));
  assert.ok(!JSON.stringify(viewSettings({ settings, secrets })).includes(KEY));
  assert.ok(!JSON.stringify(viewSettings({ settings, secrets })).includes('driverOptions'));
  await gateway.stop(0);
});

test('the token given back keeps the key, another key replaces it, none forgets it', async () => {
  const { secrets, catalog, put, keyOfDriver, gateway } = await box();
  const token = await put({ macKey: KEY });
  assert.equal(await put({ macKey: String(token) }), token);
  assert.equal(catalog.made.length, 1, 'nothing changed, so the line was not cut');
  const other = await put({ macKey: OTHER });
  assert.notEqual(other, token);
  assert.equal(keyOfDriver(), OTHER);
  assert.deepEqual(Object.values(secrets.current().driverOptions), [OTHER]);
  assert.equal(await put({}), undefined);
  assert.equal(keyOfDriver(), undefined);
  assert.deepEqual(secrets.current().driverOptions, {});
  await gateway.stop(0);
});

test('a key goes with its terminal, and the token of another one opens nothing', async () => {
  const { secrets, put, gateway } = await box();
  const token = await put({ macKey: KEY });
  await put({ macKey: OTHER }, 'till-2');
  const removed = await gateway.removeTerminal(ADMINISTRATOR, terminal('till-1').id as never);
  assert.equal(removed.kind, 'removed');
  assert.deepEqual(Object.values(secrets.current().driverOptions), [OTHER]);
  assert.deepEqual(await put({ macKey: String(token) }), [
    { path: 'options.macKey', message: 'no such key' },
  ]);
  await gateway.stop(0);
});

test('a key that the driver refuses is stored nowhere', async () => {
  const { settings, secrets, put, gateway } = await box();
  assert.deepEqual(await put({ macKey: 'short' }), [
    { path: 'options.macKey', message: 'no such key' },
  ]);
  assert.deepEqual(secrets.current().driverOptions, {});
  assert.deepEqual(settings.current().terminals, []);
  await gateway.stop(0);
});

test('settings that cannot be written leave the old key in its place', async () => {
  const { settings, put, keyOfDriver, gateway } = await box();
  await put({ macKey: KEY });
  settings.durable = () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(put({ macKey: OTHER }), /disk is full/);
  settings.durable = () => Promise.resolve();
  assert.equal(keyOfDriver(), KEY);
  await gateway.stop(0);
});

test('plain keys of an older version are moved at the start, once', async () => {
  const old = terminal({ id: 'till-1', options: { macKey: KEY, other: 5 } });
  const { settings, secrets, gateway } = await box([old]);
  let writes = 0;
  settings.onChange(() => {
    writes += 1;
  });
  assert.equal(await moveSecrets({ settings, secrets }, SECRET_NAMES), true);
  const [moved] = settings.current().terminals;
  assert.ok(isSecretToken(moved?.options['macKey']));
  assert.equal(moved?.options['other'], 5);
  assert.deepEqual(Object.values(secrets.current().driverOptions), [KEY]);
  assert.equal(writes, 2, 'the copy of the last content must not hold it either');
  assert.equal(await moveSecrets({ settings, secrets }, SECRET_NAMES), false);
  await gateway.stop(0);
});
