// The setting `certification` opens and closes the simulated terminals while the gateway runs.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { administrator, type Box, boxFor, type Visitor } from './keeping-stage.ts';

type Body = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly body: Body;
}

test('certification is switched by page, file and REST, and disturbs no payment', async (t) => {
  const box = await boxFor(t, null, false);
  const visitor = await administrator(box);
  const key = await makeKey(visitor);
  const rest = (method: string, path: string, body?: unknown) => ask(box, key, method, path, body);
  const simulators = async () => (await rest('GET', '/v1/simulators')).status;
  const terminal = { driver: 'privat-json', address: 'sim://privat-json', currency: 'UAH' };

  await t.test('a shop has no simulated terminals, by any way in', async () => {
    assert.equal(await simulators(), 404);
    assert.equal((await rest('PUT', '/v1/terminals/till-1', terminal)).status, 400);
    assert.equal((await visitor.get('/admin/terminals/till-1/virtual')).status, 404);
  });

  await t.test('the page opens them at once, and the chain has it', async () => {
    const path = '/admin/integration/certification';
    const { status, to } = await visitor.post(path, { certification: 'yes' });
    assert.deepEqual([status, to], [303, '/admin/integration?done=saved']);
    assert.equal(await simulators(), 200);
    assert.equal((await rest('PUT', '/v1/terminals/till-1', terminal)).status, 201);
    assert.equal((await visitor.get('/admin/terminals/till-1/virtual')).status, 200);
    assert.match((await visitor.get('/admin/audit')).text, /changed certification mode/);
  });

  await t.test('the file closes them under a payment that goes on to its end', async () => {
    await until('a link', async () => (await link()) === 'ready');
    await rest('POST', '/v1/simulators/till-1/settings', { answerAfterMs: 3_000 });
    const sale = { kind: 'purchase', amount: 100 };
    const paid = rest('PUT', '/v1/operations/sale-1?wait=20', sale);
    await until('a running payment', async () => (await link()) === 'busy');
    const since = (await rest('GET', '/v1/terminals/till-1')).body['since'];
    const file = join(box.folder, 'settings.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as Body;
    writeFileSync(file, JSON.stringify({ ...settings, certification: false }));
    await until('closed routes', async () => (await simulators()) === 404);
    const knob = await rest('POST', '/v1/simulators/till-1/cancel');
    assert.deepEqual([knob.status, knob.body['code']], [404, 'unknown-path']);
    assert.equal((await visitor.get('/admin/terminals/till-1/virtual')).status, 404);
    assert.equal((await paid).body['state'], 'approved');
    const after = await rest('GET', '/v1/terminals/till-1');
    assert.deepEqual([after.body['link'], after.body['since']], ['ready', since]);
    const second = await rest('PUT', '/v1/terminals/till-2', terminal);
    assert.equal(second.status, 400);
  });

  await t.test('REST opens them again', async () => {
    const changed = await rest('PATCH', '/v1/settings', { certification: true });
    assert.equal(changed.status, 200);
    const { status, body } = await rest('GET', '/v1/simulators');
    assert.deepEqual([status, (body['simulators'] as unknown[]).length], [200, 1]);
  });

  async function link(): Promise<unknown> {
    return (await rest('GET', '/v1/terminals/till-1')).body['link'];
  }
});

async function makeKey(visitor: Visitor): Promise<string> {
  await visitor.post('/admin/integration/keys', { keyName: 'maker', role: 'administrator' });
  const { text } = await visitor.get('/admin/integration');
  return /id="new-key">([^<]+)</.exec(text)?.[1]?.trim() ?? '';
}

async function ask(
  box: Box,
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`${box.base()}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(25_000),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not in 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
