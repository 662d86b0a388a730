// Operations as the literal requests of the specification.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as vectors from '../../vectors/privat-json.ts';
import { exchangeOf, operationOf, type Script, uah } from '../kit.ts';
import { service, worldOf } from './scripted.ts';

test('requests are written as the specification shows them', async () => {
  const { driver, on, run } = await worldOf();
  const seen: string[] = [];
  const refuse: Script = (frame, link) => {
    seen.push(frame);
    link.send(service('deviceBusy'));
  };
  for (const name of ['Refund', 'Withdrawal', 'ServicePbP', 'ServiceGeneric']) on[name] = refuse;
  await run(
    exchangeOf(operationOf({ kind: 'refund', amount: uah(30), of: null, rrn: '014721258513' })),
  );
  await run(exchangeOf(operationOf({ kind: 'void', of: null, invoice: '131220' })));
  await run(
    exchangeOf(operationOf({ kind: 'instalment', product: 'pbp', parts: 6, amount: uah(30) })),
  );
  const parameters = { param: '6', srvNum: '046', merchantId: '6' };
  await run(
    exchangeOf(operationOf({ kind: 'service', service: 'generic', amount: uah(1), parameters })),
  );
  assert.deepEqual(
    seen.map((frame) => JSON.parse(frame) as unknown),
    [
      vectors.REFUND_REQUEST,
      vectors.WITHDRAWAL_REQUEST,
      vectors.INSTALMENT_REQUEST,
      vectors.GENERIC_REQUEST,
    ].map((text) => JSON.parse(text) as unknown),
  );
  await driver.stop();
});

const refund = (amount: number, product: string | null) =>
  operationOf({
    kind: 'instalment-refund',
    amount: uah(amount),
    product,
    agreement: 'A1',
    of: null,
  });

test('an instalment is given back whole or in part by methods of their own', async () => {
  const { driver, on, run } = await worldOf();
  const seen: string[] = [];
  for (const name of ['ServiceRefPbP', 'ServicePartlyRefPbP', 'ServicePartlyRefPbI']) {
    on[name] = (_frame, link) => {
      seen.push(name);
      link.send(service('deviceBusy'));
    };
  }
  const sold = operationOf(
    { kind: 'instalment', product: 'pbp', parts: 6, amount: uah(30) },
    { approvedAmount: uah(30) },
  );
  await run(exchangeOf(refund(30, null), null, sold));
  await run(exchangeOf(refund(10, null), null, sold));
  await run(exchangeOf(refund(10, 'instant-partly')));
  assert.deepEqual(seen, ['ServiceRefPbP', 'ServicePartlyRefPbP', 'ServicePartlyRefPbI']);
  await driver.stop();
});

test('the older name of a completion is tried where the newer one is missing', async () => {
  const { driver, on, run } = await worldOf();
  const held = operationOf(
    { kind: 'preauthorization', amount: uah(100) },
    { approvedAmount: uah(100) },
  );
  on['SaleCompletion'] = (_frame, link) => link.send(service('methodNotImplemented'));
  on['SaleCompleteon'] = (frame, link) => {
    assert.ok(frame.includes('"amount":"1.00","addamount":"0.60","approvalCode":"611506"'));
    link.send(vectors.PURCHASE_REPLY.replace('"Purchase"', '"SaleCompleteon"'));
  };
  const completion = operationOf({
    kind: 'completion',
    amount: uah(60),
    of: null,
    rrn: null,
    authCode: '611506',
    held: null,
  });
  assert.equal((await run(exchangeOf(completion, null, held))).kind, 'approved');
  await driver.stop();
});
