import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  AMOUNT_MAX,
  CURRENCIES,
  type Currency,
  formatDecimal,
  isMinorUnits,
  minorUnits,
  parseDecimal,
} from '../../app/src/domain/money.ts';

const amounts = fc.integer({ min: 0, max: AMOUNT_MAX }).map(minorUnits);
const currencies = fc.constantFrom(...(Object.keys(CURRENCIES) as Currency[]));

test('every amount comes back from its text, with a point or a comma', () => {
  fc.assert(
    fc.property(amounts, currencies, fc.constantFrom('.', ','), (amount, currency, separator) => {
      assert.equal(parseDecimal(formatDecimal(amount, currency, separator), currency), amount);
    }),
  );
});

test('the text of an amount is its digits with two after the point', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      const text = formatDecimal(amount, 'UAH');
      assert.match(text, /^(0|[1-9]\d*)\.\d\d$/);
      assert.equal(Number(text.replace('.', '')), amount);
    }),
  );
});

test('a text is an amount or null, never something between', () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...'0123456789.,-+ e'.split('')), maxLength: 20 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const amount = parseDecimal(text, 'UAH');
      assert.ok(amount === null || isMinorUnits(amount));
    }),
  );
});

test('an amount is never rounded: what is below a kopeck is refused', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 1, max: 999 }), (amount, excess) => {
      const text = `${formatDecimal(amount, 'UAH')}${String(excess).padStart(3, '0')}`;
      assert.equal(parseDecimal(text, 'UAH'), null);
    }),
  );
});

const TEXTS: readonly (readonly [text: string, amount: number | null])[] = [
  ['0', 0],
  ['0.00', 0],
  ['0,01', 1],
  ['1', 100],
  ['1.', 100],
  ['1.5', 150],
  ['1,50', 150],
  ['123.45', 12_345],
  ['0123.45', 12_345],
  [' 123.45 ', 12_345],
  ['1.4500', 145],
  ['0.29', 29],
  ['1.15', 115],
  ['4.35', 435],
  ['1001.10', 100_110],
  ['9999999999.99', AMOUNT_MAX],
  ['10000000000.00', null],
  ['9999999999999', null],
  ['99999999999999', null],
  ['1.455', null],
  ['1.450000001', null],
  ['', null],
  [' ', null],
  ['.', null],
  ['.50', null],
  ['-1', null],
  ['+1', null],
  ['-0', null],
  ['1e2', null],
  ['0x10', null],
  ['1 000', null],
  ['1 000.00', null],
  ['1\u00a0000,00', null],
  ["1'000.00", null],
  ['1,000.00', null],
  ['1.2.3', null],
  ['1..2', null],
  ['NaN', null],
  ['Infinity', null],
  ['٣', null],
  ['12₴', null],
  ['1.2\n3', null],
];

for (const [text, amount] of TEXTS) {
  test(`${JSON.stringify(text)} is ${amount === null ? 'no amount' : `${amount} minor units`}`, () => {
    assert.equal(parseDecimal(text, 'UAH'), amount);
  });
}

test('only whole numbers from nothing to twelve digits are money', () => {
  for (const money of [0, 1, AMOUNT_MAX]) assert.equal(minorUnits(money), money);
  const others = [-1, 0.5, AMOUNT_MAX + 1, 2 ** 53, Number.NaN, Infinity, -Infinity];
  for (const other of others) {
    assert.equal(isMinorUnits(other), false);
    assert.throws(() => minorUnits(other), RangeError);
  }
});

test('minus zero is not money: it would be written as another text', () => {
  assert.equal(isMinorUnits(-0), false);
});
