// A whole gateway over several terminals, each with a process of the library and a double in it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createLibraryRoom } from '../../../app/src/bank-library/factory.ts';
import type { Operation } from '../../../app/src/domain/operation.ts';
import { createGateway, type RunningGateway } from '../../../app/src/operations/create-gateway.ts';
import {
  type OperationBody,
  operationBodySchema,
} from '../../../app/src/operations/request-schema.ts';
import type { TerminalSetup } from '../../../app/src/ports/terminal-driver.ts';
import { driverCatalog } from '../../../app/src/terminals/registry.ts';
import { createTransport, normaliseAddress } from '../../../app/src/transport/open.ts';
import { CLOCK, compile, DoubleTerminal } from '../../bank-library/double/compile.ts';
import { FaultyDisk } from '../../kit/faulty-disk.ts';
import { FaultyLedger } from '../../kit/faulty-ledger.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import { oid, TILL } from '../../kit/world.ts';
import { NO_LOG, RANDOM } from '../kit.ts';
import { QUICK } from './stage.ts';

export interface Shop {
  readonly gateway: RunningGateway;
  readonly ledger: FaultyLedger;
  /** `till-1`, `till-2`, … in order. */
  readonly terminals: readonly DoubleTerminal[];
  start(id: string, terminal: number, amount: number): ReturnType<RunningGateway['start']>;
  /** The row once it is final. */
  final(id: string, ms?: number): Promise<Operation>;
  close(): Promise<void>;
}

export async function openShop(count: number, options: TerminalSetup['options']): Promise<Shop> {
  const terminals = Array.from({ length: count }, () => new DoubleTerminal());
  const [first] = terminals;
  assert.ok(first !== undefined);
  const room = createLibraryRoom({
    dataFolder: join(first.folder, 'data'),
    clock: CLOCK,
    environment: { BPOS_DOUBLE: first.folder, TZ: 'UTC' },
    environmentOf: (owner) => ({
      BPOS_DOUBLE: terminals[Number(owner.slice('till-'.length)) - 1]?.folder ?? '',
    }),
  });
  const installed = await room.install('libcBPOSLib.so', compile());
  assert.equal(installed.kind, 'installed');
  const clock = CLOCK;
  const catalog = driverCatalog({
    transport: createTransport(),
    clock,
    random: RANDOM,
    log: NO_LOG,
    timeZone: 'UTC',
    library: room,
    normaliseAddress,
  });
  const settings = new MemorySettings({
    terminals: terminals.map((_double, index) => ({
      id: `till-${index + 1}`,
      driver: 'bpos',
      address: `tcp://127.0.0.1:${2_000 + index}`,
      defaultMerchant: 1,
      options: { ...QUICK, ...options },
    })),
  });
  const ledger = new FaultyLedger(new FaultyDisk(), clock);
  const gateway = await createGateway({ ledger, settings, catalog, clock, log: NO_LOG });
  return {
    gateway,
    ledger,
    terminals,
    start: (id, terminal, amount) => gateway.start(TILL, oid(id), bodyOf(terminal, amount)),
    final: async (id, ms = 20_000) => {
      for (const end = Date.now() + ms; Date.now() < end; ) {
        const row = ledger.find(oid(id));
        if (row !== null && row.finishedAt !== null) return row;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return assert.fail(`${id} does not end: ${ledger.find(oid(id))?.state}`);
    },
    close: async () => {
      await gateway.stop(0);
      for (const terminal of terminals) terminal.remove();
    },
  };
}

function bodyOf(terminal: number, amount: number): OperationBody {
  return operationBodySchema.parse({
    kind: 'purchase',
    amount,
    terminal: `till-${terminal}`,
    busy: 'wait',
  });
}
