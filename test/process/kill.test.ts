// Pull the plug at any moment: afterwards each operation is found in the state that is true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Body,
  eventually,
  type Gateway,
  startGateway,
  startTerminal,
  temporaryFolder,
} from './programs.ts';

const AMOUNT = 4_711;
const BODY = { kind: 'purchase', terminal: 'shop', amount: AMOUNT };

async function setUp(gateway: Gateway, address: string): Promise<void> {
  const put = await gateway.call('PUT', '/v1/terminals/shop', {
    driver: 'privat-json',
    address,
    currency: 'UAH',
    merchants: [],
  });
  assert.ok(put.status < 300, JSON.stringify(put.body));
  await eventually(
    () => gateway.call('GET', '/v1/terminals/shop'),
    ({ body }) => body.link === 'ready',
  );
}

/** Where in the sale the plug is pulled. */
const MOMENTS: readonly (readonly [string, (gateway: Gateway) => Promise<unknown>])[] = [
  ['as soon as the sale is accepted', async () => undefined],
  ['when the sale is running', (gateway) => inState(gateway, 'running')],
  ['when the customer is asked for the card', (gateway) => afterDisplay(gateway, 1)],
  ['when the bank is being asked', (gateway) => afterDisplay(gateway, 3)],
  ['right after the terminal has answered', (gateway) => inState(gateway, 'approved')],
];

for (const [moment, until] of MOMENTS) {
  test(`kill -9 ${moment}: the ledger and the terminal's journal agree afterwards`, async () => {
    const data = temporaryFolder();
    const journal = temporaryFolder();
    const terminal = await startTerminal(journal.path, 'sim://privat-json?answerAfterMs=2500');
    let gateway = await startGateway(data.path);
    try {
      await setUp(gateway, terminal.address);
      const accepted = await gateway.call('PUT', '/v1/operations/sale-1', BODY);
      assert.equal(accepted.status, 202);
      await until(gateway);
      await gateway.kill();

      gateway = await startGateway(data.path);
      const { body: ended } = await eventually(
        () => gateway.call('GET', '/v1/operations/sale-1'),
        ({ body }) => body.final === true || body.message.code.startsWith('evidence-'),
      );
      const sales = (await terminal.journal()).filter((entry) => amountOf(entry) === AMOUNT);
      assert.ok(sales.length <= 1, 'the terminal was asked twice');
      if (ended.state === 'unknown') {
        // An empty batch proves nothing: the law leaves this to a person.
        assert.equal(ended.message.code, 'evidence-journal-empty');
        assert.equal(sales.length, 0);
      } else {
        assert.equal(ended.state, sales.length === 1 ? 'approved' : 'failed');
      }
      const again = await gateway.call('PUT', '/v1/operations/sale-1?wait=5', BODY);
      assert.equal(again.body.state, ended.state);
      assert.equal((await terminal.journal()).length, sales.length);
    } finally {
      await gateway.kill();
      await terminal.kill();
      data.remove();
      journal.remove();
    }
  });
}

test('the reply is lost after the approval: evidence decides without anybody', async () => {
  const data = temporaryFolder();
  const journal = temporaryFolder();
  const terminal = await startTerminal(journal.path, 'sim://privat-json?answerAfterMs=200');
  const gateway = await startGateway(data.path);
  try {
    await setUp(gateway, terminal.address);
    terminal.command('fault reply-lost-link-closed');
    const first = await gateway.call('PUT', '/v1/operations/sale-1?wait=30', BODY);
    assert.equal(first.body.state, 'approved');
    assert.equal(first.body.resolution.by, 'evidence');
    assert.equal((await terminal.journal()).length, 1);
  } finally {
    await gateway.kill();
    await terminal.kill();
    data.remove();
    journal.remove();
  }
});

test('the terminal process dies in a sale: the gate is shut until it can be asked again', async () => {
  const data = temporaryFolder();
  const journal = temporaryFolder();
  let terminal = await startTerminal(journal.path, 'sim://privat-json?answerAfterMs=200');
  const port = Number(new URL(terminal.address.replace('tcp:', 'http:')).port);
  const gateway = await startGateway(data.path);
  try {
    await setUp(gateway, terminal.address);
    const before = await gateway.call('PUT', '/v1/operations/sale-0?wait=30', BODY);
    assert.equal(before.body.state, 'approved');
    terminal.command('answer 3000');
    await gateway.call('PUT', '/v1/operations/sale-1', BODY);
    await inState(gateway, 'running');
    await terminal.kill();
    await inState(gateway, 'unknown');
    const refused = await gateway.call('PUT', '/v1/operations/sale-2', BODY);
    assert.equal(refused.status, 409);
    assert.equal(refused.body.code, 'terminal-unresolved');
    assert.equal(refused.body.operation, 'sale-1');

    terminal = await startTerminal(journal.path, 'sim://privat-json?answerAfterMs=200', port);
    const { body: ended } = await eventually(
      () => gateway.call('GET', '/v1/operations/sale-1'),
      ({ body }) => body.final === true,
    );
    assert.equal(ended.state, 'failed');
    assert.equal(ended.resolution.by, 'evidence');
    const next = await gateway.call('PUT', '/v1/operations/sale-2?wait=30', BODY);
    assert.equal(next.body.state, 'approved');
  } finally {
    await gateway.kill();
    await terminal.kill();
    data.remove();
    journal.remove();
  }
});

function amountOf(entry: Body): number {
  return Number(entry.amount);
}

async function inState(gateway: Gateway, state: string): Promise<void> {
  await eventually(
    () => gateway.call('GET', '/v1/operations/sale-1'),
    ({ body }) => body.state === state,
  );
}

/** After so many live texts of the terminal. */
async function afterDisplay(gateway: Gateway, count: number): Promise<void> {
  const response = await fetch(`${gateway.base}/v1/operations/sale-1/events`, {
    headers: { authorization: `Bearer ${gateway.key}`, accept: 'text/event-stream' },
    signal: AbortSignal.timeout(30_000),
  });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('no event stream');
  let text = '';
  while ((text.match(/^event: display$/gm)?.length ?? 0) < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString('utf8');
  }
  await reader.cancel();
}
