import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { operationId } from '../../app/src/domain/ids.ts';
import { COMMIT_BATCH_MAX, LEDGER_BACKLOG_MAX } from '../../app/src/domain/limits.ts';
import { LedgerError } from '../../app/src/ports/ledger.ts';
import { openLedger } from '../../app/src/storage/ledger/ledger.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import {
  accepted,
  approved,
  clock,
  failed,
  folderFor,
  ledgerFor,
  lost,
  sell,
  started,
} from './helpers.ts';

test('finds what an append that resolved has written, and its events in order', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const sold = await sell(ledger, 'sale-1');
  assert.deepEqual(ledger.find(operationId('sale-1')), sold);
  const events = ledger.events(operationId('sale-1'), 0);
  assert.deepEqual(
    events.map(({ seq, event }) => [seq, event.kind]),
    [
      [1, 'accepted'],
      [2, 'started'],
      [3, 'concluded'],
    ],
  );
  assert.equal(ledger.events(operationId('sale-1'), 2).length, 1);
  assert.equal(ledger.find(operationId('sale-2')), null);
});

test('finds right after the append what another process reads in the file, and no field more', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  const running = started(accepted('a').operation);
  const concluded = approved(running.operation);
  // A driver's object may carry what no table has a place for.
  Object.assign(concluded.operation.result ?? {}, { pan: '4149430000001234' });
  const other = openForReading(folder);
  t.after(() => other.close());
  const inFile = (): unknown =>
    JSON.parse(String(other.prepare('SELECT row FROM operations WHERE id = ?').pluck().get('a')));
  for (const write of [accepted('a'), running, concluded]) {
    await ledger.append([write]);
    assert.deepEqual(ledger.find(operationId('a')), inFile());
  }
});

test('rows with long orders are not kept in memory without end', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const kept = (): boolean => ledger.find(operationId('a')) === ledger.find(operationId('a'));
  const reference = 'x'.repeat(1024 * 1024);
  await ledger.append([accepted('a')]);
  const first = ledger.find(operationId('a'));
  assert.ok(kept());
  for (const id of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) {
    await ledger.append([accepted(id, { reference })]);
  }
  const again = ledger.find(operationId('a'));
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});

test('an acceptance and the start that follows some promises later share a commit', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const first = accepted('a');
  const acceptance = ledger.append([first]);
  for (let step = 0; step < 20; step += 1) await Promise.resolve();
  const start = ledger.append([started(first.operation)]);
  await Promise.all([acceptance, start]);
  assert.equal(ledger.commits(), 1);
});

test('a row that was refused is read from the file again', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const sold = await sell(ledger, 'sale-1');
  await assert.rejects(ledger.append([accepted('sale-1')]), LedgerError);
  assert.deepEqual(ledger.find(operationId('sale-1')), sold);
});

test('answers an append with the events as they are stored', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const stored = await ledger.append([accepted('a'), accepted('b')]);
  assert.deepEqual(stored, [
    ...ledger.events(operationId('a'), 0),
    ...ledger.events(operationId('b'), 0),
  ]);
  assert.deepEqual(
    stored.map(({ seq }) => seq),
    [1, 2],
  );
});

test('keeps open operations apart from final ones, oldest first', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  await sell(ledger, 'done');
  const running = started(accepted('running').operation);
  await ledger.append([accepted('running'), running]);
  const unknown = lost(started(accepted('unknown').operation).operation);
  await ledger.append([accepted('unknown'), started(accepted('unknown').operation), unknown]);
  assert.deepEqual(ledger.open(), [running.operation, unknown.operation]);
});

test('shows a final row that changed after it was read', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const sold = await sell(ledger, 'sale');
  assert.equal(ledger.find(sold.id)?.state, 'approved');
  const reversed = { ...sold, version: sold.version + 1, state: 'reversed' } as const;
  const event = { kind: 'reversed', at: sold.createdAt + 9, by: operationId('void') } as const;
  await ledger.append([{ event, operation: reversed, outbox: [] }]);
  assert.equal(ledger.find(sold.id)?.state, 'reversed');
});

test('puts many parallel appends into few commits', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const before = ledger.commits();
  const count = 4 * COMMIT_BATCH_MAX;
  await Promise.all(Array.from({ length: count }, (_, n) => ledger.append([accepted(`s-${n}`)])));
  const commits = ledger.commits() - before;
  assert.ok(commits >= 4 && commits <= 8, `${commits} commits for ${count} appends`);
  assert.equal(ledger.open().length, count);
  assert.equal((ledger.health().lastCommitMs ?? -1) >= 0, true);
});

test('refuses with backlog beyond the limit, and takes appends again afterwards', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const many = Array.from({ length: LEDGER_BACKLOG_MAX }, (_, n) => accepted(`m-${n}`));
  const big = ledger.append(many);
  await assert.rejects(ledger.append([accepted('late')]), hasCode('backlog'));
  assert.equal(ledger.health().backlog, LEDGER_BACKLOG_MAX);
  await big;
  await ledger.append([accepted('late')]);
  assert.equal(ledger.health().backlog, 0);
});

test('refuses a row that does not follow the last one, and keeps the rest of the batch', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const first = accepted('one');
  const skipped = approved(started(accepted('two').operation).operation);
  const results = await Promise.allSettled([
    ledger.append([first]),
    ledger.append([accepted('two'), skipped]),
    ledger.append([first]),
    ledger.append([started(first.operation)]),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  for (const result of results) {
    if (result.status === 'rejected') assert.equal(hasCode('conflict')(result.reason), true);
  }
  assert.equal(ledger.find(operationId('two')), null);
  assert.equal(ledger.find(operationId('one'))?.state, 'running');
  assert.equal(ledger.events(operationId('one'), 0).at(-1)?.seq, 2);
});

test('goes on after a restart where it stopped, with a whole chain', async (t) => {
  const folder = folderFor(t);
  const first = await ledgerFor(t, folder);
  await sell(first, 'before');
  await first.close();
  const second = await ledgerFor(t, folder);
  assert.equal(second.find(operationId('before'))?.state, 'approved');
  await sell(second, 'after');
  await second.close();
  const database = openForReading(folder);
  assert.deepEqual(verifyLedger(database), { events: 6, operations: 2, broken: null });
  database.close();
});

test('writes what was appended before it closes, and refuses afterwards', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  const last = ledger.append([accepted('last')]);
  await ledger.close();
  await last;
  await assert.rejects(ledger.append([accepted('later')]), hasCode('closed'));
  assert.throws(() => ledger.find(operationId('last')), hasCode('closed'));
  const again = await ledgerFor(t, folder);
  assert.equal(again.find(operationId('last'))?.state, 'accepted');
});

test('writes only fields of the domain, in private files', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  const write = accepted('sale');
  const begun = started(write.operation);
  const end = approved(begun.operation);
  const result = { ...end.operation.result!, track2: '4149430000001234=2512' };
  const outcome = { ...(end.event as { outcome: object }).outcome, result };
  const event = { ...end.event, outcome, pinBlock: 'f00d' } as unknown as typeof end.event;
  const operation = { ...end.operation, result, pan: '4149430000001234' };
  await ledger.append([write, begun, { event, operation, outbox: [] }]);
  const text = JSON.stringify([ledger.find(operation.id), ledger.events(operation.id, 0)]);
  assert.doesNotMatch(text, /track2|pinBlock|4149430000001234/);
  assert.deepEqual(ledger.find(operation.id), end.operation);
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.lock', 'ledger.ballast']) {
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  }
});

test('writes outbox entries in the transaction of their event', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  const write = accepted('sale');
  const outbox = [
    { topic: 'webhook', lane: 'sale', operation: write.operation.id, payload: '{"n":1}' },
  ];
  await ledger.append([{ ...write, outbox }]);
  await assert.rejects(ledger.append([{ ...write, outbox }]), hasCode('conflict'));
  const database = openForReading(folder);
  t.after(() => database.close());
  assert.deepEqual(
    database.prepare('SELECT topic, lane, operation, payload, state, attempts FROM outbox').all(),
    [{ ...outbox[0], state: 'waiting', attempts: 0 }],
  );
});

test('answers a ping through the writer, and not after its signal', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  await ledger.ping(AbortSignal.timeout(5_000));
  await assert.rejects(ledger.ping(AbortSignal.abort(new Error('too late'))), /too late/);
  const abort = new AbortController();
  const pending = ledger.ping(abort.signal);
  abort.abort(new Error('no patience'));
  await assert.rejects(pending, /no patience/);
});

test('copies itself while it is written', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  for (let n = 0; n < 20; n += 1) await sell(ledger, `s-${n}`);
  const target = join(folderFor(t), 'ledger.db');
  const copied = ledger.backup(target);
  await sell(ledger, 'meanwhile');
  await copied;
  const copy = new Database(target, { readonly: true });
  t.after(() => copy.close());
  const { broken, operations } = verifyLedger(copy);
  assert.equal(broken, null);
  assert.equal(operations >= 20, true);
  await assert.rejects(ledger.backup(target), /exists/);
});

test('refuses a second writer while the first one lives', async (t) => {
  const folder = folderFor(t);
  const first = await ledgerFor(t, folder);
  await assert.rejects(ledgerFor(t, folder), hasCode('locked'));
  await first.append([accepted('still-mine')]);
  await first.close();
  const second = await ledgerFor(t, folder);
  assert.equal(second.open().length, 1);
});

test('refuses a damaged page', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  for (let n = 0; n < 50; n += 1) await ledger.append([accepted(`s-${n}`)]);
  await ledger.close();
  const path = join(folder, 'ledger.db');
  const whole = readFileSync(path);
  for (const page of [1, 4, 8]) {
    const bytes = Buffer.from(whole);
    // The type of a b-tree page; page 1 begins after the file's header.
    const at = page === 1 ? 100 : (page - 1) * 4096;
    bytes[at] = bytes[at]! ^ 0xff;
    writeFileSync(path, bytes);
    await assert.rejects(ledgerFor(t, folder), hasCode('damaged'), `page ${page}`);
    assert.deepEqual(readFileSync(path), bytes, 'a damaged file is left as it is');
  }
  writeFileSync(path, whole);
  assert.equal((await ledgerFor(t, folder)).open().length, 50);
});

test('refuses an amount that was changed in an event or in a row', async (t) => {
  for (const place of ['"kind":"accepted"', '"bodyHash":"b0d7","askedBy":"till-1","state"']) {
    const folder = folderFor(t);
    const ledger = await ledgerFor(t, folder);
    await ledger.append([accepted('sale', { amount: 777_001 })]);
    await ledger.close();
    const path = join(folder, 'ledger.db');
    const bytes = readFileSync(path);
    const near = bytes.indexOf(place);
    const end = place.startsWith('"kind')
      ? bytes.indexOf('777001', near)
      : bytes.lastIndexOf('777001', near);
    assert.equal(near > 0 && end > 0, true);
    bytes.write('111001', end);
    writeFileSync(path, bytes);
    await assert.rejects(ledgerFor(t, folder), hasCode('damaged'), place);
  }
});

test('refuses an empty file and a missing one with a log, rather than begin anew', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'ledger.db'), '');
  await assert.rejects(ledgerFor(t, folder), hasCode('damaged'));
  const other = folderFor(t);
  writeFileSync(join(other, 'ledger.db-wal'), 'what is left of it');
  await assert.rejects(ledgerFor(t, other), hasCode('damaged'));
});

test('refuses a file that is not a ledger', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'ledger.db'), 'this is a text, and a long one at that. '.repeat(200));
  await assert.rejects(ledgerFor(t, folder), hasCode('damaged'));
});

test('keeps events and operations from being changed or deleted', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'sale');
  await ledger.close();
  const database = new Database(join(folder, 'ledger.db'));
  t.after(() => database.close());
  for (const sql of [
    `UPDATE events SET body = '{}'`,
    'DELETE FROM events',
    'DELETE FROM operations',
  ]) {
    assert.throws(() => database.exec(sql), /never/, sql);
  }
});

test('tells once that the writer is gone, rejects who waits, and reads on', async (t) => {
  const folder = folderFor(t);
  const failures: Error[] = [];
  const ledger = await openLedger({
    folder,
    clock,
    log: new QuietLog(),
    onFailure: (error) => failures.push(error),
  });
  t.after(() => ledger.close());
  await ledger.append([accepted('sale')]);
  // An event whose time is an object is a defect, and the thread ends with it.
  const begun = started(accepted('sale').operation);
  const poison = { ...begun, event: { ...begun.event, at: {} as unknown as number } };
  const results = await Promise.allSettled([
    ledger.append([poison]),
    ledger.append([accepted('next')]),
  ]);
  for (const result of results) {
    assert.equal(result.status, 'rejected');
    assert.equal(hasCode('io')(result.reason), true, String(result.reason));
  }
  assert.equal(failures.length, 1);
  assert.equal(ledger.health().writable, false);
  await assert.rejects(ledger.append([accepted('later')]), hasCode('io'));
  await assert.rejects(ledger.ping(AbortSignal.timeout(5_000)), hasCode('io'));
  assert.equal(ledger.find(operationId('sale'))?.state, 'accepted');
  assert.equal(ledger.find(operationId('next')), null);
});

test('has failed operations as final', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const write = accepted('sale');
  await ledger.append([write, failed(write.operation)]);
  assert.deepEqual(ledger.open(), []);
});

function hasCode(code: LedgerError['code']): (error: unknown) => boolean {
  return (error) => error instanceof LedgerError && error.code === code;
}
