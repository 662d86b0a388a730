import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { HELP, run } from '../../app/src/cli/run.ts';
import { findKey } from '../../app/src/operations/keys.ts';
import { secretsForm } from '../../app/src/operations/document-forms.ts';
import { secretsSchema } from '../../app/src/operations/settings-schema.ts';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { ledgerFolder } from '../../app/src/storage/data-folder.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { openSettings } from '../../app/src/storage/settings.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { clock, folderFor, ledgerFor, NOON, sell } from '../storage/helpers.ts';

test('verifies a whole ledger beside its writer', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  for (const id of ['a', 'b', 'c']) await sell(ledger, id);
  const { code, out } = await tillgate(folder, 'ledger', 'verify');
  assert.deepEqual(out, ['events: 9', 'operations: 3', 'the ledger is whole']);
  assert.equal(code, 0);
});

test('names the first event whose hash does not fit', async (t) => {
  const folder = await soldLedger(t);
  tamper(folder, `UPDATE events SET body = replace(body, '12345', '12346') WHERE seq = 4`);
  const { code, out } = await tillgate(folder, 'ledger', 'verify');
  assert.equal(code, 1);
  assert.match(out.at(-1) ?? '', /first broken event: 4 \(its hash does not fit\)/);
});

test('sees an event that was cut out of the chain', async (t) => {
  const folder = await soldLedger(t);
  tamper(folder, 'DELETE FROM events WHERE seq = 5');
  const { code, out } = await tillgate(folder, 'ledger', 'verify');
  assert.equal(code, 1);
  assert.match(out.at(-1) ?? '', /first broken event: 6/);
});

test('sees a row that is not what its events lead to', async (t) => {
  for (const sql of [
    `UPDATE operations SET row = replace(row, '"approved"', '"declined"') WHERE id = 'b'`,
    `UPDATE operations SET state = 'declined' WHERE id = 'b'`,
  ]) {
    const folder = await soldLedger(t);
    tamper(folder, sql);
    const { code, out } = await tillgate(folder, 'ledger', 'verify');
    assert.equal(code, 1);
    assert.match(out.at(-1) ?? '', /first broken event: 6 \(the row of b /);
  }
});

test('sees a row that is missing', async (t) => {
  const folder = await soldLedger(t);
  tamper(folder, `DELETE FROM operations WHERE id = 'b'`);
  const { code, out } = await tillgate(folder, 'ledger', 'verify');
  assert.equal(code, 1);
  assert.match(out.at(-1) ?? '', /first broken event: 4 \(operation b has no row\)/);
});

test('exports events as lines of JSON, of a period where asked', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  await sell(ledger, 'old', { at: NOON - 86_400_000 });
  await sell(ledger, 'new');
  const all = await tillgate(folder, 'ledger', 'export');
  assert.deepEqual(
    all.out.map((line) => JSON.parse(line).seq),
    [1, 2, 3, 4, 5, 6],
  );
  const from = new Date(NOON).toISOString();
  const late = await tillgate(folder, 'ledger', 'export', '--from', from);
  assert.deepEqual(
    late.out.map((line) => JSON.parse(line).operation),
    ['new', 'new', 'new'],
  );
  const early = await tillgate(folder, 'ledger', 'export', '--to', from);
  assert.equal(early.out.length, 3);
  assert.equal((await tillgate(folder, 'ledger', 'export', '--from', 'yesterday')).code, 2);
});

test('copies a ledger that is being written, and overwrites nothing', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  await sell(ledger, 'a');
  const target = join(folderFor(t), 'ledger.db');
  assert.equal((await tillgate(folder, 'ledger', 'backup', target)).code, 0);
  const copy = openForReading(join(target, '..'));
  assert.deepEqual(verifyLedger(copy), { events: 3, operations: 1, broken: null });
  copy.close();
  assert.equal(statSync(target).mode & 0o777, 0o600);
  const again = await tillgate(folder, 'ledger', 'backup', target);
  assert.equal(again.code, 1);
  assert.match(again.complaints.join(), /exists already/);
});

test('says plainly that there is no ledger, and makes none', async (t) => {
  const folder = folderFor(t);
  const { code, complaints } = await tillgate(folder, 'ledger', 'verify');
  assert.equal(code, 1);
  assert.match(complaints.join(), /there is no ledger/);
  assert.equal(existsSync(ledgerFolder(folder)), false);
});

test('makes a key whose secret works and is kept nowhere', async (t) => {
  const folder = folderFor(t);
  const args = ['--role', 'till', '--terminals', 'pos-1,pos-2', '--kinds', 'purchase'];
  const { code, out } = await tillgate(
    folder,
    'key',
    'add',
    'kasa-1',
    ...args,
    '--amount-max',
    '50000',
  );
  assert.equal(code, 0);
  const [secret = ''] = out;
  assert.match(secret, /^[\w-]{43}$/);
  const text = readFileSync(join(folder, 'secrets.json'), 'utf8');
  assert.equal(text.includes(secret), false);
  const { writtenBy, ...document } = JSON.parse(text) as { writtenBy: { form: number } };
  assert.equal(writtenBy.form, secretsForm.form);
  const secrets = secretsSchema.parse(document);
  assert.deepEqual(findKey(secrets, null, secret)?.limits, {
    terminals: ['pos-1', 'pos-2'],
    kinds: ['purchase'],
    amountMax: 50_000,
  });
  assert.equal(findKey(secrets, 'kasa-2', secret), null);
  assert.equal(findKey(secrets, 'kasa-1', `${secret}x`), null);
  const listed = await tillgate(folder, 'key', 'list');
  assert.match(listed.out.join(), /kasa-1\ttill\t.*pos-1,pos-2.*at most 50000/);
  assert.equal(listed.out.join().includes(secret), false);
});

test('refuses a second key of one name, and revokes', async (t) => {
  const folder = folderFor(t);
  assert.equal((await tillgate(folder, 'key', 'add', 'a', '--role', 'till')).code, 0);
  const again = await tillgate(folder, 'key', 'add', 'a', '--role', 'auditor');
  assert.equal(again.code, 1);
  assert.deepEqual(again.out, []);
  assert.equal((await tillgate(folder, 'key', 'revoke', 'a')).code, 0);
  assert.equal((await tillgate(folder, 'key', 'revoke', 'a')).code, 1);
  assert.deepEqual((await tillgate(folder, 'key', 'list')).out, []);
});

test('writes what it did with keys into the audit chain, without their secrets', async (t) => {
  const folder = folderFor(t);
  const made = await tillgate(folder, 'key', 'add', 'a', '--role', 'till', '--kinds', 'purchase');
  await tillgate(folder, 'key', 'add', 'a', '--role', 'auditor');
  await tillgate(folder, 'key', 'revoke', 'a');
  await tillgate(folder, 'key', 'revoke', 'a');
  const database = openAccounts(folder);
  t.after(() => database.close());
  const entries = database.audit.entries({ limit: 10 }).toReversed();
  assert.deepEqual(
    entries.map(({ who, act, object }) => [who, act, object]),
    [
      ['command-line', 'key-add', 'key a'],
      ['command-line', 'key-revoke', 'key a'],
    ],
  );
  assert.match(entries[0]?.from ?? '', /^user ./);
  assert.deepEqual(entries[0]?.after, entries[1]?.before);
  assert.deepEqual(entries[0]?.after?.['role'], 'till');
  const text = JSON.stringify(entries);
  assert.ok(!text.includes(made.out[0] ?? '?') && !text.includes('sha256'));
});

test('revokes a key with a damaged chain too, and says that it is not in it', async (t) => {
  const folder = folderFor(t);
  await tillgate(folder, 'key', 'add', 'a', '--role', 'till');
  writeFileSync(
    join(folder, 'accounts.db'),
    'this is no database, and longer than a header of one',
  );
  const revoked = await tillgate(folder, 'key', 'revoke', 'a');
  assert.equal(revoked.code, 0);
  assert.match(revoked.complaints.join(), /not in the audit chain/);
});

test('is noticed by a running gateway within two seconds', async (t) => {
  const folder = folderFor(t);
  const secrets = await openSettings({
    path: join(folder, 'secrets.json'),
    schema: secretsSchema,
    form: secretsForm,
    clock,
    log: new QuietLog(),
    watch: true,
  });
  t.after(() => secrets.close());
  const seen = new Promise<number>((resolve) => {
    secrets.onChange(({ keys }) => resolve(keys.length));
  });
  const began = performance.now();
  assert.equal((await tillgate(folder, 'key', 'add', 'a', '--role', 'till')).code, 0);
  const late = clock.sleep(5_000).then(() => -1);
  assert.equal(await Promise.race([seen, late]), 1);
  assert.equal(performance.now() - began < 2_000, true);
});

test('explains what it did not understand', async (t) => {
  const folder = folderFor(t);
  for (const args of [
    ['ledger'],
    ['ledger', 'repair'],
    ['key', 'add'],
    ['key', 'add', 'a'],
    ['key', 'add', 'a', '--role', 'king'],
    ['key', 'add', 'a', '--role', 'till', '--kinds', 'gift'],
    ['key', 'add', 'a', '--role', 'till', '--amount-max', '1e3'],
    ['key', 'list', '--role', 'till'],
    ['key', 'list', '--verbose'],
    ['__proto__', 'constructor'],
  ]) {
    const { code, complaints } = await tillgate(folder, ...args);
    assert.equal(code, 2, args.join(' '));
    assert.equal(complaints.length >= 2, true, args.join(' '));
  }
  const bad = await tillgate(folder, 'key', 'add', 'two words', '--role', 'till');
  assert.equal(bad.code, 1);
  assert.match(bad.complaints.join(), /keys\.0\.name/);
  assert.deepEqual((await tillgate(folder, '--help')).out, [HELP]);
});

test('runs as a program', async (t) => {
  const folder = folderFor(t);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'app/src/cli/main.ts', 'ledger', 'verify', '--data', folder],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 },
  );
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 1);
  assert.match(text, /there is no ledger/);
});

async function soldLedger(t: TestContext): Promise<string> {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  for (const id of ['a', 'b', 'c']) await sell(ledger, id);
  await ledger.close();
  return folder;
}

/** As somebody with the file and the knowledge to take the triggers away would. */
function tamper(folder: string, sql: string): void {
  const database = new Database(join(ledgerFolder(folder), 'ledger.db'));
  for (const name of ['events_keep_update', 'events_keep_delete', 'operations_keep']) {
    database.exec(`DROP TRIGGER ${name}`);
  }
  const { changes } = database.prepare(sql).run();
  database.close();
  assert.equal(changes, 1);
}

async function tillgate(
  dataFolder: string,
  ...args: string[]
): Promise<{ code: number; out: string[]; complaints: string[] }> {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await run(args, {
    dataFolder,
    clock,
    random: systemRandom,
    log: new QuietLog(),
    print: async (line) => {
      out.push(line);
    },
    complain: (line) => complaints.push(line),
    secret: () => Promise.resolve(null),
  });
  return { code, out, complaints };
}
