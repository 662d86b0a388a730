// Folders, ledgers and lives of operations for the tests of storage.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { OperationEvent } from '../../app/src/domain/event.ts';
import { operationId, terminalId } from '../../app/src/domain/ids.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import type { Operation, OperationRequest } from '../../app/src/domain/operation.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import { transition } from '../../app/src/domain/transition.ts';
import type { LedgerWrite } from '../../app/src/ports/ledger.ts';
import type { DocumentForm } from '../../app/src/ports/settings-store.ts';
import { openLedger, type StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';

export const NOON = Date.UTC(2026, 2, 2, 12);
export const clock = systemClock(() => true);
/** Of a document that has nothing to hold on to. */
export const plainForm: DocumentForm = { form: 1, mayIgnore: [], identities: {}, parts: [] };

export function folderFor(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-storage-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens and closes with the test; `failures` holds what `onFailure` was told. */
export async function ledgerFor(
  test: TestContext,
  folder: string,
  failures: Error[] = [],
): Promise<StoredLedger> {
  const ledger = await openLedger({
    folder,
    clock,
    log: new QuietLog(),
    onFailure: (error) => failures.push(error),
  });
  test.after(() => ledger.close());
  return ledger;
}

export interface Life {
  readonly terminal?: string;
  readonly kind?: 'purchase' | 'refund';
  readonly amount?: number;
  readonly reference?: string | null;
  readonly rrn?: string;
  readonly at?: number;
}

export function accepted(id: string, life: Life = {}): LedgerWrite {
  const head = {
    terminal: terminalId(life.terminal ?? 'pos-1'),
    currency: 'UAH',
    merchant: null,
    reference: life.reference ?? null,
    cashier: null,
    order: null,
    amount: minorUnits(life.amount ?? 12_345),
  } as const;
  const request: OperationRequest =
    life.kind === 'refund'
      ? { ...head, kind: 'refund', of: null, rrn: '123456789012' }
      : { ...head, kind: 'purchase', discount: minorUnits(0) };
  return after(null, {
    kind: 'accepted',
    at: life.at ?? NOON,
    id: operationId(id),
    request,
    bodyHash: 'b0d7',
    askedBy: 'till-1',
  });
}

export function started(before: Operation): LedgerWrite {
  return after(before, { kind: 'started', at: before.createdAt + 1, watermark: null });
}

export function display(before: Operation, text: string): LedgerWrite {
  return after(before, { kind: 'display', at: before.createdAt + 2, status: '1', text });
}

export function lost(before: Operation): LedgerWrite {
  return after(before, {
    kind: 'lost',
    at: before.createdAt + 3,
    code: 'lost-answer',
    terminalText: null,
    result: null,
  });
}

export function approved(before: Operation, rrn = '000123456789'): LedgerWrite {
  return after(before, {
    kind: 'concluded',
    at: before.createdAt + 4,
    outcome: {
      kind: 'approved',
      code: 'approved',
      approvedAmount: minorUnits(12_345),
      discount: null,
      bonus: null,
      result: {
        ...EMPTY_RESULT,
        rrn,
        card: { mask: '414943******1234', brand: 'VISA', issuer: null, entry: 'chip' },
      },
    },
  });
}

export function failed(before: Operation): LedgerWrite {
  return after(before, {
    kind: 'concluded',
    at: before.createdAt + 4,
    outcome: { kind: 'failed', code: 'terminal-offline', terminalText: null, result: null },
  });
}

export function after(before: Operation | null, event: OperationEvent): LedgerWrite {
  const next = transition(before, event);
  if (next.kind === 'illegal') throw new Error(next.reason);
  return { event, operation: next.operation, outbox: [] };
}

/** Accepted, started, approved: three appends, one after another. */
export async function sell(ledger: StoredLedger, id: string, life: Life = {}): Promise<Operation> {
  const first = accepted(id, life);
  const second = started(first.operation);
  const third = approved(second.operation, life.rrn);
  for (const write of [first, second, third]) await ledger.append([write]);
  return third.operation;
}
