// Every route of the OpenAPI document, asked over a real socket; every answer held against it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OpenApiDocument, OpenApiOperation } from '../../app/src/http/rest/openapi.ts';
import type { NexoControl } from '../../app/src/ports/nexo-control.ts';
import { type Ask, ASKS as OPERATION_ASKS } from './contract-asks.ts';
import { SETUP_ASKS } from './contract-asks-setup.ts';
import { fakeOutbound } from './fake-outbound.ts';
import { faultsAgainst } from './json-schema.ts';
import { fakeSimulators, openTestServer, type TestServer } from './kit.ts';

const ASKS: readonly Ask[] = [...OPERATION_ASKS, ...SETUP_ASKS];
type Schema = Readonly<Record<string, unknown>>;
const NEXO: NexoControl = {
  listener: () => ({ kind: 'failed', port: 11_000, reason: 'EADDRINUSE' }),
  facade: () => ({ kind: 'open', port: 11_001 }),
  tills: () => [{ saleId: 'ECR1', poiId: 'A-POIID', style: 'light' }],
  announced: () => [{ terminal: 'till-1', address: 'http://192.168.1.9:11000' }],
};
describe('the contract', () => {
  let server: TestServer;
  let document: OpenApiDocument;
  before(async () => {
    const parts = { outbound: fakeOutbound(), nexo: NEXO };
    server = await openTestServer({ simulators: true, parts });
    const response = await server.call(null, '/v1/openapi.json');
    document = (await response.json()) as OpenApiDocument;
  });
  after(() => server.close());

  test('every route answers as the document says', async () => {
    for (const one of ASKS) await holdAgainst(server, document, one);
  });

  test('every route of the document was asked', () => {
    const asked = new Set(ASKS.map(({ route }) => route));
    const missing = operationsOf(document).filter(({ operationId }) => !asked.has(operationId));
    assert.deepEqual(
      missing.map(({ operationId }) => operationId),
      [],
    );
  });

  test('every example of the document fits its schema', () => {
    let count = 0;
    for (const operation of operationsOf(document)) {
      const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap(
        (part) => Object.values(part?.content ?? {}),
      );
      for (const { schema, example, examples } of contents) {
        const values = Object.values(examples ?? {}).map(({ value }) => value);
        for (const value of example === undefined ? values : [example, ...values]) {
          count += 1;
          const faults = faultsAgainst(schema as Schema, value, document as unknown as Schema);
          assert.deepEqual(faults, [], operation.operationId);
        }
      }
    }
    assert.ok(count > 100, `only ${count} examples`);
  });

  test('only the routes without a key are open', () => {
    const open = operationsOf(document).filter(({ security }) => security.length === 0);
    assert.deepEqual(open.map(({ operationId }) => operationId).sort(), [
      'readHealth',
      'readOpenApi',
    ]);
  });
});

test('simulators are in the API while the box has them, and not a moment longer', async () => {
  const simulators = fakeSimulators();
  let open = false;
  const parts = { simulators: () => (open ? simulators : null) };
  const server = await openTestServer({ parts });
  const paths = async (): Promise<string[]> => {
    const response = await server.call(null, '/v1/openapi.json');
    return Object.keys(((await response.json()) as OpenApiDocument).paths);
  };
  const knob = async (method: string, role: 'administrator' | null) => {
    const response = await server.send(method, role, '/v1/simulators/till-1/reset');
    return [response.status, ((await response.json()) as { code?: string }).code ?? null];
  };
  const docs = async (): Promise<boolean> =>
    (await (await server.call(null, '/docs?lang=en')).text()).includes('/v1/simulators/{id}/reset');
  const shut = async (when: string): Promise<void> => {
    assert.ok((await paths()).every((path) => !path.includes('simulators')));
    assert.equal(await docs(), false, when);
    // Nobody is told that something could be here, by whatever key and method.
    assert.deepEqual(await knob('POST', 'administrator'), [404, 'unknown-path'], when);
    assert.deepEqual(await knob('POST', null), [404, 'unknown-path'], when);
    assert.deepEqual(await knob('DELETE', 'administrator'), [404, 'unknown-path'], when);
  };
  try {
    await shut('before');
    open = true;
    assert.ok((await paths()).includes('/v1/simulators/{id}/reset'));
    assert.equal(await docs(), true);
    assert.deepEqual(await knob('POST', 'administrator'), [200, null]);
    assert.deepEqual(await knob('POST', null), [401, 'unauthenticated']);
    assert.deepEqual(await knob('DELETE', 'administrator'), [405, 'method-not-allowed']);
    open = false;
    await shut('after');
  } finally {
    await server.close();
  }
});

function operationsOf(document: OpenApiDocument): OpenApiOperation[] {
  return Object.values(document.paths).flatMap((methods) => Object.values(methods));
}

async function holdAgainst(server: TestServer, document: OpenApiDocument, one: Ask): Promise<void> {
  const name = `${one.method} ${one.path} → ${one.status}`;
  one.before?.(server);
  const response = await server.call(one.as === undefined ? 'till' : one.as, one.path, {
    method: one.method,
    headers: {
      ...(one.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...one.headers,
    },
    ...(one.body === undefined ? {} : { body: JSON.stringify(one.body) }),
  });
  const text = await response.text();
  assert.equal(response.status, one.status, `${name}: ${text}`);
  const operation = operationsOf(document).find(({ operationId }) => operationId === one.route);
  assert.ok(operation, name);
  const reply = operation.responses[String(one.status)];
  assert.ok(reply, `${name}: the document has no such status`);
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (reply.content === undefined) return assert.equal(text, '', name);
  const content = reply.content[type];
  assert.ok(content, `${name}: the document has no ${type}`);
  if (!type.endsWith('json')) return;
  const data: unknown = JSON.parse(text);
  assert.deepEqual(
    faultsAgainst(content.schema as Schema, data, document as unknown as Schema),
    [],
    name,
  );
  if (one.status < 400 || type !== 'application/problem+json') return;
  const { code, status } = data as { code: string; status: number };
  assert.equal(status, one.status, name);
  assert.ok(content.examples?.[code], `${name}: the document does not list ${code}`);
}
