import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatLocalTime,
  instantOf,
  type LocalTime,
} from '../../../app/src/terminals/wire/local-time.ts';

const at = (year: number, month: number, day: number, hour: number, minute = 0): LocalTime => ({
  year,
  month,
  day,
  hour,
  minute,
  second: 7,
});

test('reads a receipt by the zone of the shop, winter and summer', () => {
  assert.equal(instantOf(at(2026, 1, 5, 12), 'Europe/Kyiv'), Date.UTC(2026, 0, 5, 10, 0, 7));
  assert.equal(instantOf(at(2026, 7, 5, 12), 'Europe/Kyiv'), Date.UTC(2026, 6, 5, 9, 0, 7));
  assert.equal(instantOf(at(2026, 3, 29, 4, 30), 'Europe/Kyiv'), Date.UTC(2026, 2, 29, 1, 30, 7));
});

test('a date that no calendar has, and a zone that does not exist, are no moments', () => {
  assert.equal(instantOf(at(2026, 2, 30, 12), 'Europe/Kyiv'), null);
  assert.equal(instantOf(at(2026, 13, 1, 12), 'Europe/Kyiv'), null);
  assert.equal(instantOf(at(2026, 1, 1, 12), 'Nowhere/Else'), null);
});

test('writes local time without a zone', () => {
  assert.equal(formatLocalTime(at(2019, 10, 2, 9, 11)), '2019-10-02T09:11:07');
});
