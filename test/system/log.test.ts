import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Log } from '../../app/src/ports/log.ts';
import { createLog, type LogOptions } from '../../app/src/system/log.ts';
import { redactText } from '../../app/src/system/redaction.ts';

/** Numbers that the card schemes publish for tests; none is anybody's card. */
const TEST_CARDS = ['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117'];

function logInto(options: Partial<LogOptions> = {}): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: createLog({ journald: false, destination, ...options }), lines };
}

function only(lines: readonly string[]): Record<string, unknown> {
  assert.equal(lines.length, 1);
  assert.ok(lines[0]?.endsWith('\n'));
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}

test('writes one JSON line with level, time, event and fields', () => {
  const { log, lines } = logInto();
  log.info('operation-ended', { operation: 'sale-1', ms: 12, ok: true, none: null });
  const { time, ...rest } = only(lines);
  assert.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(rest, {
    level: 'info',
    event: 'operation-ended',
    operation: 'sale-1',
    ms: 12,
    ok: true,
    none: null,
  });
});

test('gives journald the priority of each level', () => {
  const { log, lines } = logInto({ journald: true, level: 'debug' });
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  assert.deepEqual(
    lines.map((line) => line.slice(0, 4)),
    ['<7>{', '<6>{', '<4>{', '<3>{'],
  );
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line.slice(3)));
});

test('a field cannot break out of its line or fake a priority', () => {
  const { log, lines } = logInto({ journald: true });
  log.error('x', { text: '"}\n<0>{"level":"debug"' });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]!.indexOf('\n'), lines[0]!.length - 1);
  assert.ok(lines[0]!.startsWith('<3>'));
});

test('leaves out what is below the level', () => {
  const { log, lines } = logInto({ level: 'warn' });
  log.info('quiet');
  log.warn('loud');
  assert.equal(only(lines)['event'], 'loud');
});

test('a level that does not exist is told and does not stop the start', () => {
  const { log, lines } = logInto({ level: 'chatty' });
  assert.equal(only(lines)['event'], 'log-level-unknown');
  log.info('works');
  assert.equal(lines.length, 2);
});

test('adds the fields of `with` to every line', () => {
  const { log, lines } = logInto();
  log.with({ terminal: 'till-1' }).with({ lane: 2 }).warn('slow', { ms: 5 });
  const line = only(lines);
  assert.deepEqual([line['terminal'], line['lane'], line['ms']], ['till-1', 2, 5]);
});

test('writes an error with its code, stack and causes, and nothing else it holds', () => {
  const { log, lines } = logInto();
  const cause = Object.assign(new Error('disk is full'), { code: 'ENOSPC', answer: 'secret' });
  log.error('not-written', { operation: 'a' }, new Error('append failed', { cause }));
  const error = only(lines)['error'] as Record<string, unknown>;
  assert.equal(error['message'], 'append failed');
  assert.match(String(error['stack']), /log\.test\.ts/);
  assert.equal((error['cause'] as Record<string, unknown>)['code'], 'ENOSPC');
  assert.ok(!lines[0]!.includes('secret'));
});

test('writes a thrown value that is no error, and a cause that is its own cause', () => {
  const { log, lines } = logInto();
  log.error('odd', {}, 'just text');
  const loop = new Error('loop');
  loop.cause = loop;
  log.error('loop', {}, loop);
  assert.equal(lines.length, 2);
});

test('masks a card number wherever it comes', () => {
  for (const card of TEST_CARDS) {
    const { log, lines } = logInto();
    const grouped = card.replace(/(\d{4})(?=\d)/g, '$1 ');
    const fields = { text: `card ${card}.`, grouped, number: Number(card) };
    log.with({ common: card }).error(`event ${card}`, fields, new Error(`bad ${card}`));
    const line = lines.join('');
    assert.ok(!line.includes(card), `${card} in ${line}`);
    assert.ok(!line.includes(grouped), `${grouped} in ${line}`);
    assert.ok(line.includes(`${card.slice(0, 6)}*`), 'the first six stay');
  }
});

test('leaves ids, references, times and sums as they are', () => {
  const { log, lines } = logInto();
  const kept = {
    operation: '4111111111111111',
    rrn: '014721258513',
    at: 1_790_000_000_006,
    uuid: '7d3e1a52-0e0e-4b8e-9e57-1f2f0a3c4d5e',
    wrongCheckDigit: '4111111111111112',
    ms: 0.4111111111111111,
  };
  log.info('kept', kept);
  const { level: _level, time: _time, event: _event, ...rest } = only(lines);
  assert.deepEqual(rest, kept);
});

test('no text with a card number in it keeps more than ten of its digits', () => {
  const around = fc.string({ maxLength: 20 }).filter((text) => !/[\d-]/.test(text));
  fc.assert(
    fc.property(fc.constantFrom(...TEST_CARDS), around, around, (card, before, after) => {
      const text = redactText(`${before}x${card}x${after}`);
      assert.equal(text.replace(/\D/g, '').length, 10);
    }),
    { numRuns: 200 },
  );
});

test('on standard output no line is lost when the process exits at once', () => {
  const program = `
    import { createLog } from './app/src/system/log.ts';
    const log = createLog({ journald: true });
    for (let n = 0; n < 200; n += 1) log.info('line', { n });
    log.error('fatal', {}, new Error('over'));
    process.exit(70);`;
  const words = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const child = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(child.status, 70, child.stderr);
  const lines = child.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 201);
  assert.ok(
    lines.some((line) => /^<3>.*"fatal"/.test(line)),
    'the last words are missing',
  );
});
