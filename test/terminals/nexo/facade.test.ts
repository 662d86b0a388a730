// The façade: a till that speaks nexo drives a terminal that does not.
import assert from 'node:assert/strict';
import type { Answer } from '../../../app/src/domain/event.ts';
import {
  approvesAfter,
  cancellable,
  declined,
  endsWith,
  losesAnswer,
  type Script,
  watermarkAt,
} from '../../kit/scripted-driver.ts';
import { ADMINISTRATOR, SUPERVISOR, VERDICT } from '../../kit/world.ts';
import { exchangeOf, uah } from '../kit.ts';
import { inHouse } from './house.ts';
import { concluded, operation, perform, run, sale, settle, until, voidOf } from './kit.ts';

inHouse('a nexo till pays at a terminal that speaks something else', async (h) => {
  const till = await h.till('light');
  const outcome = await run(till, sale(3_800));
  assert.ok(outcome.kind === 'approved', JSON.stringify(outcome));
  assert.equal(outcome.approvedAmount, 3_800);
  assert.equal(outcome.result.authCode, '611506');
  const { operations } = h.gateway.list(ADMINISTRATOR, { limit: 10 });
  assert.equal(operations.length, 1);
  assert.equal(operations[0]?.request.kind, 'purchase');
  assert.equal(operations[0]?.askedBy, 'nexo-ECR1');
});

inHouse('a declined payment is told with its condition', async (h) => {
  h.scripts(endsWith(declined()));
  const outcome = await run(await h.till('light'), sale());
  assert.equal(outcome.kind, 'declined');
});

inHouse('a payment is taken back by the number that the façade gave it', async (h) => {
  const till = await h.till('light');
  const paid = sale();
  // The ids of our operations are no receipt numbers, and need not be.
  const original = concluded(paid, await run(till, paid));
  const outcome = await run(till, voidOf(original), original);
  assert.equal(outcome.kind, 'approved', JSON.stringify(outcome));
  const states = h.gateway.list(ADMINISTRATOR, { limit: 10 }).operations.map(({ state }) => state);
  assert.deepEqual(states, ['approved', 'reversed']);
});

inHouse('a refund becomes a refund', async (h) => {
  const till = await h.till('light');
  const outcome = await run(
    till,
    operation({ kind: 'refund', amount: uah(900), of: null, rrn: '1' }),
  );
  assert.equal(outcome.kind, 'approved');
  const [row] = h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations;
  assert.equal(row?.request.kind, 'refund');
});

inHouse('an abort cancels the operation, and the payment’s own answer says so', async (h) => {
  h.scripts(cancellable());
  const till = await h.till('light');
  const exchange = exchangeOf(sale());
  const outcome = perform(till, exchange);
  await until(
    () => h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations[0]?.state === 'running',
    'running',
  );
  exchange.cancel.abort();
  const { kind, code } = await outcome;
  assert.deepEqual([kind, code], ['cancelled', 'cancelled-by-till']);
});

inHouse('texts of the terminal are called back in the default style', async (h) => {
  h.scripts(async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    exchange.display('1', 'Прикладіть картку');
    exchange.display('2', 'Введіть PIN');
    await clock.sleep(150);
    return approvesAfter(1)({ ...exchange, started: () => Promise.resolve() }, clock);
  });
  const till = await h.till('default');
  const texts: string[] = [];
  const exchange = exchangeOf(sale());
  exchange.display = (_, text) => texts.push(text);
  assert.equal((await perform(till, exchange)).kind, 'approved');
  assert.deepEqual(texts, ['Прикладіть картку', 'Введіть PIN']);
});

function asksForSignature(answers: (Answer | null)[]): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    const askedAt = clock.now();
    const answer = await exchange.ask({
      kind: 'confirm',
      askedAt,
      deadline: askedAt + 4_000,
      text: 'Підпис вірний?',
    });
    answers.push(answer);
    return approvesAfter(1)({ ...exchange, started: () => Promise.resolve() }, clock);
  };
}

inHouse('a question about a signature goes to the till of the default style', async (h) => {
  const answers: (Answer | null)[] = [];
  h.scripts(asksForSignature(answers));
  const till = await h.till('default');
  const exchange = exchangeOf(sale(), { kind: 'confirm', confirmed: false });
  await perform(till, exchange);
  assert.deepEqual(answers, [{ kind: 'confirm', confirmed: false }]);
  const [question] = exchange.questions;
  assert.ok(question?.kind === 'confirm');
  assert.equal(question.text, 'Підпис вірний?');
});

inHouse('a till of the light style looks at the signature itself', async (h) => {
  const answers: (Answer | null)[] = [];
  h.scripts(asksForSignature(answers));
  await run(await h.till('light'), sale());
  assert.deepEqual(answers, [{ kind: 'confirm', confirmed: true }]);
});

inHouse('what is not known is not told: the till asks until a person has decided', async (h) => {
  h.scripts(losesAnswer());
  const till = await h.till('light');
  const exchange = exchangeOf(sale());
  const outcome = perform(till, exchange);
  const unknown = (): boolean =>
    h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations[0]?.state === 'unknown';
  await until(unknown, 'unknown');
  exchange.end.abort(new Error('the till gave up'));
  assert.equal((await outcome).kind, 'unknown');
  const [row] = h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations;
  const before = await settle(till, exchange, 2);
  assert.equal(before.code, 'not-yet', 'unfinished, not «no»');
  await h.gateway.resolve(SUPERVISOR, row!.id, { ...VERDICT, verdict: 'declined' });
  assert.equal((await settle(till, exchange)).outcome?.kind, 'declined');
});

inHouse('a till that lost the answer finds it by its reference', async (h) => {
  h.scripts(approvesAfter(300));
  const till = await h.till('light');
  const exchange = exchangeOf(sale());
  const outcome = perform(till, exchange);
  await until(() => h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations.length === 1, 'started');
  exchange.end.abort(new Error('the line was cut'));
  assert.equal((await outcome).kind, 'unknown');
  const { outcome: found } = await settle(till, exchange);
  assert.equal(found?.kind, 'approved');
  assert.equal(h.gateway.list(ADMINISTRATOR, { limit: 9 }).operations.length, 1);
});
