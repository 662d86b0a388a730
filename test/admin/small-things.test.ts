import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openOneTimeCode } from '../../app/src/storage/one-time-code.ts';
import { LOG_LINES_KEPT } from '../../app/src/domain/limits.ts';
import { snippetsFor } from '../../app/src/http/admin/pages/snippets.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { keepRecent } from '../../app/src/system/recent-log.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { folderFor } from './kit.ts';

test('the one-time code outlives a restart, is for the owner’s eyes, and goes for good', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'one-time-code');
  const first = await openOneTimeCode(folder, systemRandom, true);
  const code = first.current() ?? '';
  assert.match(code, /^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, 'utf8'), `${code}\n`);
  const second = await openOneTimeCode(folder, systemRandom, true);
  assert.equal(second.current(), code);
  await second.forget();
  assert.equal(second.current(), null);
  assert.equal(existsSync(path), false);
  const third = await openOneTimeCode(folder, systemRandom, false);
  assert.equal(third.current(), null, 'whoever has an administrator needs none');
});

test('keeps the newest log lines, without card numbers', () => {
  const recent = keepRecent(new QuietLog(), new FakeClock());
  const { log } = recent;
  for (let n = 0; n < LOG_LINES_KEPT + 5; n += 1) log.info('line', { n });
  log.with({ terminal: 'till-1' }).error('odd', { text: '5555555555554444' }, new Error('broken'));
  log.debug('not for support');
  assert.equal(recent.lines().length, LOG_LINES_KEPT);
  const last = JSON.parse(recent.lines().at(-1) ?? '{}') as Record<string, unknown>;
  assert.deepEqual(last, {
    time: '2026-01-05T10:00:00.000Z',
    level: 'error',
    event: 'odd',
    terminal: 'till-1',
    text: last['text'],
    error: 'broken',
  });
  assert.doesNotMatch(String(last['text']), /5555555555554444/);
});

test('snippets carry the address that the reader used', () => {
  const [curl, bsl] = snippetsFor('https://till.example:8443', 'hall', 'k-1');
  assert.match(curl?.text ?? '', /https:\/\/till\.example:8443\/v1\/operations\/order-77/);
  assert.match(curl?.text ?? '', /Bearer k-1/);
  assert.match(
    bsl?.text ?? '',
    /HTTPСоединение\("till\.example", 8443, , , , 320, Новый ЗащищенноеСоединениеOpenSSL\(\)\)/,
  );
  const [, plain] = snippetsFor('http://10.0.0.5', 'hall', null);
  assert.match(plain?.text ?? '', /HTTPСоединение\("10\.0\.0\.5", 80, , , , 320\)/);
  assert.match(plain?.text ?? '', /<key>/);
});
