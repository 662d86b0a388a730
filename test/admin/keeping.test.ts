// Backup and library pages over real HTTP: who may, what is refused, what it does.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { compile, compileText } from '../bank-library/double/compile.ts';
import { PASSWORD } from './kit.ts';
import { administrator, type Box, boxFor, signIn } from './keeping-stage.ts';

const WORD = 'seven blue boats';
const CERTIFICATE = '/admin/system/certificate';
const BACKUP = '/admin/system/backup';
const LIBRARY = '/admin/system/library';

test('uploads are refused to strangers, foreign pages and other roles, before a byte is kept', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  await admin.post('/admin/people', {
    login: 'vira',
    name: 'Vira',
    role: 'supervisor',
    password: 'nine white swans',
  });
  const vira = await signIn(box, 'vira', 'nine white swans');
  const file: [string, Buffer] = ['file', Buffer.alloc(200_000, 1)];
  const kept = (): boolean => existsSync(join(box.folder, 'restore', 'upload'));

  for (const path of [CERTIFICATE, `${BACKUP}/upload`, LIBRARY]) {
    assert.equal((await vira.upload(path, [file])).status, 403, path);
    const foreign = await admin.upload(path, [file], { origin: 'http://evil.example' });
    assert.equal(foreign.status, 403, path);
    assert.equal((await admin.upload(path, [file], { token: '' })).status, 403, path);
    assert.equal((await admin.upload(path, [file], { token: vira.token })).status, 403, path);
    const late = await admin.upload(path, [file], { tokenLast: true, token: '' });
    assert.equal(late.status, 403, `${path}: the token stands behind the file`);
    const stranger = await admin.upload(path, [file], { cookie: '' });
    assert.deepEqual([stranger.status, stranger.to], [303, '/admin/sign-in'], path);
    assert.equal((await vira.get(path.replace('/upload', ''))).status, 403, path);
  }
  assert.equal((await admin.upload('/admin/people', [file])).status, 400, 'no page for files');
  assert.equal((await vira.post(`${BACKUP}/make`, { 'new-passphrase': WORD })).status, 403);
  assert.equal(kept(), false);
});

test('a body that is cut, malformed or endless is no form, and leaves nothing', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  const raw = (head: string, body: string): Promise<string> =>
    rawRequest(box, admin.cookie, `${BACKUP}/upload`, head, body);
  const token = part('form', admin.token);
  const type = 'multipart/form-data; boundary=X';
  const open = part('file', 'TILLGATE', '; filename="a"');
  const cases: readonly [string, string, string][] = [
    ['no boundary', 'multipart/form-data', `${token}--X--\r\n`],
    ['no end', type, token + open],
    ['too many fields', type, `${token}${part('a', '').repeat(1_001)}--X--\r\n`],
    ['too many files', type, `${token}${open.repeat(3)}--X--\r\n`],
    ['not multipart at all', type, 'hello'],
  ];
  for (const [what, contentType, body] of cases) {
    assert.match(await raw(contentType, body), /^HTTP\/1\.1 400 /, what);
  }
  const declared = await rawRequest(box, admin.cookie, CERTIFICATE, type, token, 99_000_000_000);
  assert.match(declared, /^HTTP\/1\.1 413 /);
  assert.match(
    await raw(type, `${token}${open}--X--\r\n`),
    /^HTTP\/1\.1 422 /,
    'a form, no backup',
  );
  assert.deepEqual(
    readdirSync(box.folder).filter((name) => name === 'restore'),
    readdirSync(box.folder).includes('restore') ? ['restore'] : [],
  );
  assert.equal(existsSync(join(box.folder, 'restore', 'upload')), false);
  assert.equal((await admin.get(BACKUP)).status, 200, 'the box goes on');
});

test('a backup is downloaded, and restored after its losses were typed', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  await simulate(box, { answerAfterMs: 20 });
  await sell(box, 'before');
  const short = await admin.post(`${BACKUP}/make`, {
    'new-passphrase': 'short',
    'again-passphrase': 'short',
  });
  assert.equal(short.status, 422);
  assert.match(short.text, /Too short/);
  const differs = await admin.post(`${BACKUP}/make`, {
    'new-passphrase': WORD,
    'again-passphrase': `${WORD}s`,
  });
  assert.match(differs.text, /differ/);
  assert.doesNotMatch(differs.text, new RegExp(WORD));
  const both = { 'new-passphrase': WORD, 'again-passphrase': WORD };
  const { bytes: file, status } = await admin.post(`${BACKUP}/make`, both);
  assert.equal(status, 200);
  assert.equal(file.subarray(0, 16).toString(), 'TILLGATE BACKUP\n');
  await sell(box, 'after');

  const wrong = await admin.upload(`${BACKUP}/upload`, [
    ['passphrase', 'not this one'],
    ['file', file],
  ]);
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /passphrase is wrong/);
  const cut = await admin.upload(`${BACKUP}/upload`, [
    ['passphrase', WORD],
    ['file', file.subarray(0, -1)],
  ]);
  assert.match(cut.text, /damaged or not whole/);
  const other = await admin.upload(`${BACKUP}/upload`, [
    ['passphrase', WORD],
    ['file', Buffer.from('PK')],
  ]);
  assert.match(other.text, /no backup of Tillgate/);
  const good = await admin.upload(`${BACKUP}/upload`, [
    ['passphrase', WORD],
    ['file', file],
  ]);
  assert.deepEqual([good.status, good.to], [303, BACKUP], good.text);

  const page = await admin.get(BACKUP);
  assert.match(page.text, /1 operation is not in the backup/);
  assert.match(page.text, /LOSE 1/);
  const losses = { missing: '1', changed: '0' };
  const silent = await admin.post(`${BACKUP}/restore`, losses);
  assert.equal(silent.status, 422);
  assert.match(silent.text, /something else/);
  const fewer = await admin.post(`${BACKUP}/restore`, { missing: '0', changed: '0' });
  assert.match(fewer.text, /more operations by now/, 'nobody lowers what is lost');
  const back = box.restarted();
  const ordered = await admin.post(`${BACKUP}/restore`, { ...losses, phrase: 'lose 1' });
  assert.match(ordered.text, /The box restarts/, ordered.text);
  await back;

  assert.deepEqual(idsIn(join(box.folder, 'ledger', 'ledger.db')), ['before']);
  const [aside = ''] = readdirSync(join(box.folder, 'replaced'));
  assert.deepEqual(idsIn(join(box.folder, 'replaced', aside, 'ledger', 'ledger.db')), [
    'before',
    'after',
  ]);
  const again = await signIn(box, 'admin', PASSWORD);
  assert.match((await again.get(BACKUP)).text, /The last restore[\s\S]*applied/);
  assert.equal((await admin.get(BACKUP)).status, 303, 'the sessions stayed behind');
  const audit = await again.get('/admin/audit');
  assert.match(audit.text, /restored from a backup/);
  assert.match(audit.text, /made a backup of everything|signed in/);
  await sell(box, 'later');
});

test('a restore is refused while a payment is open', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  const both = { 'new-passphrase': WORD, 'again-passphrase': WORD };
  const { bytes: file } = await admin.post(`${BACKUP}/make`, both);
  await admin.upload(`${BACKUP}/upload`, [
    ['passphrase', WORD],
    ['file', file],
  ]);
  await simulate(box, { autoCard: false });
  await operation(box, 'open-one', '');
  const page = await admin.get(BACKUP);
  assert.match(page.text, /not finished[\s\S]*open-one/);
  assert.doesNotMatch(page.text, /Restore and restart/);
  const refused = await admin.post(`${BACKUP}/restore`, {
    missing: '1',
    changed: '0',
    phrase: 'LOSE 1',
  });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /No restore now/);
  await fetch(`${box.base()}/v1/operations/open-one/cancel`, {
    method: 'POST',
    headers: KEY,
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal((await admin.post(`${BACKUP}/discard`)).to, BACKUP);
  assert.doesNotMatch((await admin.get(BACKUP)).text, /The backup is whole/);
});

test('the bank’s library is installed, explained, refused in words, and removed', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  assert.match((await admin.get(LIBRARY)).text, /Not installed[\s\S]*Ask the bank/);
  const cases: readonly [Uint8Array, RegExp][] = [
    [Buffer.from('MZ and more'), /library for Windows/],
    [Buffer.from('#!/bin/sh'), /no Linux library/],
    [compileText('int something(void) { return 1; }'), /no functions of B-POS1/],
    [
      compileText('int create(void) { return 1; } int destroy(void) { return 1; }'),
      /Java or C\+\+/,
    ],
  ];
  for (const [bytes, why] of cases) {
    const { status, text } = await admin.upload(LIBRARY, [['library', Buffer.from(bytes)]]);
    assert.equal(status, 422);
    assert.match(text, why);
  }
  const installed = await admin.upload(LIBRARY, [['library', Buffer.from(compile())]]);
  assert.equal(installed.to, `${LIBRARY}?done=libraryInstalled`, installed.text);
  const shown = await admin.get(LIBRARY);
  assert.match(shown.text, /TEST DOUBLE 1\.4\.19/);
  assert.match(shown.text, /Looking up a transaction by number[\s\S]*DateTime/);
  assert.match(shown.text, /[0-9a-f]{64}/);
  assert.equal((await admin.post(`${LIBRARY}/remove`)).to, `${LIBRARY}?done=removed`);
  assert.match((await admin.get(LIBRARY)).text, /Not installed/);
  const audit = await admin.get('/admin/audit');
  assert.match(audit.text, /installed the bank’s library[\s\S]*/);
  assert.match(audit.text, /removed the bank’s library/);
});

test('the System page leads to all of them', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  const { text } = await admin.get('/admin/system');
  for (const path of [CERTIFICATE, BACKUP, LIBRARY]) {
    assert.ok(text.includes(`href="${path}"`), path);
    for (const language of ['uk', 'ru', 'en']) {
      await admin.post('/admin/language', { language, here: path });
      const page = await admin.get(path);
      assert.equal(page.status, 200);
      assert.ok(page.text.includes(`lang="${language}"`));
    }
  }
});

function part(name: string, value: string, more = ''): string {
  return `--X\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
}

const KEY = { authorization: 'Bearer test-key-0123456789', 'content-type': 'application/json' };

async function operation(box: Box, id: string, query: string): Promise<{ state: string }> {
  const response = await fetch(`${box.base()}/v1/operations/${id}${query}`, {
    method: 'PUT',
    headers: KEY,
    body: JSON.stringify({ kind: 'purchase', amount: 12_345 }),
    signal: AbortSignal.timeout(30_000),
  });
  return (await response.json()) as { state: string };
}

async function sell(box: Box, id: string): Promise<void> {
  const { state } = await operation(box, id, '?wait=25');
  assert.equal(state, 'approved', id);
}

async function simulate(box: Box, settings: object): Promise<void> {
  const { status } = await fetch(`${box.base()}/v1/simulators/till-1/settings`, {
    method: 'POST',
    headers: KEY,
    body: JSON.stringify(settings),
    signal: AbortSignal.timeout(10_000),
  });
  assert.ok(status < 300, String(status));
}

function idsIn(path: string): unknown[] {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare('SELECT id FROM operations ORDER BY ordinal').pluck().all();
  } finally {
    database.close();
  }
}

function rawRequest(
  box: Box,
  cookie: string,
  path: string,
  type: string,
  body: string,
  length = Buffer.byteLength(body),
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port, origin } = new URL(box.base());
    const socket = connect(Number(port), hostname);
    const head = `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n`;
    socket.write(
      `${head}Connection: close\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer for ${type}`)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
