// What administrators do over REST is in the audit chain: who, from where, before, after, no secret.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { OpenApiDocument } from '../../app/src/http/rest/openapi.ts';
import type { AuditEntry } from '../../app/src/ports/accounts.ts';
import { type AccountsDatabase, openAccounts } from '../../app/src/storage/accounts.ts';
import { fakeOutbound } from './fake-outbound.ts';
import { openTestServer, type TestServer } from './kit.ts';

const TERMINAL = { name: 'Hall', driver: 'fake', address: 'tcp://10.0.0.9:1' };
const PASSWORD = 'pass-word-of-1c';
const HOOK_SECRET = 'sixteen-letters-';

/** Acts of tills are in the ledger; simulated terminals and a look at a WSDL change nothing here. */
const NOT_ADMINISTRATIVE =
  /^(?:(?:start|create|cancel|adjust|answer)Operation|probeRegistration|.*[Ss]imulator.*)$/;

let folder: string;
let database: AccountsDatabase;
let server: TestServer;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillgate-audit-'));
  database = openAccounts(folder);
  const parts = { audit: database.audit, outbound: fakeOutbound() };
  server = await openTestServer({ simulators: true, parts });
});
after(async () => {
  await server.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function entries(): readonly AuditEntry[] {
  return database.audit.entries({ limit: 1_000 }).toReversed();
}

/** What one request added to the chain. */
async function added(
  method: string,
  path: string,
  body?: unknown,
  role: 'administrator' | 'supervisor' | 'till' = 'administrator',
): Promise<{ status: number; acts: readonly AuditEntry[] }> {
  const count = entries().length;
  const { status } = await server.send(method, role, path, body);
  return { status, acts: entries().slice(count) };
}

/** `operationId` → a request that must leave exactly this act. */
const ACTS = [
  ['putTerminal', 'PUT', '/v1/terminals/till-9', TERMINAL, 'terminal-add', 'terminal till-9'],
  [
    'putTerminal',
    'PUT',
    '/v1/terminals/till-9',
    { ...TERMINAL, name: 'Bar' },
    'terminal-change',
    'terminal till-9',
  ],
  [
    'testTerminal',
    'POST',
    '/v1/terminals/till-9/test',
    undefined,
    'terminal-test',
    'terminal till-9',
  ],
  [
    'removeTerminal',
    'DELETE',
    '/v1/terminals/till-9',
    undefined,
    'terminal-remove',
    'terminal till-9',
  ],
  ['changeSettings', 'PATCH', '/v1/settings', { shop: { name: 'A' } }, 'settings-change', 'shop'],
  ['addKey', 'POST', '/v1/keys', { name: 'stamp', role: 'till' }, 'key-add', 'key stamp'],
  ['removeKey', 'DELETE', '/v1/keys/stamp', undefined, 'key-revoke', 'key stamp'],
  ['replayOutboxItem', 'POST', '/v1/outbox/7/replay', undefined, 'message-replay', 'message 7'],
  ['testRegistration', 'POST', '/v1/registration/test', {}, 'registration-test', 'registration'],
  [
    'resolveOperation',
    'POST',
    '/v1/operations/riddle/resolve',
    { verdict: 'failed', name: 'Olena', reason: 'no slip' },
    'resolve',
    'operation riddle',
  ],
] as const;

describe('the audit of REST', () => {
  test('every administrative request leaves one act, with who and from where', async () => {
    await server.send('PUT', 'till', '/v1/operations/riddle', {
      kind: 'purchase',
      terminal: 'till-1',
      amount: 100,
    });
    server.gateway.lose('riddle');
    for (const [route, method, path, body, act, object] of ACTS) {
      const { status, acts } = await added(method, path, body);
      assert.ok(status < 300, `${route}: ${status}`);
      assert.deepEqual(
        acts.map((one) => [one.act, one.object, one.who]),
        [[act, object, 'key:administrator-key']],
        route,
      );
      assert.match(acts[0]?.from ?? '', /127\.0\.0\.1$/);
    }
    assert.equal(database.audit.verify().kind, 'whole');
  });

  test('no route that changes something is forgotten', async () => {
    const response = await server.call(null, '/v1/openapi.json');
    const { paths } = (await response.json()) as OpenApiDocument;
    const changing = Object.values(paths).flatMap((methods) =>
      Object.entries(methods as Record<string, { operationId: string }>)
        .filter(([method]) => method !== 'get')
        .map(([, { operationId }]) => operationId),
    );
    const asked = new Set<string>(ACTS.map(([route]) => route));
    const forgotten = changing.filter((id) => !asked.has(id) && !NOT_ADMINISTRATIVE.test(id));
    assert.deepEqual(forgotten, []);
    assert.deepEqual(
      ACTS.map(([route]) => route).filter((route) => !changing.includes(route)),
      [],
    );
  });

  test('says what was before and after', async () => {
    await added('PUT', '/v1/terminals/till-8', TERMINAL);
    const changed = await added('PUT', '/v1/terminals/till-8', { ...TERMINAL, name: 'Bar' });
    assert.deepEqual(
      [changed.acts[0]?.before?.['name'], changed.acts[0]?.after?.['name']],
      ['Hall', 'Bar'],
    );
    const gone = await added('DELETE', '/v1/terminals/till-8');
    assert.deepEqual([gone.acts[0]?.before?.['name'], gone.acts[0]?.after], ['Bar', null]);
    const shop = await added('PATCH', '/v1/settings', {
      settlement: { enabled: true, at: '21:15' },
    });
    const [old, now] = [shop.acts[0]?.before, shop.acts[0]?.after].map(
      (one) => (one?.['settlement'] as { at: string } | undefined)?.at,
    );
    assert.deepEqual([old, now], ['23:30', '21:15']);
    assert.deepEqual(Object.keys(shop.acts[0]?.after ?? {}), ['settlement']);
  });

  test('tells that a secret was set, never which', async () => {
    const { acts } = await added('PATCH', '/v1/settings', {
      registration: { enabled: true, url: 'https://server.lan', user: 'pos' },
      webhooks: [{ name: 'crm', url: 'https://crm.example/' }],
      secrets: { registration: { password: PASSWORD }, webhooks: { crm: HOOK_SECRET } },
    });
    assert.deepEqual(acts[0]?.after?.['secretsSet'], ['registration.password', 'webhooks.crm']);
    const made = await server.send('POST', 'administrator', '/v1/keys', {
      name: 'quiet',
      role: 'till',
    });
    const { secret } = (await made.json()) as { secret: string };
    const text = JSON.stringify(entries());
    for (const hidden of [PASSWORD, HOOK_SECRET, secret, 'sha256$']) {
      assert.ok(!text.includes(hidden));
    }
  });

  test('what was refused, or is no act of an administrator, leaves nothing', async () => {
    const asks = [
      ['PATCH', '/v1/settings', { shop: { language: 'de' } }, 'administrator'],
      ['PATCH', '/v1/settings', { shop: { name: 'X' } }, 'supervisor'],
      ['DELETE', '/v1/keys/nobody', undefined, 'administrator'],
      ['DELETE', '/v1/keys/administrator-key', undefined, 'administrator'],
      ['DELETE', '/v1/terminals/nowhere', undefined, 'administrator'],
      ['POST', '/v1/outbox/8/replay', undefined, 'administrator'],
      ['PUT', '/v1/operations/sale', { kind: 'purchase', terminal: 'till-1', amount: 1 }, 'till'],
      [
        'POST',
        '/v1/operations/sale/resolve',
        { verdict: 'failed', name: 'O', reason: 'not unknown' },
        'supervisor',
      ],
    ] as const;
    for (const [method, path, body, role] of asks) {
      const { acts } = await added(method, path, body, role);
      assert.deepEqual(acts, [], `${method} ${path}`);
    }
  });
});

test('the schedule is a setting like the others, with its faults at their fields', async () => {
  const wrong = await server.send('PATCH', 'administrator', '/v1/settings', {
    settlement: { at: '24:00', terminals: [] },
  });
  assert.equal(wrong.status, 400);
  assert.deepEqual((await faultyFields(wrong)).sort(), ['settlement.at', 'settlement.terminals']);
  const strange = await server.send('PATCH', 'administrator', '/v1/settings', {
    settlement: { terminals: ['nowhere'] },
  });
  assert.deepEqual(await faultyFields(strange), ['settlement.terminals.0']);
  const all = await server.send('PATCH', 'administrator', '/v1/settings', {
    settlement: { enabled: true, at: '04:05', terminals: null },
  });
  const { settlement } = (await all.json()) as { settlement: unknown };
  assert.deepEqual(settlement, { enabled: true, at: '04:05', terminals: null, perMerchant: false });
});

async function faultyFields(response: Response): Promise<string[]> {
  const { errors } = (await response.json()) as { errors: { path: string }[] };
  return errors.map(({ path }) => path);
}
