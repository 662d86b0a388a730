// The rules of money, checked against what really happened.
import { isDeepStrictEqual } from 'node:util';
import { isFinal, KINDS, type Operation, originalOf } from '../../app/src/domain/operation.ts';
import { transition } from '../../app/src/domain/transition.ts';
import type { LedgerWrite } from '../../app/src/ports/ledger.ts';
import { isSale } from './person.ts';
import type { Story } from './story.ts';
import type { Wish } from './wishes.ts';

export function checkEnd(story: Story): void {
  const writes = story.disk.commits.flatMap((commit) => commit.writes);
  const versions = replay(story, writes);
  checkGate(story, writes);
  checkAnswers(story, versions);
  checkRequests(story);
  checkMoney(story);
}

/** Rule 9.4 and 9.6: the events alone give every row, and nothing moves that is final. */
function replay(story: Story, writes: readonly LedgerWrite[]): Map<string, Operation[]> {
  const versions = new Map<string, Operation[]>();
  for (const { event, operation } of writes) {
    const rows = versions.get(operation.id) ?? [];
    const before = rows.at(-1) ?? null;
    if (before !== null && isFinal(before.state) && event.kind !== 'reversed') {
      story.fail(`${operation.id} is ${before.state} and got ${event.kind}`);
    }
    const next = transition(before, event);
    if (next.kind === 'illegal') story.fail(`${operation.id}: ${next.reason}`);
    else if (!isDeepStrictEqual(next.operation, operation)) {
      story.fail(`${operation.id}: its row is not what ${event.kind} makes of the last`);
    }
    rows.push(operation);
    versions.set(operation.id, rows);
  }
  for (const row of story.rows) {
    if (!isDeepStrictEqual(plain(row), plain(versions.get(row.id)?.at(-1)))) {
      story.fail(`${row.id}: the ledger shows another row than its events`);
    }
  }
  return versions;
}

/** Rule 9.5, in the order of the ledger. */
function checkGate(story: Story, writes: readonly LedgerWrite[]): void {
  const inTheWay = new Map<string, Operation>();
  // Whoever is let into the queue while the loss is on its way to the disk waits there.
  const queued = new Set(
    writes.filter(({ event }) => event.kind === 'queued').map(({ operation }) => operation.id),
  );
  for (const { event, operation } of writes) {
    const { terminal, kind } = operation.request;
    const blocking = inTheWay.get(terminal);
    const begins = event.kind === 'accepted' || event.kind === 'started';
    if (begins && KINDS[kind].gated && blocking !== undefined && blocking.id !== operation.id) {
      const waits = event.kind === 'accepted' && queued.has(operation.id);
      if (event.kind === 'started' || (blocking.state === 'unknown' && !waits)) {
        const { id, state } = blocking;
        story.fail(`${operation.id} was ${event.kind} while ${id} on ${terminal} was ${state}`);
      }
    }
    const blocks =
      KINDS[kind].gated && ['running', 'confirming', 'unknown'].includes(operation.state);
    if (blocks) inTheWay.set(terminal, operation);
    else if (blocking?.id === operation.id) inTheWay.delete(terminal);
  }
}

/** Rule 9.3: whatever a till was told stands in the ledger, word for word. */
function checkAnswers(story: Story, versions: Map<string, Operation[]>): void {
  for (const { id, operation } of story.told) {
    const kept = versions.get(id)?.[operation.version - 1];
    if (kept === undefined) {
      story.fail(
        `a till was told that ${id} is ${operation.state}; the ledger has no such version`,
      );
    } else if (kept !== operation && !isDeepStrictEqual(plain(kept), plain(operation))) {
      story.fail(`a till was told another version ${operation.version} of ${id} than is kept`);
    }
  }
}

/** What a later process reads from the disk. */
function plain(operation: Operation | undefined): unknown {
  return operation === undefined ? undefined : JSON.parse(JSON.stringify(operation));
}

/** Rule 9.1: at most one request of an operation reached a terminal. */
function checkRequests(story: Story): void {
  const { requests } = story.truth;
  for (const wish of story.wishes.all()) {
    if (wish.amount === null) continue;
    const count = requests.filter(({ amount }) => amount === wish.amount).length;
    if (count > 1) story.fail(`${wish.id} was sent to the terminal ${count} times`);
    if (count > 0 && !story.rows.some(({ id }) => id === wish.id)) {
      story.fail(`${wish.id} was sent to the terminal and is not in the ledger`);
    }
  }
  const voids = requests.filter(({ method }) => method === 'Withdrawal').length;
  const asked = story.rows.filter(({ request, startedAt }) => {
    return request.kind === 'void' && startedAt !== null;
  }).length;
  if (voids > asked) story.fail(`${voids} voids reached the terminals, ${asked} were started`);
}

/** Rules 9.1 and 9.2: our rows against the terminals' journals. */
function checkMoney(story: Story): void {
  for (const wish of story.wishes.all()) {
    const row = story.rows.find(({ id }) => id === wish.id);
    const transactions = story.truth
      .all()
      .map(({ transaction }) => transaction)
      .filter((one) => isSale(one) && story.wishes.bySum(one.amount) === wish.id);
    const taken = transactions.filter(({ status }) => status === '1' || status === '4');
    if (taken.length > 1) story.fail(`${wish.id} took money ${taken.length} times`);
    const [one] = taken;
    if (one !== undefined) checkTaken(story, wish, row, one);
    else if (row?.state === 'approved' && wish.sums.length > 0) {
      story.fail(`${wish.id} is approved and the terminal took nothing`);
    }
  }
}

function checkTaken(
  story: Story,
  wish: Wish,
  row: Operation | undefined,
  one: { readonly amount: number; readonly status: string },
): void {
  const { id } = wish;
  if (row === undefined) {
    story.fail(`${id} took money and is not in the ledger`);
    return;
  }
  if (row.state !== 'approved' && row.state !== 'reversed') {
    story.fail(`${id} took ${one.amount} and is ${row.state} (${row.message.code})`);
  }
  if (row.approvedAmount !== one.amount) {
    story.fail(`${id} took ${one.amount} and says ${row.approvedAmount}`);
  }
  const voids = story.rows.filter(
    ({ request, state }) =>
      request.kind === 'void' && originalOf(request) === id && state === 'approved',
  ).length;
  const voided = one.status === '4';
  if (voids !== (voided ? 1 : 0)) {
    story.fail(`${id} is ${voided ? '' : 'not '}voided by the terminal and has ${voids} voids`);
  }
  if (voided !== (row.state === 'reversed')) {
    story.fail(`${id} is ${voided ? '' : 'not '}voided by the terminal and is ${row.state}`);
  }
}
