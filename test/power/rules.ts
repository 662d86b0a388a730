// The rules by which a gateway is judged after a cut: each returns what it finds wrong.
import { isDeepStrictEqual } from 'node:util';
import type { OperationEvent } from '../../app/src/domain/event.ts';
import type { Transaction } from '../../app/src/simulator/privat-json/journal.ts';
import type { Body } from '../process/programs.ts';
import { type Asked, type Book, nameOf, toldFinal, wasRefused } from './book.ts';
import { TERMINALS, type Truth } from './terminals.ts';

export type Operations = ReadonlyMap<string, Body>;
export type Truths = ReadonlyMap<string, Truth>;
/** Events that were on the disk at the cut, by operation. */
export type Before = ReadonlyMap<string, readonly OperationEvent['kind'][]>;

/** Where an operation was when the power went. */
export const PHASES = ['asked', 'recorded', 'sent', 'answered', 'final'] as const;
export type Phase = (typeof PHASES)[number];

/** Null where the till had its result already. */
export function phaseOf(asked: Asked, before: Before, truths: Truths): Phase | null {
  if (toldFinal(asked) || wasRefused(asked)) return null;
  const kinds = before.get(asked.id);
  if (kinds === undefined) return 'asked';
  if (kinds.some((kind) => ['concluded', 'resolved', 'reversed'].includes(kind))) return 'final';
  if (!kinds.includes('started')) return 'recorded';
  return transactionsOf(asked, truths).length > 0 ? 'answered' : 'sent';
}

/** No answer was given about what the disk has lost, and no final result has changed. */
export function nothingLost(book: Book, operations: Operations): string[] {
  return book.operations.flatMap((asked) => {
    const found = operations.get(asked.id);
    if (wasRefused(asked)) return found === undefined ? [] : [`${asked.id} was refused and exists`];
    if (asked.told === null) return [];
    const { status, body } = asked.told;
    if (found === undefined) {
      return [`lost operation: ${asked.id} was answered with ${status} ${body.state}`];
    }
    const same = toldFinal(asked) ? withoutReversal(body, found) : firstFacts(body);
    const now = toldFinal(asked) ? found : firstFacts(found);
    if (isDeepStrictEqual(same, now)) return [];
    return [`${asked.id} has changed: ${JSON.stringify(body)} became ${JSON.stringify(found)}`];
  });
}

/** A later void may have taken an approval back; everything else stays. */
function withoutReversal(told: Body, found: Body): Body {
  if (told.state !== 'approved' || found.state !== 'reversed') return told;
  const { state, message, resolution, finishedAt } = found;
  return { ...told, state, message, resolution, finishedAt };
}

function firstFacts(operation: Body): unknown {
  const { id, kind, terminal, amount, createdAt, reference, request, askedBy } = operation;
  return { id, kind, terminal, amount, createdAt, reference, request, askedBy };
}

/** Money rules, 2: no terminal has heard of what the disk did not have. */
export function durableBeforeDangerous(book: Book, before: Before, truths: Truths): string[] {
  const known = book.operations.flatMap((asked) => {
    const transactions = transactionsOf(asked, truths);
    return transactions.map((transaction) => ({ asked, transaction }));
  });
  const early = known
    .filter(({ asked }) => before.get(asked.id)?.includes('started') !== true)
    .map(({ asked }) => `sent before it was on the disk: ${asked.id}`);
  const all = [...truths.values()].reduce((sum, { transactions }) => sum + transactions.length, 0);
  const nobodys = all === known.length ? [] : [`${all - known.length} charges belong to nobody`];
  return [...early, ...nobodys];
}

/** Approved means one charge that stands; the other final states mean none; never two. */
export function booksAgree(book: Book, operations: Operations, truths: Truths): string[] {
  const money = book.operations.flatMap((asked) => {
    const operation = operations.get(asked.id);
    if (operation === undefined || asked.body['kind'] === 'settlement') return [];
    const found = transactionsOf(asked, truths);
    const fits = found.length <= 1 && agrees(operation, found[0], book, operations);
    if (fits) return [];
    const theirs = found.map(({ status, amount, rrn }) => `status ${status} ${amount} ${rrn}`);
    return [
      `${asked.id} is ${operation.state}, its terminal has ${theirs.join(', ') || 'nothing'}`,
    ];
  });
  const closings = TERMINALS.flatMap((terminal) => {
    const may = [...operations.values()].filter(
      (operation) =>
        operation.terminal === terminal &&
        operation.kind === 'settlement' &&
        (operation.state === 'approved' || !operation.final || isPersons(operation)),
    );
    const count = truths.get(terminal)?.closings ?? 0;
    return count <= may.length ? [] : [`${terminal} was settled ${count} times for ${may.length}`];
  });
  return [...money, ...closings];
}

export function isPersons(operation: Body): boolean {
  return operation.resolution?.by === 'person';
}

function agrees(
  operation: Body,
  transaction: Transaction | undefined,
  book: Book,
  operations: Operations,
): boolean {
  // What nobody can know is said to be so, and a person may be wrong.
  if (operation.state === 'unknown' || isPersons(operation)) return true;
  const standing = transaction?.status === '1';
  switch (operation.state) {
    case 'approved':
      return (
        transaction !== undefined &&
        operation.approvedAmount === transaction.amount &&
        operation.result?.rrn === transaction.rrn &&
        (standing || (transaction.status === '4' && isBeingVoided(operation.id, book, operations)))
      );
    case 'reversed':
      return transaction !== undefined && !standing;
    case 'declined':
    case 'cancelled':
    case 'failed':
      return !standing && transaction?.status !== '4';
    default:
      return false;
  }
}

/** Its void is there, and nobody knows yet what became of it. */
function isBeingVoided(id: string, book: Book, operations: Operations): boolean {
  const voiding = book.operations.find(({ body }) => body['kind'] === 'void' && body['of'] === id);
  const found = operations.get(voiding?.id ?? '');
  return found !== undefined && (found.state === 'unknown' || isPersons(found));
}

/** What the terminal has of this operation: sums are never used twice, nor is a receipt voided twice. */
function transactionsOf(asked: Asked, truths: Truths): readonly Transaction[] {
  const { kind, amount, of } = asked.body;
  const own = truths.get(asked.terminal)?.transactions ?? [];
  if (kind !== 'void') return own.filter((one) => one.kind === kind && one.amount === amount);
  const voided = Number(/\.(\d+)$/.exec(String(of))?.[1]);
  const sale = own.find((one) => one.kind === 'purchase' && one.amount === saleOf(voided));
  return own.filter((one) => one.kind === 'void' && one.voids === sale?.invoice);
}

/** Above every sum that is given back, so that no refund exceeds its sale. */
const FIRST_SALE = 100_000;

/** The sum of the sale that is operation number `number`. */
export function saleOf(number: number): number {
  return FIRST_SALE + number;
}

/** Settings and keys that were answered are there. */
export function settingsKept(book: Book, shopName: string, keys: readonly Body[]): string[] {
  const count = Number(/^Shop (\d+)$/.exec(shopName)?.[1] ?? 0);
  const { asked, told } = book.name;
  const names = new Set(keys.map(({ name }) => name));
  const lost = book.keys.filter(
    ({ name, secret, removal }) => secret !== null && removal === 'none' && !names.has(name),
  );
  const back = book.keys.filter(({ name, removal }) => removal === 'done' && names.has(name));
  return [
    ...(count >= told && count <= asked
      ? []
      : [`lost setting: «${shopName}» after «${nameOf(told)}» was answered`]),
    ...lost.map(({ name }) => `lost key: ${name}`),
    ...back.map(({ name }) => `lost removal of a key: ${name}`),
  ];
}
