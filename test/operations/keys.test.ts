import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_KEYS_MAX } from '../../app/src/domain/limits.ts';
import { addKey, findKey, keyring, putKey, revokeKey } from '../../app/src/operations/keys.ts';
import { type Secrets, secretsSchema } from '../../app/src/operations/settings-schema.ts';
import type { SettingsStore } from '../../app/src/ports/settings-store.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { FakeClock } from '../kit/fake-clock.ts';

const limits = { terminals: null, kinds: null, amountMax: null };
const chance = { clock: new FakeClock(), random: systemRandom };

test('admits the secret of a key as a Bearer token and under its own name only', async () => {
  const store = storeOf();
  const added = await addKey(store, chance, { name: 'kasa-1', role: 'till', limits });
  assert.equal(added.kind, 'added');
  const secret = added.kind === 'added' ? added.secret : '';
  const keys = keyring(store);
  assert.deepEqual(keys.authenticate(null, secret), { name: 'kasa-1', role: 'till', limits });
  assert.equal(keys.authenticate('kasa-1', secret)?.name, 'kasa-1');
  assert.equal(keys.authenticate('kasa-2', secret), null);
  assert.equal(keys.authenticate('kasa-1', ''), null);
  assert.equal(await revokeKey(store, 'kasa-1'), true);
  assert.equal(keys.authenticate(null, secret), null);
});

test('makes another secret for every key and keeps none', async () => {
  const store = storeOf();
  const secrets = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    const added = await addKey(store, chance, { name: `k-${n}`, role: 'till', limits });
    if (added.kind === 'added') secrets.add(added.secret);
  }
  assert.equal(secrets.size, 20);
  const text = JSON.stringify(store.current());
  for (const secret of secrets) assert.equal(text.includes(secret), false);
});

test('does not take a hash for the secret', async () => {
  const store = storeOf();
  await addKey(store, chance, { name: 'a', role: 'administrator', limits });
  const { hash } = store.current().keys[0]!;
  assert.equal(findKey(store.current(), 'a', hash), null);
});

test('refuses a taken name and more keys than the limit', async () => {
  const store = storeOf();
  await addKey(store, chance, { name: 'a', role: 'till', limits });
  const again = await addKey(store, chance, { name: 'a', role: 'administrator', limits });
  assert.deepEqual(again, { kind: 'name-taken' });
  assert.equal(store.current().keys[0]?.role, 'till');
  await store.change((draft) => {
    const [key] = draft.keys;
    draft.keys = Array.from({ length: API_KEYS_MAX }, (_, n) => ({ ...key!, name: `k-${n}` }));
  });
  const late = await addKey(store, chance, { name: 'late', role: 'till', limits });
  assert.deepEqual(late, { kind: 'too-many' });
});

test('gives nobody the name under which the schedule asks', async () => {
  const store = storeOf();
  const added = await addKey(store, chance, { name: 'schedule', role: 'till', limits });
  assert.deepEqual([added.kind, store.current().keys], ['name-taken', []]);
});

test('sets a chosen secret once, and in place of an older one', async () => {
  const store = storeOf();
  const key = { name: 'demo', role: 'administrator', limits } as const;
  await putKey(store, chance.clock, { ...key, secret: 'first' });
  const kept = store.current();
  await putKey(store, chance.clock, { ...key, secret: 'first' });
  assert.equal(store.current(), kept);
  await putKey(store, chance.clock, { ...key, secret: 'second' });
  assert.equal(findKey(store.current(), null, 'first'), null);
  assert.equal(findKey(store.current(), null, 'second')?.name, 'demo');
});

function storeOf(): SettingsStore<Secrets> {
  let current = secretsSchema.parse({});
  return {
    current: () => current,
    change: async (mutate) => {
      const draft = structuredClone(current);
      mutate(draft);
      current = secretsSchema.parse(draft);
      return current;
    },
    onChange: () => undefined,
  };
}
