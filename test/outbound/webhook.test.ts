import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { approvesAfter } from '../kit/scripted-driver.ts';
import {
  answers,
  cuts,
  openOtherSide,
  openShop,
  type Reply,
  type ShopOptions,
  until,
} from './shop.ts';

const SECRET = 'sixteen characters or more';
const OK: Reply = answers(204, 'text/plain', '');

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function world(replies: readonly Reply[], options: ShopOptions = {}) {
  const server = await openOtherSide(...replies);
  const hook = { name: 'crm', url: `${server.url}hook`, ...options.webhooks?.[0] };
  const secrets = { webhooks: { crm: SECRET } };
  const shop = await openShop({ ...options, webhooks: [hook], secrets });
  open.push(shop, server);
  return { shop, server };
}

function messages(server: { heard: readonly { body: string }[] }) {
  return server.heard.map(({ body }) => JSON.parse(body) as Record<string, never>);
}

test('tells each change of state, in order, signed over time and body', async () => {
  const { shop, server } = await world([OK]);
  await shop.run('p-1', { kind: 'purchase', amount: 1000 });
  await until(() => shop.items('delivered').length === 3, 'three messages');
  assert.deepEqual(
    messages(server).map(({ type }) => type),
    ['operation.accepted', 'operation.running', 'operation.approved'],
  );
  const last = server.heard.at(-1)!;
  assert.equal(last.path, '/hook');
  const [, seconds, mac] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(last.headers['tillgate-signature'])) ?? [];
  const expected = createHmac('sha256', SECRET).update(`${seconds}.${last.body}`).digest('hex');
  assert.equal(mac, expected);
  const message = messages(server).at(-1)! as unknown as {
    id: string;
    operation: { id: string; state: string; approvedAmount: number };
  };
  assert.equal(message.id, last.headers['tillgate-delivery']);
  assert.equal(message.operation.id, 'p-1');
  assert.equal(message.operation.approvedAmount, 1000);
});

test('tries again with the same id, and keeps the order of one operation', async () => {
  const { shop, server } = await world([
    answers(500, 'text/plain', 'no'),
    cuts,
    answers(301, 'text/plain', ''),
    OK,
  ]);
  await shop.run('p-1', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('delivered').length === 3, 'three messages');
  const told = messages(server).map(({ id, type }) => `${String(id)} ${String(type)}`);
  assert.deepEqual(
    told.slice(0, 4),
    Array.from({ length: 4 }, () => told[0]),
  );
  assert.equal(new Set(told).size, 3);
});

const stubborn: Reply = (response, heard) =>
  (heard.body.includes('"id":"bad"') ? answers(500, 'text/plain', '') : OK)(response, heard);

test('one operation that is not taken does not hold the others', async () => {
  const { shop } = await world([stubborn]);
  shop.driver().scripts = [approvesAfter(1)];
  await shop.run('bad', { kind: 'purchase', amount: 1 });
  await shop.run('good', { kind: 'purchase', amount: 1 });
  const done = () => shop.items('delivered').filter(({ operation }) => operation === 'good').length;
  await until(() => done() === 3, 'the good one');
  assert.equal(shop.items('waiting').length, 3);
});

test('tells only the states that were asked for', async () => {
  const { shop, server } = await world([OK], {
    webhooks: [{ states: ['approved', 'unknown'] }],
  });
  await shop.run('p-1', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('delivered').length === 1, 'one message');
  assert.deepEqual(
    messages(server).map(({ type }) => type),
    ['operation.approved'],
  );
});

test('parks what nobody wants any more, and what its receiver said was gone', async () => {
  const { shop } = await world([answers(410, 'text/plain', 'moved')], {
    webhooks: [{ states: ['approved'] }],
  });
  await shop.run('p-1', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('parked').length === 1, 'parked');
  assert.match(shop.items('parked')[0]?.lastError ?? '', /HTTP 410: moved/);
});

test('waits while it has no secret, and goes on when it gets one', async () => {
  const { shop, server } = await world([OK], { webhooks: [{ states: ['approved'] }] });
  await shop.secrets.change((draft) => {
    draft.webhooks = {};
  });
  await shop.run('p-1', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('waiting')[0]?.lastError !== null, 'a try');
  assert.equal(server.heard.length, 0);
  await shop.secrets.change((draft) => {
    draft.webhooks = { crm: SECRET };
  });
  await until(() => shop.items('delivered').length === 1, 'delivered');
});
