import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../app/src/operations/gateway.ts';
import { settingsChanger, viewSettings } from '../../app/src/operations/change-settings.ts';
import type { SettingsPatch } from '../../app/src/operations/settings-patch.ts';
import { MemorySecrets } from '../kit/memory-secrets.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';

const ADMINISTRATOR: Principal = {
  name: 'owner',
  role: 'administrator',
  limits: { terminals: null, kinds: null, amountMax: null },
};
const OLD = { enabled: true, url: 'http://old.lan/', user: 'pos' };
const CRM = { name: 'crm', url: 'https://crm.example/old' };
const [OLD_SECRET, NEW_SECRET] = ['old-secret-old-secret', 'new-secret-new-secret'];

function open(settings: unknown = {}, secrets: unknown = {}) {
  const stores = {
    settings: new MemorySettings(settings),
    secrets: new MemorySecrets(secrets),
    log: new QuietLog(),
  };
  const change = settingsChanger(stores);
  const ask = (patch: SettingsPatch) => change(ADMINISTRATOR, patch);
  const faults = async (patch: SettingsPatch): Promise<string[]> => {
    const changed = await ask(patch);
    assert.equal(changed.kind, 'refused');
    const errors = changed.kind === 'refused' ? changed.refusal.facts['errors'] : [];
    return (errors as { path: string }[]).map(({ path }) => path);
  };
  return { ...stores, change, ask, faults };
}

function told(): ReturnType<typeof open> {
  return open(
    { registration: OLD, webhooks: [CRM] },
    { registration: { password: 'old' }, webhooks: { crm: OLD_SECRET } },
  );
}

/** Where what would go, as a delivery sees it: after each write and in its listeners. */
function sends({ settings, secrets }: ReturnType<typeof open>): string[] {
  const { registration, webhooks } = settings.current();
  const hidden = secrets.current();
  const server =
    registration.enabled && registration.url !== undefined
      ? [`${registration.user}:${hidden.registration.password}@${registration.url}`]
      : [];
  const hooks = webhooks
    .filter(({ name }) => hidden.webhooks[name] !== undefined)
    .map(({ name, url }) => `${hidden.webhooks[name]} ${url}`);
  return [...server, ...hooks];
}

const MOVE = {
  registration: { url: 'http://new.lan/', user: 'till' },
  webhooks: [{ ...CRM, url: 'https://crm.example/new' }],
  secrets: { registration: { password: 'new' }, webhooks: { crm: NEW_SECRET } },
};
const GOOD = [
  'pos:old@http://old.lan/',
  `${OLD_SECRET} https://crm.example/old`,
  'till:new@http://new.lan/',
  `${NEW_SECRET} https://crm.example/new`,
];

test('no moment of a change has a password for another server, or another secret', async () => {
  const box = told();
  const seen: string[][] = [];
  box.settings.onChange(() => seen.push(sends(box)));
  box.secrets.onChange(() => seen.push(sends(box)));
  assert.equal((await box.ask(MOVE)).kind, 'changed');
  assert.deepEqual(sends(box), GOOD.slice(2));
  assert.ok(seen.length >= 4, 'each write was seen');
  for (const one of seen.flat()) assert.ok(GOOD.includes(one), one);
});

test('a power cut before any of the writes leaves nothing that sends wrongly', async () => {
  for (let cut = 1; cut <= 4; cut += 1) {
    const box = told();
    let writes = 0;
    const durable = async (): Promise<void> => {
      writes += 1;
      if (writes >= cut) throw new Error('the power is gone');
    };
    box.settings.durable = durable;
    box.secrets.durable = durable;
    await assert.rejects(box.ask(MOVE), /power/);
    for (const one of sends(box)) assert.ok(GOOD.includes(one), `${one} after cut ${cut}`);
    assert.equal(box.settings.current().registration.enabled, true);
  }
});

test('a failed write of the secrets leaves the old server with its old password', async () => {
  const box = told();
  box.secrets.durable = () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(box.ask(MOVE), /disk/);
  assert.deepEqual(sends(box), GOOD.slice(0, 2));
});

test('a new password for the same server never takes its address away', async () => {
  const box = told();
  box.settings.onChange(() => assert.fail('the settings are as they were'));
  await box.ask({ secrets: { registration: { password: 'new' } } });
  assert.equal(sends(box)[0], 'pos:new@http://old.lan/');
});

test('the stored password is not sent to another server unless somebody says so', async () => {
  const box = told();
  const patch = { registration: { url: 'http://thief.example/' } };
  assert.deepEqual(await box.faults(patch), ['secrets.registration.password']);
  const path = { registration: { url: 'http://old.lan/other/ws/pos.1cws' } };
  assert.equal((await box.ask(path)).kind, 'changed');
  const said = { ...patch, secrets: { registration: { password: null } } };
  assert.equal((await box.ask(said)).kind, 'changed');
  assert.equal(sends(box)[0], 'pos:@http://thief.example/');
});

test('names each field that would work for nobody, and changes nothing', async () => {
  const box = told();
  const before = [box.settings.current(), box.secrets.current()];
  const cases: readonly [SettingsPatch, string[]][] = [
    [{ shop: { timeZone: 'Mars/Olympus' } }, ['shop.timeZone']],
    [{ http: { origins: ['https://a.example', 'https://b.example/'] } }, ['http.origins.1']],
    [{ soap: { defaultTerminal: 'nowhere' } }, ['soap.defaultTerminal']],
    [{ registration: { url: null } }, ['registration.url']],
    [{ registration: { authority: 'no PEM' } }, ['registration.authority']],
    [{ registration: { timeoutMs: 1 } }, ['registration.timeoutMs']],
    [{ webhooks: [CRM, { ...CRM, name: 'new' }] }, ['secrets.webhooks.new']],
    [{ webhooks: [CRM, CRM] }, ['webhooks']],
    [{ secrets: { webhooks: { nobody: NEW_SECRET } } }, ['secrets.webhooks.nobody']],
    [{ secrets: { webhooks: { crm: 'short' } } }, ['secrets.webhooks.crm']],
    [{ secrets: { webhooks: { crm: null } } }, ['secrets.webhooks.crm']],
  ];
  for (const [patch, paths] of cases) {
    assert.deepEqual(await box.faults(patch), paths, JSON.stringify(patch));
  }
  assert.deepEqual([box.settings.current(), box.secrets.current()], before);
});

test('what an older file has wrong does not stop a change of something else', async () => {
  const box = open({ registration: { enabled: true }, webhooks: [CRM] });
  assert.equal((await box.ask({ shop: { name: 'Kiosk' } })).kind, 'changed');
  assert.equal(box.settings.current().shop.name, 'Kiosk');
});

test('a webhook that goes takes its secret along; the others keep theirs', async () => {
  const box = told();
  const erp = { name: 'erp', url: 'https://erp.example/' };
  await box.ask({ webhooks: [CRM, erp], secrets: { webhooks: { erp: NEW_SECRET } } });
  await box.ask({ webhooks: [erp] });
  assert.deepEqual(box.secrets.current().webhooks, { erp: NEW_SECRET });
});

test('null goes back to the default, and terminals stay as they are', async () => {
  const terminals = [{ id: 'till-1', driver: 'x', address: 'tcp://127.0.0.1:1' }];
  const box = open({ terminals, shop: { name: 'Kiosk', language: 'en' }, registration: OLD });
  await box.ask({ shop: { language: null }, registration: null });
  const { shop, registration } = box.settings.current();
  assert.deepEqual([shop.name, shop.language], ['Kiosk', 'uk']);
  assert.deepEqual([registration.enabled, registration.url], [false, undefined]);
  assert.equal(box.settings.current().terminals[0]?.id, 'till-1');
});

test('null is none where the field can be none', async () => {
  const box = open();
  await box.ask({ nexo: { listenPort: null } });
  assert.equal(box.settings.current().nexo.listenPort, null);
  await box.ask({ nexo: null });
  assert.equal(box.settings.current().nexo.listenPort, 11_000);
});

test('shows which secrets are set, and none of them', async () => {
  const box = told();
  await box.ask({ webhooks: [CRM, { ...CRM, name: 'later', disabled: true }] });
  const view = viewSettings(box);
  assert.deepEqual(view.secrets, {
    registration: { password: true },
    webhooks: { crm: true, later: false },
  });
  assert.ok(!JSON.stringify(view).includes('old-secret'));
  assert.ok(!JSON.stringify(box.log).includes('old-secret'));
});

test('two changes at once do not mix', async () => {
  const box = told();
  const other = structuredClone(MOVE);
  other.registration.url = 'http://third.lan/';
  other.secrets.registration.password = 'third';
  await Promise.all([box.ask(MOVE), box.ask(other)]);
  assert.equal(sends(box)[0], 'till:third@http://third.lan/');
});

test('nobody but an administrator changes settings', async () => {
  const box = told();
  for (const role of ['supervisor', 'till', 'auditor'] as const) {
    const changed = await box.change({ ...ADMINISTRATOR, role }, { shop: { name: 'x' } });
    assert.equal(changed.kind === 'refused' && changed.refusal.code, 'forbidden');
  }
});
