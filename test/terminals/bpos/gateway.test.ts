// The whole gateway over the library with the test double, whose process is killed at random: the
// ledger ends equal to the terminal's journal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../../app/src/domain/operation.ts';
import { createGateway } from '../../../app/src/operations/create-gateway.ts';
import type { LibraryRoom } from '../../../app/src/bank-library/factory.ts';
import { driverCatalog } from '../../../app/src/terminals/registry.ts';
import { createTransport, normaliseAddress } from '../../../app/src/transport/open.ts';
import { CLOCK, DoubleTerminal, roomWithDouble } from '../../bank-library/double/compile.ts';
import { FaultyDisk } from '../../kit/faulty-disk.ts';
import { FaultyLedger } from '../../kit/faulty-ledger.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import { Prng } from '../../kit/prng.ts';
import { oid, TILL, word } from '../../kit/world.ts';
import { NO_LOG, RANDOM } from '../kit.ts';
import { QUICK } from './stage.ts';
import { operationBodySchema } from '../../../app/src/operations/request-schema.ts';

const SALES = 20;
const CONFIRM_TIMEOUT_MS = 150;

function partsOf(room: LibraryRoom) {
  const clock = CLOCK;
  const terminal = {
    id: 'till-1',
    driver: 'bpos',
    address: 'tcp://127.0.0.1:2000',
    defaultMerchant: 1,
    options: { ...QUICK, settleMs: 3 * CONFIRM_TIMEOUT_MS },
  };
  const catalog = driverCatalog({
    transport: createTransport(),
    clock,
    random: RANDOM,
    log: NO_LOG,
    timeZone: 'UTC',
    library: room,
    normaliseAddress,
  });
  const settings = new MemorySettings({ terminals: [terminal] });
  const ledger = new FaultyLedger(new FaultyDisk(), clock);
  return { ledger, settings, catalog, clock, log: NO_LOG };
}

/** Ends the library's process, unless it has just ended by itself. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

test('after sales with random kills the ledger equals the terminal’s journal', async () => {
  const terminal = new DoubleTerminal();
  terminal.script('step-ms 8', `confirm-timeout-ms ${CONFIRM_TIMEOUT_MS}`);
  const parts = partsOf(await roomWithDouble(terminal));
  const gateway = await createGateway(parts);
  const random = new Prng(188);
  const rows: Operation[] = [];
  let unknowns = 0;
  try {
    for (let index = 0; index < SALES; index++) {
      const id = oid(`sale-${index}`);
      const body = operationBodySchema.parse({
        kind: 'purchase',
        amount: 1_000 + index,
        busy: 'wait',
      });
      const killAfterMs = index > 0 && random.below(3) === 0 ? random.below(90) : null;
      const timer = killAfterMs === null ? null : setTimeout(() => kill(terminal.pid), killAfterMs);
      let started = await gateway.start(TILL, id, body);
      // The row is durable a moment before the gate opens.
      for (let again = 0; started.kind === 'refused' && again < 20; again++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        started = await gateway.start(TILL, id, body);
      }
      assert.equal(started.kind, 'operation', JSON.stringify(started));
      const signal = AbortSignal.timeout(20_000);
      const first = await gateway.wait(TILL, id, 20_000, signal);
      // The gate holds for as long as the answer is not known.
      if (first?.state === 'unknown') {
        const other = await gateway.start(TILL, oid(`held-${index}`), body);
        if (parts.ledger.find(id)?.state === 'unknown')
          assert.equal(word(other), 'terminal-unresolved');
      }
      for (let look = 0; look < 400; look++) {
        const row = parts.ledger.find(id);
        const lost = parts.ledger.events(id, 0).some(({ event }) => event.kind === 'lost');
        if (row !== null && row.finishedAt !== null) {
          rows.push(row);
          unknowns += lost ? 1 : 0;
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      if (timer !== null) clearTimeout(timer);
      assert.equal(rows.length, index + 1, `${id} does not end`);
    }
  } finally {
    await gateway.stop(0);
  }
  const journal = terminal.journal();
  terminal.remove();
  assert.ok(unknowns > 0, 'no kill hit a sale');
  for (const row of rows) {
    const entries = journal.filter(
      ({ amount }) => row.request.kind === 'purchase' && amount === row.request.amount,
    );
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
  assert.ok(rows.filter(({ state }) => state === 'approved').length > SALES / 2);
});
