import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationId, terminalId } from '../../app/src/domain/ids.ts';
import type { Operation } from '../../app/src/domain/operation.ts';
import { transition } from '../../app/src/domain/transition.ts';
import { type LedgerError, type LedgerWrite } from '../../app/src/ports/ledger.ts';
import { FakeClock } from './fake-clock.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { FaultyLedger, type FaultyLedgerOptions } from './faulty-ledger.ts';
import { Prng } from './prng.ts';
import { settled } from './settled.ts';

function accepted(id: string): LedgerWrite {
  const event = {
    kind: 'accepted',
    at: 0,
    id: operationId(id),
    request: {
      kind: 'totals',
      terminal: terminalId('till-1'),
      currency: 'UAH',
      merchant: null,
      reference: null,
      cashier: null,
      order: null,
    },
    bodyHash: '',
    askedBy: 'key',
  } as const;
  const next = transition(null, event);
  assert.ok(next.kind === 'moved');
  return { event, operation: next.operation, outbox: [] };
}

function started(before: Operation): LedgerWrite {
  const event = { kind: 'started', at: 0, watermark: null } as const;
  const next = transition(before, event);
  assert.ok(next.kind === 'moved');
  return { event, operation: next.operation, outbox: [] };
}

function setUp(options: FaultyLedgerOptions = {}) {
  const clock = new FakeClock();
  const disk = new FaultyDisk();
  const ledger = new FaultyLedger(disk, clock, { syncMs: () => 10, ...options });
  return { clock, disk, ledger };
}

const code = (error: unknown): string => (error as LedgerError).code;

test('acknowledges and shows an append only after its sync', async () => {
  const { clock, ledger } = setUp();
  const append = ledger.append([accepted('a')]);
  const done = settled(append);
  await clock.advance(9);
  assert.equal(done(), false);
  assert.equal(ledger.find(operationId('a')), null);
  await clock.advance(1);
  await append;
  assert.equal(ledger.find(operationId('a'))?.state, 'accepted');
});

test('puts what is appended during a commit into the next one', async () => {
  const { clock, disk, ledger } = setUp();
  const first = ledger.append([accepted('a')]);
  await clock.advance(1);
  const later = ['b', 'c'].map((id) => ledger.append([accepted(id)]));
  await clock.advance(30);
  await Promise.all([first, ...later]);
  assert.deepEqual(
    disk.commits.map(({ writes }) => writes.map(({ operation }) => operation.id)),
    [['a'], ['b', 'c']],
  );
});

test('loses in a power cut what was not synced, or keeps it whole', async () => {
  const found = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const { clock, disk, ledger } = setUp();
    const first = accepted('a');
    void ledger.append([first, started(first.operation)]);
    await clock.advance(5);
    disk.powerCut(new Prng(seed));
    await clock.advance(100);
    const next = new FaultyLedger(disk, clock);
    found.add(next.find(operationId('a'))?.state ?? 'lost');
  }
  assert.deepEqual([...found].sort(), ['lost', 'running']);
});

test('says nothing more after the power cut', async () => {
  const { clock, disk, ledger } = setUp();
  let answered = false;
  const note = (): void => {
    answered = true;
  };
  ledger.append([accepted('a')]).then(note, note);
  disk.powerCut(new Prng(1));
  ledger.append([accepted('b')]).then(note, note);
  await clock.advance(1_000);
  assert.equal(answered, false);
});

test('refuses a row that does not follow, and everything while the disk is full', async () => {
  const { clock, disk, ledger } = setUp();
  const first = accepted('a');
  const lone = ledger.append([started(first.operation)]).catch(code);
  await clock.advance(20);
  assert.equal(await lone, 'conflict');
  disk.full = true;
  const full = ledger.append([first]).catch(code);
  await clock.advance(20);
  assert.equal(await full, 'full');
  assert.equal(ledger.health().writable, false);
  disk.full = false;
  const fine = ledger.append([first]);
  await clock.advance(20);
  assert.equal((await fine).length, 1);
});

test('the canary acknowledges what a power cut then takes', async () => {
  const { clock, disk, ledger } = setUp({ skipFirstSync: true });
  await ledger.append([accepted('a')]);
  assert.equal(ledger.find(operationId('a'))?.state, 'accepted');
  assert.equal(disk.unsynced, 1);
  assert.equal(clock.pending, 0);
});
