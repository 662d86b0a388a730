// Entries of the audit chain in the language of the page; the chain itself is left as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { changesOf, objectOf } from '../../app/src/http/admin/pages/audit-details.ts';
import { FIELD_TEXTS } from '../../app/src/http/admin/texts/audit-words.ts';
import { settingsViewSchema } from '../../app/src/operations/settings-patch.ts';
import { keyLimitsSchema, terminalSchema } from '../../app/src/operations/settings-schema.ts';
import { administrator, boxFor } from './keeping-stage.ts';

test('every setting has a name in the catalogue', () => {
  const unnamed = [settingsViewSchema, terminalSchema, keyLimitsSchema].flatMap((schema) =>
    namesIn(z.toJSONSchema(schema, { io: 'output' })).filter((name) => !(name in FIELD_TEXTS)),
  );
  assert.deepEqual([...new Set(unnamed)], []);
});

test('fields are named in the language of the page, values stay as they were written', () => {
  const entry = {
    act: 'settings-change',
    before: {
      settlement: { at: '23:30', terminals: null },
      webhooks: [{ name: 'crm', url: 'https://a.example' }],
    },
    after: {
      settlement: { at: '21:15', terminals: ['till-1', 'till-2'] },
      webhooks: [{ name: 'crm', url: 'https://b.example' }],
      secretsSet: ['webhooks.crm'],
    },
  };
  assert.deepEqual(told(entry, 'uk'), [
    'звірка за розкладом · час: 23:30 → 21:15',
    'вебхуки · 1 · адреса: https://a.example → https://b.example',
    'звірка за розкладом · лише термінали: – → ["till-1","till-2"]',
    'введено секрети: – → ["webhooks.crm"]',
  ]);
  assert.deepEqual(told(entry, 'ru').at(0), 'сверка по расписанию · время: 23:30 → 21:15');
  assert.deepEqual(told(entry, 'en').at(0), 'scheduled settlement · time: 23:30 → 21:15');
});

test('one name in two acts is two things', () => {
  const after = { name: 'Оля' };
  const named = (act: string) => told({ act, before: null, after }, 'uk');
  assert.deepEqual(named('person-add'), ['ім’я: Оля']);
  assert.deepEqual(named('shop-change'), ['назва: Оля']);
  assert.deepEqual(named('update-upload'), ['файл: Оля']);
});

test('what somebody else has named is not translated', () => {
  const after = {
    options: { port: 5, name: 'x' },
    terminalIds: { 'till.shop': 'T', key: 'U' },
    secrets: { webhooks: { user: true }, registration: { password: true } },
    novelty: 1,
  };
  assert.deepEqual(told({ act: 'terminal-add', before: null, after }, 'uk'), [
    'параметри · port: 5',
    'параметри · name: x',
    'ID терміналів · till.shop: T',
    'ID терміналів · key: U',
    'секрети · вебхуки · user: true',
    'секрети · сервер обробки · пароль є: true',
    'novelty: 1',
  ]);
  assert.deepEqual(objectOf('terminal shop', 'uk'), { words: 'термінал', name: 'shop' });
  assert.deepEqual(objectOf('person box', 'ru'), { words: 'человек', name: 'box' });
  assert.deepEqual(objectOf('shop http novelty', 'uk').words, 'магазин, HTTP API, novelty');
  assert.deepEqual(objectOf('bank library', 'uk').words, 'бібліотека банку');
});

test('the page speaks its language, the export holds the chain as it was written', async (t) => {
  const box = await boxFor(t);
  const visitor = await administrator(box);
  const shop = { shop: 'Кутова', language: 'uk', timeZone: 'Europe/Kyiv' };
  await visitor.post('/admin/system', shop);
  const before = (await visitor.get('/admin/audit.json')).text;
  const english = (await visitor.get('/admin/audit')).text;
  assert.match(english, /changed the shop<br>shop</);
  assert.match(
    english,
    /name: <code class="long">Corner shop<\/code> → <code class="long">Кутова<\/code>/,
  );
  await visitor.post('/admin/language', { language: 'uk' });
  const page = (await visitor.get('/admin/audit?verify=1')).text;
  assert.match(page, /змінено магазин<br>магазин</);
  assert.match(page, /назва: <code class="long">Corner shop<\/code> → <code/);
  assert.match(page, /мова: <code class="long">en<\/code> → <code class="long">uk<\/code>/);
  assert.match(page, /людина <code>admin<\/code>/);
  assert.doesNotMatch(page, /timeZone|class="change" lang/);
  assert.match(page, /class="notice good"/);
  assert.equal((await visitor.get('/admin/audit.json')).text, before);
  assert.match(before, /"object":"shop","before":\{"name":"Corner shop"/);
});

function told(...of: Parameters<typeof changesOf>): string[] {
  return changesOf(...of).map(
    ({ name, values }) => `${name}: ${values.map((value) => value ?? '–').join(' → ')}`,
  );
}

/** Names of members at any depth; what a record holds is named by others. */
function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, part]) =>
    key === 'properties'
      ? [...Object.keys(part as object), ...Object.values(part as object).flatMap(namesIn)]
      : namesIn(part),
  );
}
