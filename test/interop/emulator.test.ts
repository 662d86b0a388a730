// A terminal that shares no code and no language with us stands behind the gateway unchanged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { type Body, eventually, startGateway, temporaryFolder } from '../process/programs.ts';

test('a foreign emulator of the protocol: sale, repeat, void, refund, lost reply, settlement', async (t) => {
  const emulator = spawn('python3', ['test/interop/emulator.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: emulator.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => String((await lines.next()).value);
  const journal = async (): Promise<Body[]> => {
    emulator.stdin.write('journal\n');
    return JSON.parse(await nextLine()) as Body[];
  };
  const data = temporaryFolder();
  const gateway = await startGateway(data.path);
  t.after(async () => {
    await gateway.kill();
    emulator.kill('SIGKILL');
    data.remove();
  });
  const put = await gateway.call('PUT', '/v1/terminals/foreign', {
    driver: 'privat-json',
    address: `tcp://127.0.0.1:${await nextLine()}`,
    currency: 'UAH',
    merchants: [],
  });
  assert.ok(put.status < 300, JSON.stringify(put.body));
  await eventually(
    () => gateway.call('GET', '/v1/terminals/foreign'),
    ({ body }) => body.link === 'ready',
  );
  const run = async (id: string, body: object): Promise<Body> => {
    const path = `/v1/operations/${id}?wait=30`;
    const answer = await gateway.call('PUT', path, { terminal: 'foreign', ...body });
    assert.ok(answer.status === 200 || answer.status === 202, JSON.stringify(answer.body));
    return answer.body;
  };

  const sale = await run('sale-1', { kind: 'purchase', amount: 6_000 });
  assert.equal(sale.state, 'approved');
  assert.equal(sale.result.rrn, '500000000101');
  assert.match(sale.result.card.mask, /^4731.*9838$/);
  assert.match(sale.result.receipt.merchant, /TOTAL 60\.00 UAH/);
  assert.deepEqual(await run('sale-1', { kind: 'purchase', amount: 6_000 }), sale);
  assert.equal((await journal()).length, 1);

  const voided = await run('void-1', { kind: 'void', of: 'sale-1' });
  assert.equal(voided.state, 'approved');
  const original = await gateway.call('GET', '/v1/operations/sale-1');
  assert.equal(original.body.state, 'reversed');

  const second = await run('sale-2', { kind: 'purchase', amount: 7_050 });
  const refund = await run('refund-1', { kind: 'refund', amount: 1_000, of: second.id });
  assert.equal(refund.state, 'approved');

  const lost = await run('sale-3', { kind: 'purchase', amount: 1_299 });
  assert.equal(lost.state, 'approved', JSON.stringify(lost.message));
  assert.equal(lost.resolution.by, 'evidence');
  assert.equal(lost.approvedAmount, 1_299);
  assert.equal((await journal()).filter(({ amount }) => amount === '12.99').length, 1);

  const settlement = await run('z-1', { kind: 'settlement' });
  assert.equal(settlement.state, 'approved');
  assert.equal((await journal()).length, 0);
  const balance = await gateway.call('PUT', '/v1/operations/b-1?wait=10', {
    terminal: 'foreign',
    kind: 'balance',
  });
  assert.equal(balance.body.message.code, 'method-missing');
});
