// Whatever a newer release adds, wherever it adds it: an older one that changes what it knows loses
// nothing of it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { settingsForm } from '../../app/src/operations/document-forms.ts';
import { type Settings, settingsSchema } from '../../app/src/operations/settings-schema.ts';
import { SettingsError } from '../../app/src/ports/settings-store.ts';
import { openSettings, type SettingsFile } from '../../app/src/storage/settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { clock, folderFor } from './helpers.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Where a member was put, by the words that a person would find it with, not by positions. */
interface Planted {
  readonly place: readonly string[];
  readonly name: string;
  readonly value: unknown;
}

const merchant = fc.record({
  index: fc.nat(99),
  name: fc.constantFrom('Bakery', 'Café'),
});
const terminal = (id: string) =>
  fc.record({
    id: fc.constant(id),
    driver: fc.constant('privat-json'),
    address: fc.constant('tcp://10.0.0.5:2000'),
    merchants: fc.uniqueArray(merchant, { selector: ({ index }) => index, maxLength: 3 }),
    loyalty: fc.record({ answer: fc.constantFrom('keep-sum', 'ask-till') }),
  });
const webhook = (name: string) =>
  fc.record({ name: fc.constant(name), url: fc.constant('https://crm.example/hook') });
const pairing = (saleId: string) =>
  fc.record({
    saleId: fc.constant(saleId),
    poiId: fc.constant('POI'),
    terminal: fc.constant('a'),
    address: fc.constant('10.0.0.7'),
  });
const document = fc.record({
  version: fc.constant(1),
  shop: fc.record({ name: fc.constantFrom('', 'Kiosk'), timeZone: fc.constant('Europe/Kyiv') }),
  http: fc.record({ origins: fc.constant(['https://pos.example']) }),
  terminals: fc.tuple(terminal('a'), terminal('b'), terminal('c')),
  soap: fc.record({ enabled: fc.boolean() }),
  registration: fc.record({ enabled: fc.boolean() }),
  nexo: fc.record({
    facade: fc.record({ pairings: fc.tuple(pairing('till-1'), pairing('till-2')) }),
  }),
  settlement: fc.record({ perMerchant: fc.boolean() }),
  webhooks: fc.tuple(webhook('crm'), webhook('stock')),
});
const name = fc.oneof(
  fc.constantFrom('new', '__proto__', 'constructor', 'toString', 'a.b', '*', '', 'Ї'),
  fc.string({ maxLength: 12 }).map((text) => `x-${text}`),
);
const plants = fc.array(fc.record({ at: fc.nat(), name, value: fc.jsonValue({ maxDepth: 2 }) }), {
  minLength: 1,
  maxLength: 8,
});

const CHANGES: readonly ((draft: Settings) => void)[] = [
  (draft) => void (draft.shop.name = 'Stall'),
  (draft) => void (draft.http.origins = ['https://a.example', 'https://b.example']),
  (draft) => void (draft.terminals = draft.terminals.toReversed()),
  (draft) => void (draft.webhooks = draft.webhooks.toReversed()),
  ({ nexo: { facade } }) => void (facade.pairings = facade.pairings.toReversed()),
  (draft) => void (draft.settlement.perMerchant = !draft.settlement.perMerchant),
  (draft) => void (draft.webhooks[0]!.timeoutMs = 2_000),
  (draft) => void draft.terminals.unshift({ ...structuredClone(draft.terminals[0]!), id: 'new' }),
  // What is kept in it goes with it.
  (draft) => void (draft.terminals = draft.terminals.filter(({ id }) => id !== 'b')),
];

test('every member that a newer release added is found again after an older one wrote', async (t) => {
  const folder = folderFor(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      document,
      plants,
      fc.subarray([...CHANGES], { minLength: 1 }),
      async (base, wished, changes) => {
        run += 1;
        const path = join(folder, `settings-${run}.json`);
        const root = structuredClone(base) as unknown as Json;
        const planted = plant(root, wished);
        const mark = { form: 9, mayIgnore: ['terminals.*.new'], by: 'the future' };
        writeFileSync(path, JSON.stringify({ writtenBy: mark, ...(root as object) }));
        const common = { path, clock, log: new QuietLog(), watch: false };
        const older = await openSettings({ ...common, schema: settingsSchema, form: settingsForm });
        for (const change of changes) await changed(older, change);
        await older.close();
        const text = JSON.parse(readFileSync(path, 'utf8')) as Json;
        assert.deepEqual(at(text, ['writtenBy']), mark);
        const removed = !older.current().terminals.some(({ id }) => id === 'b');
        for (const { place, name: member, value } of planted) {
          if (removed && place[0] === 'terminals' && place[1] === 'b') continue;
          const holder = at(text, place);
          assert.ok(Object.hasOwn(holder as object, member), `${place.join('.')}.${member}`);
          assert.deepEqual((holder as Record<string, Json>)[member], value);
        }
      },
    ),
    { numRuns: 80 },
  );
});

test('the changes of the older release are in the document that the newer one reads', async (t) => {
  const path = join(folderFor(t), 'settings.json');
  await fc.assert(
    fc.asyncProperty(document, plants, async (base, wished) => {
      const root = structuredClone(base) as unknown as Json;
      plant(root, wished);
      writeFileSync(path, JSON.stringify({ writtenBy: { form: 9 }, ...(root as object) }));
      const common = { path, schema: settingsSchema, clock, log: new QuietLog(), watch: false };
      const older = await openSettings({ ...common, form: settingsForm });
      for (const change of CHANGES) await changed(older, change);
      const seen = older.current();
      await older.close();
      const text = JSON.parse(readFileSync(path, 'utf8')) as Json;
      assert.deepEqual(at(text, ['writtenBy']), { form: 9 });
      const again = await openSettings({ ...common, form: settingsForm });
      assert.deepEqual(again.current(), seen);
      assert.deepEqual(
        seen.terminals.map(({ id }) => id),
        ['new', 'c', 'a'],
      );
      assert.equal(seen.settlement.perMerchant, !base.settlement.perMerchant);
      await again.close();
    }),
    { numRuns: 20 },
  );
});

/** A section that is off is not changed, and its pairings are in one. */
async function changed(
  store: SettingsFile<Settings>,
  change: (draft: Settings) => void,
): Promise<void> {
  try {
    await store.change(change);
  } catch (error) {
    const off = error instanceof SettingsError && error.issues[0]?.path === 'nexo.facade';
    if (!off) throw error;
  }
}

/** Puts each member into an object of the tree, chosen by its number; later ones win. */
function plant(
  root: Json,
  wished: readonly { readonly at: number; readonly name: string; readonly value: unknown }[],
): readonly Planted[] {
  const holders = objectsOf(root, []);
  const planted = new Map<string, Planted>();
  for (const { at: number, name: member, value } of wished) {
    const { holder, place } = holders[number % holders.length]!;
    // A copy through JSON: minus zero has no form there.
    const plain = JSON.parse(JSON.stringify(value)) as Json;
    Object.defineProperty(holder, member, {
      value: plain,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    planted.set(JSON.stringify([place, member]), { place, name: member, value: plain });
  }
  return [...planted.values()];
}

function objectsOf(
  value: Json,
  place: readonly string[],
): { holder: object; place: readonly string[] }[] {
  if (Array.isArray(value)) {
    return value.flatMap((element) => {
      const word = wordOf(element);
      return word === null ? [] : objectsOf(element, [...place, word]);
    });
  }
  if (typeof value !== 'object' || value === null) return [];
  return [
    { holder: value, place },
    ...Object.entries(value).flatMap(([member, part]) => objectsOf(part, [...place, member])),
  ];
}

function wordOf(element: Json): string | null {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return null;
  const word = element['id'] ?? element['saleId'] ?? element['index'] ?? element['name'];
  return typeof word === 'string' || typeof word === 'number' ? String(word) : null;
}

function at(root: Json, place: readonly string[]): unknown {
  let value: Json = root;
  for (const word of place) {
    const found: Json | undefined = Array.isArray(value)
      ? value.find((element) => wordOf(element) === word)
      : (value as Record<string, Json>)[word];
    assert.ok(found !== undefined, `nothing at ${place.join('.')}`);
    value = found;
  }
  return value;
}
