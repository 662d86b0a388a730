// The whole gateway over the library with the test double: it crashes in each phase of a sale, and is
// killed at random. The gateway stays, the gate is right, the ledger equals the terminal's journal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../../app/src/domain/operation.ts';
import { Prng } from '../../kit/prng.ts';
import { oid, TILL, word } from '../../kit/world.ts';
import type { DoubleTerminal } from '../../bank-library/double/compile.ts';
import { openShop, type Shop } from './shop.ts';

// [phase, state after the loss, final state, what stands in the terminal's journal: status or nothing]
const CRASHES = [
  ['crash-before-purchase', 'failed', null],
  ['crash-in-purchase', 'reversed', 3],
  ['crash-in-wait', 'reversed', 3],
  ['hang-in-purchase', 'reversed', 3],
  ['crash-before-confirm', 'reversed', 3],
  ['crash-after-confirm', 'approved', 1],
] as const;

test('a library that crashes in any phase of a sale leaves gateway, operation and gate right', async () => {
  const shop = await openShop(2, { settleMs: 900, callTimeoutMs: 1_200 });
  const [terminal] = shop.terminals;
  assert.ok(terminal !== undefined);
  const calm = ['step-ms 10', 'confirm-timeout-ms 500'];
  try {
    for (const double of shop.terminals) double.script(...calm);
    await soldOn(shop, 1, 'first', 999);
    for (const [index, [phase, state, status]] of CRASHES.entries()) {
      const amount = 2_000 + index;
      terminal.script(phase, ...calm);
      await soldOn(shop, 1, phase, amount);
      terminal.script(...calm);
      assert.equal(shop.ledger.find(oid(phase))?.state, 'unknown', phase);
      // The gate: no other till, no new sale; the neighbour and the gateway go on.
      const other = await shop.start(`other-${phase}`, 1, amount);
      assert.equal(word(other), 'terminal-unresolved', phase);
      assert.equal(shop.ledger.find(oid(`other-${phase}`)), null, phase);
      assert.equal((await soldOn(shop, 2, `beside-${phase}`, amount)).state, 'approved', phase);
      assert.equal(shop.gateway.health().ok, true, phase);
      // The truth, by the terminal's journal.
      const row = await shop.final(phase);
      assert.equal(row.state, state, phase);
      assert.deepEqual(statusesOf(terminal, amount), status === null ? [] : [status], phase);
      assert.equal((await soldOn(shop, 1, `after-${phase}`, 3_000 + index)).state, 'approved');
    }
  } finally {
    await shop.close();
  }
});

function statusesOf(terminal: DoubleTerminal, sum: number): readonly number[] {
  const entries = terminal.journal().filter(({ amount }) => amount === sum);
  return entries.map(({ status }) => status);
}

/** The row when the sale has an answer, be it «unknown». */
async function soldOn(
  shop: Shop,
  terminal: number,
  id: string,
  amount: number,
): Promise<Operation> {
  let started = await shop.start(id, terminal, amount);
  // The row is durable a moment before the gate opens.
  for (let again = 0; started.kind === 'refused' && again < 50; again++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    started = await shop.start(id, terminal, amount);
  }
  assert.equal(started.kind, 'operation', JSON.stringify(started));
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const row = shop.ledger.find(oid(id));
    if (row !== null && (row.finishedAt !== null || row.state === 'unknown')) return row;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return assert.fail(`${id} has no answer`);
}

const TERMINALS = 4;
const SALES_EACH = 25;
const CONFIRM_TIMEOUT_MS = 300;
const SEED = 188;

/** Ends the library's process, unless it has just ended by itself. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

test('after 100 sales with random kills the ledger equals the terminals’ journals', async () => {
  const shop = await openShop(TERMINALS, { settleMs: 3 * CONFIRM_TIMEOUT_MS });
  for (const terminal of shop.terminals) {
    terminal.script('step-ms 8', `confirm-timeout-ms ${CONFIRM_TIMEOUT_MS}`);
  }
  let lost = 0;
  try {
    const sold = await Promise.all(
      shop.terminals.map((terminal, index) => sellAll(shop, terminal, index + 1)),
    );
    for (const [index, rows] of sold.entries()) {
      const terminal = shop.terminals[index];
      assert.ok(terminal !== undefined);
      for (const row of rows) compare(row, terminal);
      lost += rows.filter(({ id }) => wasLost(shop, id)).length;
    }
    const rows = sold.flat();
    assert.equal(rows.length, TERMINALS * SALES_EACH);
    assert.ok(rows.filter(({ state }) => state === 'approved').length > rows.length / 2);
  } finally {
    await shop.close();
  }
  assert.ok(lost >= 3, `only ${lost} kills hit a sale`);
});

async function sellAll(shop: Shop, terminal: DoubleTerminal, till: number): Promise<Operation[]> {
  const random = new Prng(SEED + till);
  const rows: Operation[] = [];
  for (let index = 0; index < SALES_EACH; index++) {
    const id = `sale-${till}-${index}`;
    const amount = 1_000 * till + index;
    const killAfterMs = index > 0 && random.below(5) === 0 ? random.below(90) : null;
    const timer = killAfterMs === null ? null : setTimeout(() => kill(terminal.pid), killAfterMs);
    await soldOn(shop, till, id, amount);
    // The gate holds for as long as the answer is not known.
    if (shop.ledger.find(oid(id))?.state === 'unknown') {
      const other = await shop.start(`held-${id}`, till, amount);
      if (shop.ledger.find(oid(id))?.state === 'unknown') {
        assert.equal(word(other), 'terminal-unresolved');
      }
    }
    rows.push(await shop.final(id));
    if (timer !== null) clearTimeout(timer);
  }
  return rows;
}

function wasLost(shop: Shop, id: Operation['id']): boolean {
  return shop.gateway.events(TILL, id, 0).some(({ event }) => event.kind === 'lost');
}

function compare(row: Operation, terminal: DoubleTerminal): void {
  const entries = terminal
    .journal()
    .filter(({ amount }) => row.request.kind === 'purchase' && amount === row.request.amount);
  const [entry] = entries;
  assert.ok(entries.length <= 1, `${row.id} was sent twice`);
  switch (row.state) {
    case 'approved':
      assert.equal(entry?.status, 1, row.id);
      assert.equal(row.result?.rrn, entry.rrn, row.id);
      break;
    case 'reversed':
      assert.equal(entry?.status, 3, row.id);
      break;
    case 'failed':
      assert.equal(entry, undefined, `${row.id} ${row.message.code}`);
      break;
    default:
      assert.fail(`${row.id} is ${row.state}`);
  }
}
