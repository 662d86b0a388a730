// A terminal that asks for a corrected sum or for the cashier's word: who answers, and when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../app/src/domain/event.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import type { Question } from '../../app/src/domain/operation.ts';
import type { Done, Principal } from '../../app/src/operations/gateway.ts';
import { approved, type Script, watermarkAt } from '../kit/scripted-driver.ts';
import { AUDITOR, oid, TILL, word, World } from '../kit/world.ts';

const DEADLINE_MS = 25_000;

/** Asks for a corrected sum, and approves what was answered, or what was asked for at first. */
const asks: Script = async (exchange, clock) => {
  await exchange.started(watermarkAt(clock.now()));
  const question: Question = {
    kind: 'adjust',
    askedAt: clock.now(),
    deadline: clock.now() + DEADLINE_MS,
    loyalty: 'BONUS_PLUS',
    cardMask: '516815******3338',
    entry: 'chip',
  };
  const answer = await exchange.ask(question);
  await clock.sleep(100);
  return answer?.kind === 'adjust'
    ? approved(exchange.operation, answer.amount)
    : approved(exchange.operation);
};

const confirms: Script = async (exchange, clock) => {
  await exchange.started(watermarkAt(clock.now()));
  const deadline = clock.now() + DEADLINE_MS;
  const question: Question = { kind: 'confirm', askedAt: clock.now(), deadline, text: 'Підпис?' };
  const answer = await exchange.ask(question);
  return answer?.kind === 'confirm' && answer.confirmed
    ? approved(exchange.operation)
    : {
        kind: 'cancelled',
        code: 'refused-by-cashier',
        terminalText: null,
        result: null,
      };
};

const sum = (amount: number, discount = 0): Answer => ({
  kind: 'adjust',
  amount: minorUnits(amount),
  discount: minorUnits(discount),
});

function answers(world: World, given: Answer, who: Principal = TILL): Promise<Done> {
  return world.settled(world.gateway.answer(who, oid('a'), given));
}

async function asking(script = asks, loyalty: object = {}): Promise<World> {
  const world = await World.boot({
    terminals: [{ id: 'till-1', loyalty: { answer: 'ask-till', basisPoints: 0, ...loyalty } }],
  });
  world.driver().scripts = [script];
  await world.purchase('a');
  await world.tick(20);
  return world;
}

test('shows the question to the till and takes its corrected sum', async () => {
  const world = await asking();
  assert.equal(world.row('a').question?.kind, 'adjust');
  assert.equal(world.row('a').message.code, 'waiting-for-adjustment');
  assert.equal(word(await answers(world, sum(12_000, 345))), 'running');
  assert.deepEqual(world.row('a').adjusted, { amount: 12_000, discount: 345 });
  const row = await world.ended('a');
  assert.equal(row.approvedAmount, 12_000);
  assert.equal(row.question, null);
});

test('goes on with the first sum when nobody answers in time', async () => {
  const world = await asking();
  const row = await world.ended('a');
  assert.equal(row.approvedAmount, 12_345);
  assert.ok(world.kinds('a').includes('unanswered'));
});

test('refuses an answer that is late, repeated, too high, or not allowed', async () => {
  const world = await asking();
  assert.equal(word(await answers(world, sum(12_346))), 'invalid-request');
  assert.equal(word(await answers(world, sum(1), AUDITOR)), 'forbidden');
  assert.equal(word(await answers(world, { kind: 'confirm', confirmed: true })), 'not-cancellable');
  assert.equal(word(await answers(world, sum(12_000))), 'running');
  assert.equal(word(await answers(world, sum(11_000))), 'not-cancellable');
  assert.equal((await world.ended('a')).approvedAmount, 12_000);
  assert.equal(word(await answers(world, sum(1))), 'not-cancellable');
});

test('takes one of two answers that come together', async () => {
  const world = await asking();
  const both = [sum(12_000), sum(11_000)].map((given) =>
    world.gateway.answer(TILL, oid('a'), given),
  );
  const words = (await world.settled(Promise.all(both))).map(word);
  assert.deepEqual(words, ['running', 'not-cancellable']);
  assert.equal((await world.ended('a')).approvedAmount, 12_000);
});

test('lets a rule of the shop answer at once', async () => {
  const kept = await asking(asks, { answer: 'keep-sum' });
  assert.equal((await kept.ended('a')).approvedAmount, 12_345);
  const reduced = await asking(asks, { answer: 'percent', basisPoints: 333 });
  const row = await reduced.ended('a');
  assert.equal(row.approvedAmount, 12_345 - 411);
  assert.equal(row.adjusted?.discount, 411);
});

test('lets the till answer again after a full disk refused its first answer', async () => {
  const world = await asking();
  world.disk.full = true;
  assert.equal(word(await answers(world, sum(12_000))), 'ledger-unavailable');
  world.disk.full = false;
  assert.equal(word(await answers(world, sum(12_000))), 'running');
  assert.equal((await world.ended('a')).approvedAmount, 12_000);
});

test('lets an answer that reached the disk first win over the deadline', async () => {
  const world = await asking();
  await world.tick(DEADLINE_MS - 21);
  const late = world.gateway.answer(TILL, oid('a'), sum(12_000));
  await world.tick(50);
  const answered = word(await world.settled(late)) === 'running';
  const row = await world.ended('a');
  assert.equal(row.approvedAmount, answered ? 12_000 : 12_345);
  assert.equal(row.adjusted !== null, answered);
});

test('goes on with the first sum when the disk takes neither question nor answer', async () => {
  const world = await World.boot();
  world.driver().scripts = [
    async (exchange, clock) => {
      await exchange.started(watermarkAt(clock.now()));
      world.disk.full = true;
      const question: Question = {
        kind: 'confirm',
        askedAt: clock.now(),
        deadline: clock.now() + DEADLINE_MS,
        text: '',
      };
      const answer = await exchange.ask(question);
      world.disk.full = false;
      assert.equal(answer, null);
      return approved(exchange.operation);
    },
  ];
  await world.purchase('a');
  assert.equal((await world.ended('a')).state, 'approved');
});

test('passes the cashier’s word on a signature to the terminal', async () => {
  const yes = await asking(confirms);
  assert.equal(yes.row('a').message.code, 'waiting-for-confirmation');
  await answers(yes, { kind: 'confirm', confirmed: true });
  assert.equal((await yes.ended('a')).state, 'approved');
  const no = await asking(confirms);
  await answers(no, { kind: 'confirm', confirmed: false });
  assert.equal((await no.ended('a')).message.code, 'refused-by-cashier');
});
