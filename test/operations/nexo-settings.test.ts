// What no schema of one field sees in the settings of nexo.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsChanger } from '../../app/src/operations/change-settings.ts';
import { secretsSchema } from '../../app/src/operations/settings-schema.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { ADMINISTRATOR, terminal } from '../kit/world.ts';

const PAIRING = { saleId: 'ECR1', poiId: 'A-POIID', terminal: 'till-1', address: '192.168.1.20' };

function box() {
  const settings = new MemorySettings({ terminals: [terminal({ id: 'till-1' })] });
  const secrets = {
    current: () => secretsSchema.parse({}),
    change: () => assert.fail('no secret was changed'),
    onChange: () => undefined,
  };
  const change = settingsChanger({ settings, secrets, log: new QuietLog() });
  const paths = async (nexo: Record<string, unknown>): Promise<string[]> => {
    const changed = await change(ADMINISTRATOR, { nexo });
    if (changed.kind === 'changed') return [];
    const errors = changed.refusal.facts['errors'] as { path: string }[];
    return errors.map(({ path }) => path);
  };
  return { settings, paths };
}

test('a till is paired with a terminal and a key that there are', async () => {
  const { settings, paths } = box();
  const prefix = 'nexo.facade.pairings.0';
  const pair = (change: Record<string, unknown>) =>
    paths({ facade: { pairings: [{ ...PAIRING, ...change }] } });
  assert.deepEqual(await pair({ terminal: 'till-9' }), [`${prefix}.terminal`]);
  assert.deepEqual(await pair({ key: 'nobody' }), [`${prefix}.key`]);
  assert.deepEqual(await pair({ address: '192.168.1' }), [`${prefix}.address`]);
  assert.deepEqual(settings.current().nexo.facade.pairings, []);
  assert.deepEqual(await pair({}), []);
  assert.equal(settings.current().nexo.facade.pairings.length, 1);
});

test('the two ports differ where both are open', async () => {
  const { paths } = box();
  assert.deepEqual(await paths({ listenPort: 11_001 }), [], 'the façade is off');
  assert.deepEqual(await paths({ facade: { enabled: true } }), ['nexo.facade.port']);
  assert.deepEqual(await paths({ facade: { enabled: true, port: 11_002 } }), []);
});
