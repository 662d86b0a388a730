import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../app/src/console/facts.ts';
import { besides, fitLines } from '../../app/src/console/layout.ts';
import { qrLines } from '../../app/src/console/qr.ts';
import { adminUrl, statusScreen } from '../../app/src/console/status.ts';
import { LANGUAGES, sayIn, TEXTS } from '../../app/src/console/texts/say.ts';

const GOOD: Facts = {
  version: '0.1.0',
  slot: 'A',
  confirmed: true,
  hostName: 'tillgate',
  addresses: ['192.168.1.20', 'fd00::1'],
  fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
  firstCode: 'ABCD-FGHJ-2345',
  data: { kind: 'ok', freeMb: 3_000 },
  gateway: { kind: 'answers', health: { ok: true, parts: [] } },
  openOperations: 0,
  clockTrusted: true,
  now: Date.UTC(2026, 0, 5),
};
const BAD: Facts = {
  ...GOOD,
  confirmed: false,
  data: { kind: 'ok', freeMb: 3 },
  gateway: { kind: 'down', state: 'activating/auto-restart', restarts: 12 },
  openOperations: 2,
  clockTrusted: false,
};

/** The names in braces. */
function values(text: string): string[] {
  return (text.match(/\{\w+\}/g) ?? []).sort();
}

for (const language of LANGUAGES) {
  test(`the status screen fits 80×24 in ${language}, however bad things are`, () => {
    for (const facts of [GOOD, BAD]) {
      const screen = statusScreen(facts, sayIn(language), ['Enter: x', 'Enter: y']);
      assert.ok(screen.length <= 24, `${screen.length} rows`);
      for (const line of screen) assert.ok(line.length < 80, line);
    }
  });

  test(`the ${language} texts have the values of the English ones`, () => {
    for (const [key, text] of Object.entries(TEXTS.en)) {
      const other = TEXTS[language][key as keyof typeof TEXTS.en];
      assert.deepEqual(values(other), values(text), key);
      assert.ok(other.trim().length > 0, key);
    }
  });
}

test('a box that is well says so, and shows how to sign in', () => {
  const text = statusScreen(GOOD, sayIn('en'), []).join('\n');
  assert.match(text, /Ready for payments/);
  assert.match(text, /ABCD-FGHJ-2345/);
  assert.match(text, /https:\/\/192\.168\.1\.20:8443\//);
});

test('a box whose gateway is down never says that it is ready', () => {
  const text = statusScreen(BAD, sayIn('en'), []).join(' ');
  assert.doesNotMatch(text, /Ready/);
  assert.match(text, /DOES NOT ANSWER/);
});

test('settings of a newer release that are not used are told, and the box is ready all the same', () => {
  const parts = [{ name: 'settings', ok: true, reason: 'kept but not used' }];
  const facts: Facts = { ...GOOD, gateway: { kind: 'answers', health: { ok: true, parts } } };
  const text = statusScreen(facts, sayIn('en'), []).join(' ').replaceAll(/\s+/g, ' ');
  assert.match(text, /Settings of a newer version/);
  assert.match(text, /Ready/i);
  assert.doesNotMatch(statusScreen(GOOD, sayIn('en'), []).join(' '), /newer version/);
});

test('a missing data partition is named', () => {
  const facts: Facts = { ...GOOD, data: { kind: 'missing' } };
  assert.match(statusScreen(facts, sayIn('en'), []).join('\n'), /DATA PARTITION IS NOT THERE/);
});

test('an IPv6 address stands in brackets in the address of the pages', () => {
  assert.equal(adminUrl({ ...GOOD, addresses: ['fd00::1'] }), 'https://[fd00::1]:8443/');
  assert.equal(adminUrl({ ...GOOD, addresses: [] }), null);
});

test('a QR code has the finder pattern in three corners', () => {
  const lines = qrLines('https://192.168.100.200:8443/');
  assert.ok(lines.length <= 16 && (lines[0]?.length ?? 0) <= 31);
  const dark = (row: number, column: number): boolean => {
    const character = lines[Math.floor(row / 2)]?.[column] ?? '█';
    return !(character === '█' || character === (row % 2 === 0 ? '▀' : '▄'));
  };
  const size = lines[0]?.length ?? 0;
  // Seven dark modules on the outer edge of each finder, one module inside the border.
  for (const [row, column] of [
    [1, 1],
    [1, size - 8],
    [size - 8, 1],
  ] as const) {
    for (let at = 0; at < 7; at += 1) assert.ok(dark(row, column + at), `${row},${column + at}`);
  }
});

test('long lines are broken at blanks and long words are cut', () => {
  assert.deepEqual(fitLines(['one two three'], 8), ['one two', 'three']);
  assert.deepEqual(fitLines(['abcdefghij'], 4), ['abcd', 'efgh', 'ij']);
  assert.deepEqual(fitLines(['a\u001B[2Jb'], 20), ['a [2Jb']);
});

test('two columns never overlap', () => {
  const lines = besides(['left '.repeat(40)], ['RRRR', 'RRRR']);
  for (const line of lines) assert.ok(line.length < 80);
  assert.ok(lines[0]?.endsWith(' RRRR'));
});
