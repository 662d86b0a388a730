// A ledger as years of sales leave it, written through the ledger itself.
import { createHash } from 'node:crypto';
import type { OperationEvent } from '../../app/src/domain/event.ts';
import { operationId, terminalId } from '../../app/src/domain/ids.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import type { Operation, OperationRequest } from '../../app/src/domain/operation.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import { transition } from '../../app/src/domain/transition.ts';
import type { LedgerWrite } from '../../app/src/ports/ledger.ts';
import { openLedger } from '../../app/src/storage/ledger/ledger.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';

/** What a sale may have besides; its number is the only chance. */
export interface Detail {
  readonly amount?: number;
  readonly mask?: string;
}

/** `count` purchases on `terminals` terminals, one in ten declined, three events each. */
export async function fillLedger(
  folder: string,
  count: number,
  terminals: number,
  detailOf: (number: number) => Detail = () => ({}),
  until = Date.UTC(2026, 10, 1),
): Promise<void> {
  const ledger = await openLedger({
    folder,
    clock: systemClock(() => true),
    log: new QuietLog(),
    onFailure: (error) => {
      throw error;
    },
  });
  const first = Date.UTC(2024, 0, 1);
  const step = Math.floor((until - first) / count);
  const waiting: Promise<unknown>[] = [];
  for (let number = 0; number < count; number += 1) {
    waiting.push(ledger.append(sale(number, terminals, first + number * step, detailOf(number))));
    if (waiting.length >= 2_000) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  await ledger.close();
}

function sale(
  number: number,
  terminals: number,
  at: number,
  detail: Detail,
): readonly LedgerWrite[] {
  const id = operationId(`old-${number}`);
  const amount = minorUnits(detail.amount ?? 100 + (number % 99_900));
  const request: OperationRequest = {
    kind: 'purchase',
    terminal: terminalId(`old-${number % terminals}`),
    currency: 'UAH',
    merchant: null,
    reference: `order ${number}`,
    cashier: null,
    order: null,
    amount,
    discount: minorUnits(0),
  };
  const bodyHash = createHash('sha256').update(String(number)).digest('hex');
  const result = {
    ...EMPTY_RESULT,
    rrn: String(100_000_000_000 + number),
    invoice: String(number),
    card:
      detail.mask === undefined
        ? null
        : { mask: detail.mask, brand: 'VISA', issuer: null, entry: 'contactless' as const },
  };
  const approved = {
    kind: 'approved',
    code: 'approved',
    approvedAmount: amount,
    discount: minorUnits(0),
    bonus: null,
    result,
  } as const;
  const declined = {
    kind: 'declined',
    code: 'declined-by-bank',
    terminalText: null,
    result,
  } as const;
  // Not a multiple of the number of terminals: every terminal has declines.
  const outcome = number % 11 === 0 ? declined : approved;
  const events: readonly OperationEvent[] = [
    { kind: 'accepted', at, id, request, bodyHash, askedBy: 'till' },
    { kind: 'started', at: at + 3, watermark: null },
    { kind: 'concluded', at: at + 9_000, outcome },
  ];
  let row: Operation | null = null;
  return events.map((event) => {
    const next = transition(row, event);
    if (next.kind === 'illegal') throw new Error(next.reason);
    row = next.operation;
    return { event, operation: next.operation, outbox: [] };
  });
}
