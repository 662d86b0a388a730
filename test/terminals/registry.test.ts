import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DRIVERS, driverCatalog } from '../../app/src/terminals/registry.ts';
import { OPTIONS, parseOptions } from '../../app/src/terminals/privat-json/options.ts';
import { normaliseAddress } from '../../app/src/transport/open.ts';
import { createPeer, NO_LOG, RANDOM, REAL_CLOCK, SETUP } from './kit.ts';

const catalog = driverCatalog({
  transport: createPeer(() => undefined).transport,
  clock: REAL_CLOCK,
  random: RANDOM,
  log: NO_LOG,
  timeZone: 'Europe/Kyiv',
  normaliseAddress,
});

test('says field by field what is wrong with settings', () => {
  assert.deepEqual(catalog.check(SETUP), []);
  assert.deepEqual(
    catalog.check({ ...SETUP, driver: 'abacus' }).map((issue) => issue.path),
    ['driver'],
  );
  assert.deepEqual(
    catalog.check({ ...SETUP, driver: 'toString' }).map((issue) => issue.path),
    ['driver'],
  );
  const options = {
    sendGapMs: -1,
    facepay: 'yes',
    handshake: 'none',
    subMerchant: 'x'.repeat(33),
    other: 1,
  };
  const wrong = catalog.check({ ...SETUP, address: 'tcp://host', options });
  assert.deepEqual(wrong.map((issue) => issue.path).sort(), [
    'address',
    'options.facepay',
    'options.handshake',
    'options.other',
    'options.sendGapMs',
    'options.subMerchant',
  ]);
  assert.equal(catalog.check({ ...SETUP, address: 'http://host:1' })[0]?.path, 'address');
});

test('makes a driver of settings that are right', async () => {
  const driver = catalog.create(SETUP);
  assert.ok(driver.capabilities.kinds.includes('purchase'));
  assert.ok(driver.capabilities.instalments.includes('pbp-partly'));
  await driver.stop();
  assert.throws(() => catalog.create({ ...SETUP, options: { other: 1 } }));
});

test('an address that is none has itself as its only name', () => {
  assert.equal(catalog.normaliseAddress(' tcp://host '), 'tcp://host');
});

test('every option has a default that its own bounds allow', () => {
  for (const definition of Object.values(DRIVERS)) assert.ok(definition.title.length > 0);
  const defaults = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, row]) => [name, row.default]),
  );
  assert.deepEqual(parseOptions(defaults), parseOptions({}));
  assert.equal(parseOptions(defaults).kind, 'options');
});
