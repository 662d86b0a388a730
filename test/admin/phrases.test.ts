// English that the code says reaches pages in three languages, or this fails.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { phrase, PHRASES } from '../../app/src/http/admin/texts/phrases/index.ts';
import { FAULTS as NEXO_FAULTS } from '../../app/src/simulator/nexo/faults.ts';
import { CARDS as NEXO_CARDS } from '../../app/src/simulator/nexo/cards.ts';
import { FAULTS as STAND_IN_FAULTS } from '../../app/src/simulator/bpos/stand-in.ts';
import { BPOS_LIGHT } from '../../app/src/simulator/bpos-light/terminal.ts';
import { CAISSE_AP } from '../../app/src/simulator/caisse-ap/terminal.ts';
import { CONCERT } from '../../app/src/simulator/concert/terminal.ts';
import { CARDS as DESK_CARDS } from '../../app/src/simulator/desk/cards.ts';
import { CARDS } from '../../app/src/simulator/privat-json/cards.ts';
import { FAULTS } from '../../app/src/simulator/privat-json/faults.ts';
import { DRIVERS } from '../../app/src/terminals/registry.ts';

/** Titles and choices that are names, the same in every language. */
const NAMES = [
  'PrivatBank ECR JSON (TCP, USB, RS-232)',
  'B-POS light (USB, RS-232, TCP)',
  'en',
  'uk',
  'ru',
  '2',
  '6',
  'SaleReconciliation',
  'AcquirerSynchronisation',
  'AcquirerReconciliation',
  'MerchantCancel',
  'HTTP {}: {}',
];
/** What is said to engineers only: never on a page. */
const UNSEEN = [
  'an ordinary method is running already',
  'the driver stops',
  'a look is due',
  'the library is gone',
  'too many calls of the library wait',
  'this build has no way to HTTP terminals',
  '{}: settings were not checked',
  'the exchange has ended',
  'a pipe has one listener',
];

test('every title, option and choice of a driver has its Ukrainian and Russian', () => {
  const missing: string[] = [];
  const demand = (text: string): void => {
    if (!NAMES.includes(text) && !Object.hasOwn(PHRASES, text)) missing.push(text);
  };
  for (const { title, options } of Object.values(DRIVERS)) {
    demand(title);
    for (const option of Object.values(options)) {
      demand(option.description);
      if (option.type === 'choice') option.choices.forEach(demand);
    }
  }
  assert.deepEqual(missing, []);
});

test('every card and fault of a simulated terminal has its Ukrainian and Russian', () => {
  const tables: Readonly<Record<string, { readonly description: string }>>[] = [
    CARDS,
    FAULTS,
    NEXO_CARDS,
    NEXO_FAULTS,
    DESK_CARDS,
    STAND_IN_FAULTS,
  ];
  const lists = [BPOS_LIGHT, CONCERT, CAISSE_AP].flatMap(({ faults }) => faults);
  const missing = [...tables.flatMap((table) => Object.values(table)), ...lists]
    .map(({ description }) => description)
    .filter((text) => !Object.hasOwn(PHRASES, text));
  assert.deepEqual(missing, []);
});

test('every sentence that rooms of terminals, transport and settings say is known', () => {
  const all = said([
    'terminals',
    'transport',
    'outbound',
    'operations/settings-problems.ts',
    'operations/terminals.ts',
    'storage/ledger/faults.ts',
  ]);
  assert.ok(all.length > 100, `only ${all.length} were found`);
  const missing = all
    .filter((text) => ![...UNSEEN, ...NAMES].includes(text))
    .filter((text) => phrase(text.replaceAll('{}', '7'), 'uk') === text.replaceAll('{}', '7'));
  assert.deepEqual([...new Set(missing)], []);
});

test('a sentence keeps what stands in it, and sentences within sentences are said too', () => {
  assert.equal(
    phrase('connect ECONNREFUSED 192.168.1.5:2000', 'uk'),
    'за адресою 192.168.1.5:2000 ніхто не відповідає: з’єднання відхилено',
  );
  assert.equal(
    phrase('terminals cannot call this gateway: port 11001 cannot be opened (EADDRINUSE)', 'ru'),
    'терминалы не могут вызвать этот шлюз: порт 11001 не открывается (EADDRINUSE)',
  );
  assert.equal(phrase('Немає паперу', 'ru'), 'Немає паперу', 'a terminal’s own words stay');
  assert.equal(phrase('the terminal is busy', 'en'), 'the terminal is busy');
});

test('both languages are there, in their own letters, with the same places to fill in', () => {
  for (const [key, [uk, ru]] of Object.entries(PHRASES)) {
    assert.ok(uk.trim() !== '' && ru.trim() !== '', key);
    assert.doesNotMatch(uk, /[ыэъё]/i, `uk: ${key}`);
    assert.doesNotMatch(ru, /[іїєґ]/i, `ru: ${key}`);
    for (const text of [uk, ru]) {
      const strange = holesOf(text).filter((name) => !holesOf(key).includes(name));
      assert.deepEqual(strange, [], key);
    }
  }
});

function holesOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
}

/** English in the places from which pages take words; what is put in is `{}`. */
function said(places: readonly string[]): string[] {
  const root = 'app/src';
  const files = places.flatMap((place) =>
    place.endsWith('.ts')
      ? [place]
      : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.ts'))
          .map((name) => join(place, name)),
  );
  const shapes = [
    /\b(?:reason|detail|message|error): ?(['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /\b(?:const|let) (?:reason|detail|message) = (['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /new (?:TransportError|HttpClientError|LedgerError)\(\s*[^,()]+,\s*(['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /new (?:LineError|Error)\(\s*(['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /\bfail\('[\w-]+', (['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /\b(?:unreadable|failed)\((['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /\bnote\('[\w-]+', [^,]+, (['`])((?:(?!\1)[^\\]|\\.)+)\1/g,
    /\? '((?:[^'\\]|\\.)+)' : reason()/g,
    /name: (['`])((?:(?!\1)[^\\]|\\.)+)\1,\s*ok/g,
    /\bnote\((['`])([\w-]+)\1/g,
    /text: (['`])((?:(?!\1)[^\\]|\\.)+)\1, phase/g,
  ];
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return shapes.flatMap((place) =>
      [...text.matchAll(place)]
        .map(([, quote = '', words = '']) => (words === '' ? quote : words))
        // The system's own words stand there with an example.
        .filter((words) => !words.endsWith('…'))
        .map((words) => words.replaceAll(/\$\{[^}]*\}/g, '{}').replaceAll(/\\(.)/g, '$1'))
        .filter((words) => /[a-z]{3}/i.test(words) && !/^[a-z]+-[a-z-]+$/.test(words)),
    );
  });
}
