// Documents that a newer release wrote: what this one does not know is kept, what it cannot
// understand is off, and nothing lets anybody do more.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { secretsForm, settingsForm } from '../../app/src/operations/document-forms.ts';
import { findKey } from '../../app/src/operations/keys.ts';
import { dropUnused } from '../../app/src/operations/terminal-secrets.ts';
import { secretsSchema, settingsSchema } from '../../app/src/operations/settings-schema.ts';
import { type DocumentForm, SettingsError } from '../../app/src/ports/settings-store.ts';
import { documentFault } from '../../app/src/storage/newer-document.ts';
import { openSettings, type SettingsFile } from '../../app/src/storage/settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { clock, folderFor, plainForm } from './helpers.ts';

const NEWER = { form: 7, mayIgnore: [] };
const TERMINAL = { id: 'main', driver: 'privat-json', address: 'tcp://10.0.0.5:2000' };
const SECRET = 'a'.repeat(43);
const KEY = {
  name: 'till-1',
  role: 'till',
  hash: 'sha256$b4bd2d6d1eb3f6f6ac1b1e6cd5a4ad2d3ab9e9d2ab9cb2b1ea3db8b6d6a0ae31',
  createdAt: 1,
};

test('a document of this release or an older one is read strictly', async (t) => {
  for (const mark of [{}, { writtenBy: { form: 0 } }, { writtenBy: { form: 1 } }]) {
    const { opened } = shop(t, { ...mark, shop: { nmae: 'Kiosk' } });
    await assert.rejects(
      opened(),
      (error) => error instanceof SettingsError && error.issues[0]?.path === 'shop',
    );
  }
});

test('a mark that no store wrote is told', async (t) => {
  const { opened } = shop(t, { writtenBy: 'me' });
  await assert.rejects(
    opened(),
    (error) => error instanceof SettingsError && error.issues[0]?.path === 'writtenBy',
  );
});

test('every write carries the mark, and no reader of the settings sees it', async (t) => {
  const { opened, stored } = shop(t, {});
  const { settings } = await opened();
  const next = await settings.change((draft) => {
    draft.shop.name = 'Kiosk';
  });
  assert.ok(!('writtenBy' in next));
  assert.deepEqual(stored()['writtenBy'], { form: 1, mayIgnore: [] });
  assert.equal(stored()['shop'].name, 'Kiosk');
});

test('what is not known is kept through a change, in its place, with the newer mark', async (t) => {
  const mark = { ...NEWER, more: 'of the newer release' };
  const document = {
    writtenBy: mark,
    loyaltyCards: { enabled: true },
    shop: { name: 'Kiosk', logo: 'iVBOR' },
    terminals: [
      { ...TERMINAL, merchants: [{ index: 2, name: 'B', colour: null }] },
      { ...TERMINAL, id: 'other', screen: null },
    ],
    webhooks: [{ name: 'crm', url: 'https://crm.example', format: 'v2' }],
  };
  const { opened, stored } = shop(t, document);
  const { settings, log } = await opened();
  await settings.change((draft) => {
    draft.shop.language = 'en';
    draft.terminals = draft.terminals.toReversed();
    draft.terminals[1]!.merchants.unshift({ index: 1, name: 'A', taxCode: '' });
    draft.webhooks[0]!.timeoutMs = 2_000;
  });
  assert.deepEqual(stored(), {
    writtenBy: mark,
    loyaltyCards: { enabled: true },
    shop: { name: 'Kiosk', logo: 'iVBOR', language: 'en' },
    terminals: [
      { ...TERMINAL, id: 'other', screen: null },
      {
        ...TERMINAL,
        merchants: [
          { index: 1, name: 'A', taxCode: '' },
          { index: 2, name: 'B', colour: null },
        ],
      },
    ],
    webhooks: [{ name: 'crm', url: 'https://crm.example', format: 'v2', timeoutMs: 2_000 }],
  });
  const [line, ...others] = log.lines.filter(({ event }) => event === 'settings-of-newer-release');
  assert.deepEqual(others.length, 0);
  assert.deepEqual(line?.fields, {
    file: 'settings.json',
    form: 7,
    known: 1,
    unused:
      'loyaltyCards, shop.logo, terminals.main.merchants.2.colour, terminals.other.screen, webhooks.crm.format',
    off: '',
  });
  assert.equal((await opened()).settings.current().terminals[1]?.disabled, false);
});

test('the log names paths, never values', async (t) => {
  const { opened } = vault(t, { writtenBy: NEWER, vault: { pin: 'hidden-value' } });
  const { settings, log } = await opened();
  assert.deepEqual(settings.unused(), ['vault']);
  assert.ok(!JSON.stringify(log.lines).includes('hidden-value'));
});

test('a removed element takes along what was kept in it', async (t) => {
  const { opened, stored } = shop(t, {
    writtenBy: NEWER,
    terminals: [
      { ...TERMINAL, screen: null },
      { ...TERMINAL, id: 'b' },
    ],
  });
  const { settings } = await opened();
  await settings.change((draft) => {
    draft.terminals.shift();
  });
  assert.deepEqual(stored()['terminals'], [{ ...TERMINAL, id: 'b' }]);
  assert.deepEqual(settings.unused(), []);
});

test('elements that nothing tells apart are followed by their positions, or not at all', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'lists.json');
  const document = {
    writtenBy: NEWER,
    lists: [
      { n: 1, more: 'a' },
      { n: 2, more: 'b' },
    ],
  };
  const schema = z.strictObject({ lists: z.array(z.strictObject({ n: z.int() })).default([]) });
  for (const [change, expected] of [
    [
      (list: { n: number }[]) => void (list[1]!.n = 3),
      [
        { n: 1, more: 'a' },
        { n: 3, more: 'b' },
      ],
    ],
    [(list: { n: number }[]) => void list.push({ n: 3 }), [{ n: 1 }, { n: 2 }, { n: 3 }]],
  ] as const) {
    writeFileSync(path, JSON.stringify(document));
    const store = await openSettings({
      path,
      schema,
      form: plainForm,
      clock,
      log: new QuietLog(),
      watch: false,
    });
    t.after(() => store.close());
    await store.change((draft) => change(draft.lists));
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')).lists, expected);
  }
});

test('members of a union are set aside where one of its forms fits otherwise', async (t) => {
  const schema = z.strictObject({
    way: z
      .union([
        z.strictObject({ kind: z.literal('a'), inner: z.strictObject({ n: z.int() }) }),
        z.strictObject({ kind: z.literal('b') }),
      ])
      .optional(),
  });
  const way = { kind: 'a', inner: { n: 1, deep: [1] }, more: true };
  const document = { writtenBy: NEWER, way };
  const path = join(folderFor(t), 'union.json');
  writeFileSync(path, JSON.stringify(document));
  const common = { path, schema, form: plainForm, clock, log: new QuietLog(), watch: false };
  const store = await openSettings(common);
  t.after(() => store.close());
  assert.deepEqual(store.current().way, { kind: 'a', inner: { n: 1 } });
  assert.deepEqual([...store.unused()].sort(), ['way.inner.deep', 'way.more']);
});

test('a key with a limit that is not known opens nothing, until it is removed', async (t) => {
  const limited = { ...KEY, hash: hashOf(SECRET), limits: { amountMax: 500, perDay: 3 } };
  const free = { ...KEY, name: 'till-2', hash: hashOf('b'), limits: { perDay: null } };
  const { opened, stored } = vault(t, { writtenBy: NEWER, keys: [limited, free] });
  const { settings, log } = await opened();
  assert.equal(findKey(settings.current(), null, SECRET), null);
  assert.equal(findKey(settings.current(), null, 'b')?.name, 'till-2');
  assert.equal(log.lines[0]?.fields['off'], 'keys.till-1');
  assert.ok(!JSON.stringify(log.lines).includes('sha256'));
  await assert.rejects(
    settings.change((draft) => {
      draft.keys[0]!.hash = hashOf('c');
    }),
    (error) => error instanceof SettingsError && error.issues[0]?.path === 'keys.till-1',
  );
  await settings.change((draft) => {
    draft.registration.password = 'word';
  });
  assert.deepEqual(stored()['keys'], [limited, free]);
  await settings.change((draft) => {
    draft.keys = draft.keys.filter(({ name }) => name !== 'till-1');
  });
  assert.deepEqual(stored()['keys'], [free]);
});

test('a newer release may say that an older one need not care for a field', async (t) => {
  const key = { ...KEY, hash: hashOf(SECRET), note: 'counter 3' };
  const mark = { form: 7, mayIgnore: ['keys.*.note'] };
  const { opened } = vault(t, { writtenBy: mark, keys: [key] });
  const { settings } = await opened();
  assert.equal(findKey(settings.current(), null, SECRET)?.name, 'till-1');
  const narrow = vault(t, { writtenBy: mark, keys: [{ ...key, until: 5 }] });
  const refused = (await narrow.opened()).settings;
  assert.equal(findKey(refused.current(), null, SECRET), null);
});

test('values that are not understood switch their part off, and come back untouched', async (t) => {
  const document = {
    writtenBy: NEWER,
    shop: { name: 'Kiosk', language: 'pl' },
    terminals: [
      { ...TERMINAL, currency: 'XAU', options: { key: { of: 'another form' } } },
      { ...TERMINAL, id: 'b', loyalty: { answer: 'ask-bank' } },
      { ...TERMINAL, id: 'c' },
    ],
    soap: { authentication: 'certificate' },
    registration: { enabled: true, url: 'https://one.example', soap: '2.0' },
    nexo: {
      listenPort: 'auto',
      facade: {
        enabled: true,
        pairings: [
          { saleId: 'A', poiId: 'P', terminal: 'c', key: 'till-1', unfinished: 'Never' },
          { saleId: 'B', poiId: 'P', terminal: 'c', address: '10.0.0.7' },
        ],
      },
    },
    settlement: { enabled: true, at: 'closing' },
    webhooks: [{ name: 'crm', url: 'https://crm.example', states: ['refunded'] }],
  };
  const { opened, stored } = shop(t, document);
  const { settings } = await opened();
  const value = settings.current();
  assert.equal(value.shop.language, 'uk');
  assert.deepEqual(
    value.terminals.map(({ disabled }) => disabled),
    [true, true, false],
  );
  assert.equal(value.soap.enabled, false);
  assert.equal(value.registration.enabled, true);
  assert.equal(value.registration.url, undefined);
  assert.equal(value.nexo.listenPort, 11_000);
  assert.equal(value.nexo.facade.enabled, true);
  assert.deepEqual(
    value.nexo.facade.pairings.map(({ address }) => address),
    ['0.0.0.0', '10.0.0.7'],
  );
  assert.equal(value.settlement.enabled, false);
  assert.equal(value.webhooks[0]?.disabled, true);
  await settings.change((draft) => {
    draft.shop.name = 'Stall';
  });
  assert.deepEqual(stored(), { ...document, shop: { name: 'Stall', language: 'pl' } });
  await settings.change((draft) => {
    draft.shop.language = 'ru';
  });
  assert.deepEqual(stored()['shop'], { name: 'Stall', language: 'ru' });
});

test('a field that is not known switches off what it may narrow', async (t) => {
  const { opened } = shop(t, {
    writtenBy: NEWER,
    terminals: [{ ...TERMINAL, amountMax: 1 }],
    soap: { kinds: ['purchase'] },
    nexo: { facade: { enabled: true, hours: '9-21' } },
    registration: { enabled: true, url: 'https://one.example', batch: 3 },
  });
  const value = (await opened()).settings.current();
  assert.equal(value.terminals[0]?.disabled, true);
  assert.equal(value.soap.enabled, false);
  assert.equal(value.nexo.facade.enabled, false);
  assert.equal(value.registration.url, 'https://one.example');
});

test('a role that is not known makes a key of no use, and the others work', async (t) => {
  const keys = [
    { ...KEY, hash: hashOf(SECRET), role: 'cashier' },
    { ...KEY, name: 'b', hash: hashOf('b') },
    { ...KEY, name: 'c', hash: hashOf('c'), limits: { kinds: ['lease'] } },
  ];
  const webhooks = { crm: { rotated: ['x'.repeat(20)] }, shop: 'y'.repeat(20) };
  const { opened, stored } = vault(t, { writtenBy: NEWER, keys, webhooks });
  const { settings } = await opened();
  assert.equal(findKey(settings.current(), null, SECRET), null);
  assert.equal(findKey(settings.current(), null, 'c'), null);
  assert.equal(findKey(settings.current(), null, 'b')?.name, 'b');
  assert.deepEqual(settings.current().webhooks, { shop: 'y'.repeat(20) });
  await settings.change((draft) => {
    draft.webhooks['shop'] = 'z'.repeat(20);
  });
  assert.deepEqual(stored()['webhooks'], { ...webhooks, shop: 'z'.repeat(20) });
  assert.deepEqual(stored()['keys'], keys);
});

test('values that only a newer terminal names are not forgotten', async (t) => {
  const token = `secret:${'0'.repeat(16)}`;
  const settings = shop(t, {
    writtenBy: NEWER,
    terminals: [{ ...TERMINAL, spare: { options: { macKey: token } } }],
  });
  const secrets = vault(t, { driverOptions: { [token]: 'the key' } });
  const stores = {
    settings: (await settings.opened()).settings,
    secrets: (await secrets.opened()).settings,
  };
  await dropUnused(stores);
  assert.deepEqual(stores.secrets.current().driverOptions, { [token]: 'the key' });
  await stores.settings.change((draft) => {
    draft.terminals = [];
  });
  await dropUnused(stores);
  assert.deepEqual(stores.secrets.current().driverOptions, {});
});

test('what nothing safe can be done about is told with its path', async (t) => {
  for (const [document, path] of [
    [{ writtenBy: NEWER, version: 2 }, 'version'],
    [{ writtenBy: NEWER, terminals: {} }, 'terminals'],
  ] as const) {
    const { opened } = shop(t, document);
    await assert.rejects(
      opened(),
      (error) =>
        error instanceof SettingsError &&
        error.issues[0]?.path === path &&
        error.message.includes('newer release'),
    );
  }
});

test('a backup with such a document is as good as a start with it', () => {
  const data = { writtenBy: NEWER, more: 1 };
  assert.equal(documentFault(data, settingsSchema, settingsForm), null);
  const typo = documentFault({ more: 1 }, settingsSchema, settingsForm) ?? '';
  assert.match(typo, /more/);
});

function hashOf(secret: string): string {
  return `sha256$${createHash('sha256').update(secret).digest('hex')}`;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a document of a release that is not there
type Stored = Record<string, any>;

function shop(t: TestContext, document: unknown) {
  return lying(t, 'settings.json', document, settingsSchema, settingsForm);
}

function vault(t: TestContext, document: unknown) {
  return lying(t, 'secrets.json', document, secretsSchema, secretsForm);
}

function lying<T>(
  t: TestContext,
  name: string,
  document: unknown,
  schema: z.ZodType<T>,
  form: DocumentForm,
) {
  const path = join(folderFor(t), name);
  writeFileSync(path, JSON.stringify(document));
  return {
    stored: () => JSON.parse(readFileSync(path, 'utf8')) as Stored,
    opened: async (): Promise<{ settings: SettingsFile<T>; log: QuietLog }> => {
      const log = new QuietLog();
      const settings = await openSettings({ path, schema, form, clock, log, watch: false });
      t.after(() => settings.close());
      return { settings, log };
    },
  };
}
