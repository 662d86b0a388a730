// A nexo terminal behind the whole gateway: lost answers, crashes of ours, questions to the till.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationId } from '../../../app/src/domain/ids.ts';
import { isFinal, type Operation } from '../../../app/src/domain/operation.ts';
import type { RunningGateway } from '../../../app/src/operations/create-gateway.ts';
import { operationBodySchema } from '../../../app/src/operations/request-schema.ts';
import { driverCatalog } from '../../../app/src/terminals/registry.ts';
import { createTransport, normaliseAddress } from '../../../app/src/transport/open.ts';
import { TILL } from '../../kit/world.ts';
import { NO_LOG, RANDOM, REAL_CLOCK } from '../kit.ts';
import { until } from './kit.ts';
import { Shop } from './shop.ts';

const ID = operationId('sale-1');
const BODY = operationBodySchema.parse({ kind: 'purchase', amount: 3_800 });

function inShop(name: string, story: (shop: Shop) => Promise<void>): void {
  test(name, async () => {
    const shop = new Shop();
    try {
      await story(shop);
    } finally {
      await shop.close();
    }
  });
}

async function ended(gateway: RunningGateway): Promise<Operation> {
  const operation = await gateway.wait(TILL, ID, 8_000, AbortSignal.timeout(9_000));
  assert.ok(operation !== null && isFinal(operation.state), operation?.state);
  return operation;
}

inShop('an answer that was lost is found, and the till hears the approval', async (shop) => {
  const gateway = await shop.boot();
  shop.terminal.scripts.push({ lost: 'answer' });
  assert.equal((await gateway.start(TILL, ID, BODY)).kind, 'operation');
  const operation = await ended(gateway);
  assert.equal(operation.state, 'approved');
  assert.equal(operation.resolution?.by, 'evidence');
  const [entry] = operation.evidence?.entries ?? [];
  const reference = entry?.fields.find(({ field }) => field === 'reference');
  assert.deepEqual([reference?.ours, reference?.theirs, reference?.verdict], [ID, ID, 'equal']);
});

inShop('a crash of ours between the ledger and the request: it never happened', async (shop) => {
  const first = await shop.boot((client) => ({
    ...client,
    post: (request) =>
      Buffer.from(request.body).includes('<PaymentRequest')
        ? new Promise(() => undefined)
        : client.post(request),
  }));
  await first.start(TILL, ID, BODY);
  await until(() => first.find(TILL, ID)?.state === 'running', 'running');
  shop.powerCut();
  const second = await shop.boot();
  const operation = await ended(second);
  assert.deepEqual([operation.state, operation.message.code], ['failed', 'never-happened']);
  assert.equal(shop.terminal.journal.length, 0);
});

inShop('a crash of ours after the request left: what the terminal did is found', async (shop) => {
  const first = await shop.boot();
  shop.terminal.scripts.push({ holdMs: 600 });
  await first.start(TILL, ID, BODY);
  await until(() => shop.terminal.running !== null, 'running');
  shop.powerCut();
  const second = await shop.boot();
  assert.equal(second.find(TILL, ID)?.state, 'unknown');
  const refused = await second.start(TILL, operationId('sale-2'), BODY);
  assert.equal(refused.kind === 'refused' && refused.refusal.code, 'terminal-unresolved');
  const operation = await ended(second);
  assert.equal(operation.state, 'approved');
  assert.equal(shop.terminal.logins, 1, 'no login reset the payment');
  assert.equal(shop.terminal.journal.length, 1, 'paid once');
});

inShop('the till answers the question about a signature', async (shop) => {
  const gateway = await shop.boot();
  shop.terminal.scripts.push({ signature: true });
  await gateway.start(TILL, ID, BODY);
  await until(() => gateway.find(TILL, ID)?.question?.kind === 'confirm', 'asked');
  assert.equal(gateway.find(TILL, ID)?.message.code, 'waiting-for-confirmation');
  const answered = async (): Promise<boolean> =>
    (await gateway.answer(TILL, ID, { kind: 'confirm', confirmed: false })).kind === 'operation';
  assert.equal(await answered(), true);
  const operation = await ended(gateway);
  assert.equal(operation.state, 'reversed');
});

test('settings of a nexo terminal are checked field by field', () => {
  const catalog = driverCatalog({
    transport: createTransport(),
    clock: REAL_CLOCK,
    random: RANDOM,
    log: NO_LOG,
    timeZone: 'Europe/Stockholm',
    normaliseAddress,
  });
  const setup = {
    id: 'till-1',
    driver: 'nexo',
    address: 'http://192.168.1.51:11000',
    currency: 'SEK',
    defaultMerchant: 0,
    merchants: [],
  } as const;
  const paths = (address: string, options: Record<string, string | number>): string[] =>
    catalog.check({ ...setup, address, options }).map(({ path }) => path);
  assert.deepEqual(paths(setup.address, { poiId: 'A' }), []);
  assert.deepEqual(paths(setup.address, {}), ['options.poiId']);
  assert.deepEqual(paths('tcp://192.168.1.51:11000', { poiId: 'A' })[0], 'address');
  assert.equal(paths('http://192.168.1.51/', { poiId: 'A' }).length, 1);
  assert.deepEqual(paths(setup.address, { poiId: 'A', style: 'heavy', maintenanceFrom: '9:00' }), [
    'options.style',
  ]);
  assert.deepEqual(
    paths(setup.address, { poiId: 'A', maintenanceFrom: '25:00', language: 'swe' }),
    ['options.language'],
  );
  assert.deepEqual(paths(setup.address, { poiId: 'A', maintenanceFrom: '25:00' }), [
    'options.maintenanceFrom',
  ]);
});
