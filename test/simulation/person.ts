// A careful person: looks at the terminal's true journal and decides what became of an operation.
import { minorUnits } from '../../app/src/domain/money.ts';
import { type Operation, originalOf } from '../../app/src/domain/operation.ts';
import type { Verdict } from '../../app/src/operations/gateway.ts';
import type { Transaction } from '../../app/src/simulator/privat-json/journal.ts';
import { SUPERVISOR } from '../kit/world.ts';
import type { Story } from './story.ts';

export async function personDecides(story: Story, operation: Operation): Promise<void> {
  const verdict = verdictOn(story, operation);
  story.trace(() => `person says ${operation.id} is ${verdict.verdict}`);
  const { code } = operation.message;
  const done = await story.ask((gateway) => gateway.resolve(SUPERVISOR, operation.id, verdict));
  if (done === 'gone') return;
  if (done.kind === 'operation') {
    story.told.push({ id: operation.id, operation: done.operation });
    story.ambiguous.push(code);
  } else if (!['not-cancellable', 'ledger-unavailable'].includes(done.refusal.code)) {
    story.fail(`a person may not resolve ${operation.id}: ${done.refusal.code}`);
  }
}

function verdictOn(story: Story, operation: Operation): Verdict {
  const spoken = { name: 'Olena', reason: 'read the journal of the terminal' };
  const transaction = transactionOf(story, operation);
  switch (transaction?.status) {
    case '1':
    case '4':
      return { ...spoken, verdict: 'approved', amount: minorUnits(transaction.amount) };
    case '3':
      return { ...spoken, verdict: 'reversed', amount: null };
    default:
      return { ...spoken, verdict: 'failed', amount: null };
  }
}

/** The true transaction of an operation; null where there is none. */
export function transactionOf(story: Story, operation: Operation): Transaction | null {
  if (operation.request.kind === 'void') return voidOf(story, operation);
  const mine = story.truth
    .all()
    .find(
      ({ transaction }) =>
        story.wishes.bySum(transaction.amount) === operation.id && isSale(transaction),
    );
  return mine?.transaction ?? null;
}

export function isSale({ kind }: Transaction): boolean {
  return kind !== 'void' && kind !== 'partial-void';
}

/** A void has no sum of its own: it is the one of its sale that no other void has claimed. */
function voidOf(story: Story, operation: Operation): Transaction | null {
  const of = originalOf(operation.request);
  const claimed = story.rows.some(
    (row) =>
      row.id !== operation.id &&
      row.request.kind === 'void' &&
      originalOf(row.request) === of &&
      row.state === 'approved',
  );
  if (of === null || claimed) return null;
  const all = story.truth.all();
  // A terminal may misstate sums (a fault): the void names its sale by number, too.
  const sale = all.find(
    ({ transaction }) => isSale(transaction) && story.wishes.bySum(transaction.amount) === of,
  );
  const mine = all.findLast(
    ({ terminal, transaction }) =>
      !isSale(transaction) &&
      (story.wishes.bySum(transaction.amount) === of ||
        (terminal === sale?.terminal && transaction.voids === sale.transaction.invoice)),
  );
  return mine?.transaction ?? null;
}
