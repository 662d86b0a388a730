import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addDays,
  knownZone,
  localDate,
  momentOf,
  parseDate,
  periodOf,
  startOf,
} from '../../app/src/domain/days.ts';
import { formatFor } from '../../app/src/http/admin/format.ts';
import { DaySums, turnoverOf } from '../../app/src/http/admin/day-sums.ts';
import { ownPath } from '../../app/src/http/admin/pages/sign-in.ts';
import { Form } from '../../app/src/http/admin/form.ts';
import type { Period, SumRow } from '../../app/src/ports/reports.ts';
import { systemClock } from '../../app/src/system/clock.ts';

const KYIV = 'Europe/Kyiv';
const HOUR = 3_600_000;

test('a day begins at the shop’s midnight, in winter and in summer', () => {
  assert.equal(startOf('2026-01-15', KYIV), Date.UTC(2026, 0, 14, 22));
  assert.equal(startOf('2026-07-15', KYIV), Date.UTC(2026, 6, 14, 21));
  assert.equal(localDate(Date.UTC(2026, 6, 14, 21), KYIV), '2026-07-15');
  assert.equal(localDate(Date.UTC(2026, 6, 14, 20, 59, 59), KYIV), '2026-07-14');
});

test('the days on which the clocks change have 23 and 25 hours', () => {
  assert.equal(hours('2026-03-29'), 23);
  assert.equal(hours('2026-10-25'), 25);
  assert.equal(hours('2026-10-26'), 24);
});

test('every instant of a year lies in the period of its own day', () => {
  for (const zone of [KYIV, 'UTC', 'America/St_Johns', 'Pacific/Apia']) {
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 7 * HOUR + 11 * 60_000) {
      const { from, to } = periodOf(localDate(at, zone), zone);
      assert.ok(from <= at && at < to, `${zone} ${new Date(at).toISOString()}`);
    }
  }
});

test('a time of the day is found, also where the clocks leave it out or show it twice', () => {
  assert.equal(momentOf('2026-01-05', '22:00', KYIV), Date.UTC(2026, 0, 5, 20));
  assert.equal(momentOf('2026-07-05', '00:00', KYIV), Date.UTC(2026, 6, 4, 21));
  // 03:00–04:00 is left out: as much later. It comes twice: the first.
  assert.equal(momentOf('2026-03-29', '03:30', KYIV), Date.UTC(2026, 2, 29, 1, 30));
  assert.equal(momentOf('2026-10-25', '03:30', KYIV), Date.UTC(2026, 9, 25, 0, 30));
  // Before and after the change of those nights, and on the days beside them.
  assert.equal(momentOf('2026-03-29', '02:59', KYIV), Date.UTC(2026, 2, 29, 0, 59));
  assert.equal(momentOf('2026-03-29', '04:00', KYIV), Date.UTC(2026, 2, 29, 1));
  assert.equal(momentOf('2026-10-25', '02:59', KYIV), Date.UTC(2026, 9, 24, 23, 59));
  assert.equal(momentOf('2026-10-25', '04:00', KYIV), Date.UTC(2026, 9, 25, 2));
  assert.equal(momentOf('2026-10-24', '23:30', KYIV), Date.UTC(2026, 9, 24, 20, 30));
});

test('every day of a year has each time once, in its order', () => {
  for (const zone of [KYIV, 'UTC', 'America/St_Johns', 'Australia/Lord_Howe']) {
    for (const time of ['00:00', '01:59', '02:15', '03:30', '23:59']) {
      let last = 0;
      for (let date = '2026-01-01'; date < '2027-01-01'; date = addDays(date, 1)) {
        const at = momentOf(date, time, zone);
        assert.equal(localDate(at, zone), date, `${zone} ${time}`);
        assert.ok(last === 0 || Math.abs(at - last - 24 * HOUR) <= HOUR, `${zone} ${date} ${time}`);
        last = at;
      }
    }
  }
});

test('takes only real days and known zones', () => {
  assert.equal(parseDate('2026-02-29'), null);
  assert.equal(parseDate('2026-2-1'), null);
  assert.equal(parseDate('2028-02-29'), '2028-02-29');
  assert.equal(addDays('2026-03-01', -1), '2026-02-28');
  assert.equal(knownZone('Mars/Olympus'), 'UTC');
});

test('writes sums, counts and plurals as each language does', () => {
  const uk = formatFor('uk', KYIV);
  assert.equal(plain(uk.money(1_234_567, 'UAH')), '12 345,67 ₴');
  assert.equal(plain(uk.money(-5, 'UAH')), '-0,05 ₴');
  const forms = '{n} оплата|{n} оплати|{n} оплат';
  assert.deepEqual(
    [1, 2, 5, 11, 21, 1_000].map((n) => plain(uk.plural(forms, n))),
    ['1 оплата', '2 оплати', '5 оплат', '11 оплат', '21 оплата', '1 000 оплат'],
  );
  const en = formatFor('en', KYIV);
  assert.equal(en.plural('{n} sale|{n} sales', 1), '1 sale');
  assert.equal(en.plural('{n} sale|{n} sales', 0), '0 sales');
  assert.equal(en.money(999_999_999_999, 'UAH'), '₴9,999,999,999.99');
});

test('what was taken back counts for nothing', () => {
  const sums = turnoverOf([
    row('purchase', 'approved', 3, 30_000),
    row('purchase', 'reversed', 1, 9_000),
    row('purchase', 'declined', 2, 0),
    row('purchase', 'unknown', 1, 0),
    row('refund', 'approved', 1, 1_000),
    row('void', 'approved', 1, 9_000),
    row('preauthorization', 'approved', 1, 70_000),
    row('totals', 'failed', 4, 0),
  ]);
  assert.deepEqual(sums, {
    sales: { count: 3, amount: 30_000 },
    returns: { count: 1, amount: 1_000 },
    net: 29_000,
    unsuccessful: 2,
    unresolved: 1,
  });
});

test('sums a period from remembered days and its two ends, each row once', async () => {
  const asked: Period[] = [];
  const at = [
    Date.UTC(2026, 0, 10, 9),
    Date.UTC(2026, 0, 10, 15),
    Date.UTC(2026, 0, 12, 9),
    Date.UTC(2026, 0, 13, 9),
    Date.UTC(2026, 0, 13, 15),
  ];
  const reports = {
    sums: (period: Period) => {
      asked.push(period);
      const inside = at.filter((one) => one >= period.from && one < period.to);
      return [row('purchase', 'approved', inside.length, 100 * inside.length)];
    },
    search: () => ({ operations: [], next: null }),
    close: () => undefined,
  };
  const days = new DaySums(
    reports,
    systemClock(() => true),
  );
  const sales = async () => {
    const rows = await days.between(Date.UTC(2026, 0, 10, 12), Date.UTC(2026, 0, 13, 12), KYIV);
    return turnoverOf(rows).sales;
  };
  assert.deepEqual(await sales(), { count: 3, amount: 300 });
  const first = asked.length;
  assert.deepEqual(await sales(), { count: 3, amount: 300 });
  assert.equal(asked.length - first, 2, 'the whole days are remembered');
});

test('goes on only to pages of its own', () => {
  assert.equal(ownPath('/admin/operations?q=77'), '/admin/operations?q=77');
  for (const path of [
    '//evil.example',
    'https://evil.example',
    '/admin/\\evil',
    '/administrator',
    '/v1',
    '/admin//x\r\ny',
  ]) {
    assert.equal(ownPath(path), '/admin', path);
  }
});

test('reads a sum as people write it', () => {
  assert.equal(money('1 234,50'), 123_450);
  assert.equal(money('1234.5'), 123_450);
  for (const text of ['', '0', '-5', '1e3', '12,345', 'сто']) assert.equal(money(text), null, text);
});

function hours(date: string): number {
  const { from, to } = periodOf(date, KYIV);
  return (to - from) / HOUR;
}

/** Languages put other blanks between groups of digits. */
function plain(text: string): string {
  return text.replaceAll(/\s/g, ' ');
}

function row(kind: SumRow['kind'], state: SumRow['state'], count: number, amount: number): SumRow {
  return { terminal: 'till-1', merchant: null, currency: 'UAH', kind, state, count, amount };
}

function money(text: string): number | null {
  return new Form(new URLSearchParams({ amount: text })).money('amount', 'UAH');
}
