import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import {
  codeIsAwaited,
  formToken,
  giveCode,
  signIn,
  signOut,
  visitorOf,
} from '../../app/src/accounts/accounts.ts';
import { passwordFault, Passwords } from '../../app/src/accounts/passwords.ts';
import { allows, principalOf } from '../../app/src/accounts/rights.ts';
import {
  codeAt,
  matchingStep,
  newRecoveryCodes,
  newSecret,
  recoveryHash,
} from '../../app/src/accounts/second-factor.ts';
import { may } from '../../app/src/operations/access.ts';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { benchFor, folderFor, HERE, PASSWORD } from './kit.ts';

const ELSEWHERE = { address: '192.168.1.8', agent: 'test' };

test('signs in with the right password and out again', async (t) => {
  const { accounts, add } = await benchFor(t);
  await add('olena');
  const result = await signIn(accounts, { login: ' Olena ', password: PASSWORD }, HERE);
  assert.equal(result.kind, 'signed-in');
  const { token } = result as { token: string };
  assert.equal(visitorOf(accounts, token)?.person.login, 'olena');
  assert.equal(visitorOf(accounts, `${token}x`), null);
  signOut(accounts, token);
  assert.equal(visitorOf(accounts, token), null);
});

test('keeps neither the password nor the session’s token', async (t) => {
  const { accounts, add, folder } = await benchFor(t);
  await add('olena');
  const result = await signIn(accounts, { login: 'olena', password: PASSWORD }, HERE);
  const { token } = result as { token: string };
  const bytes = [
    readFileSync(join(folder, 'accounts.db')),
    readFileSync(join(folder, 'accounts.db-wal')),
  ]
    .map((one) => one.toString('latin1'))
    .join('');
  assert.ok(bytes.includes('olena'));
  assert.equal(bytes.includes(PASSWORD), false);
  assert.equal(bytes.includes(token), false);
  assert.equal(statSync(join(folder, 'accounts.db')).mode & 0o777, 0o600);
});

test('shuts the door after five wrong guesses, for the right password too, and opens it later', async (t) => {
  const { accounts, add, clock } = await benchFor(t);
  await add('olena');
  const guess = (password: string, from = HERE) =>
    signIn(accounts, { login: 'olena', password }, from);
  for (let n = 0; n < 5; n += 1) assert.equal((await guess('wrong wrong')).kind, 'wrong');
  assert.equal((await guess(PASSWORD)).kind, 'locked');
  assert.equal((await guess(PASSWORD, ELSEWHERE)).kind, 'signed-in', 'another place is not locked');
  await clock.advance(61_000);
  assert.equal((await guess(PASSWORD)).kind, 'signed-in');
});

test('answers an unknown name like a wrong password', async (t) => {
  const { accounts } = await benchFor(t);
  assert.deepEqual(await signIn(accounts, { login: 'nobody', password: PASSWORD }, HERE), {
    kind: 'wrong',
  });
});

test('lets nobody in who was switched off, and ends what is open', async (t) => {
  const { accounts, add } = await benchFor(t);
  const person = await add('olena');
  const result = await signIn(accounts, { login: 'olena', password: PASSWORD }, HERE);
  accounts.people.putPerson({ ...person, disabled: true });
  assert.equal(visitorOf(accounts, (result as { token: string }).token), null);
  assert.equal(
    (await signIn(accounts, { login: 'olena', password: PASSWORD }, HERE)).kind,
    'wrong',
  );
});

test('forgets a session that nobody used, and every session after a week', async (t) => {
  const { accounts, add, clock } = await benchFor(t);
  await add('olena');
  const enter = async () =>
    (await signIn(accounts, { login: 'olena', password: PASSWORD }, HERE)) as { token: string };
  const idle = await enter();
  await clock.advance(12 * 3_600_000 + 1);
  assert.equal(visitorOf(accounts, idle.token), null);
  const used = await enter();
  for (let hour = 0; hour < 7 * 24; hour += 8) {
    assert.notEqual(visitorOf(accounts, used.token), null);
    await clock.advance(8 * 3_600_000);
  }
  await clock.advance(1);
  assert.equal(visitorOf(accounts, used.token), null);
});

test('asks for the second factor before anything else, and takes each code once', async (t) => {
  const { accounts, add, clock } = await benchFor(t);
  const secret = newSecret(systemRandom);
  const recovery = newRecoveryCodes(systemRandom);
  await add('olena', 'administrator', {
    totpSecret: secret,
    recovery: recovery.map(recoveryHash),
  });
  const half = async () => {
    const result = await signIn(accounts, { login: 'olena', password: PASSWORD }, HERE);
    assert.equal(result.kind, 'code');
    return (result as { token: string }).token;
  };
  const first = await half();
  assert.equal(visitorOf(accounts, first), null, 'the password alone opens nothing');
  const code = codeAt(secret, Math.floor(clock.now() / 30_000));
  const entered = giveCode(accounts, first, code, HERE);
  assert.equal(entered.kind, 'signed-in');
  assert.equal(codeIsAwaited(accounts, first), false, 'the half session is over');
  assert.equal(giveCode(accounts, await half(), code, HERE).kind, 'wrong', 'the same code again');
  assert.equal(giveCode(accounts, await half(), recovery[3] ?? '', HERE).kind, 'signed-in');
  assert.equal(giveCode(accounts, await half(), recovery[3] ?? '', HERE).kind, 'wrong');
});

test('makes the codes of RFC 6238', () => {
  // RFC 6238, appendix B: the secret is the text 12345678901234567890, eight digits; ours are six.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  assert.equal(codeAt(secret, Math.floor(59 / 30)), '287082');
  assert.equal(codeAt(secret, Math.floor(1_111_111_109 / 30)), '081804');
  assert.equal(codeAt(secret, Math.floor(20_000_000_000 / 30)), '353130');
  assert.equal(matchingStep(secret, '287 082', 59_000 + 30_000, 0), 1, 'a step late');
  assert.equal(matchingStep(secret, '287082', 59_000 + 90_000, 0), null, 'three steps late');
});

test('judges passwords by length and by what everybody tries', () => {
  assert.equal(passwordFault('short', 'olena'), 'short');
  assert.equal(passwordFault('x'.repeat(200), 'olena'), 'long');
  assert.equal(passwordFault('1234567890', 'olena'), 'guessable');
  assert.equal(passwordFault('aaaaaaaaaaaa', 'olena'), 'guessable');
  assert.equal(passwordFault('olenaolena1', 'olena'), 'guessable');
  assert.equal(passwordFault('три зелені жаби', 'olena'), null);
});

test('computes at most two passwords at once and loses none', async () => {
  const passwords = new Passwords(systemRandom);
  const stored = await passwords.hash(PASSWORD);
  assert.match(stored, /^scrypt\$32768\$8\$3\$/);
  const answers = await Promise.all([
    passwords.verify(PASSWORD, stored),
    passwords.verify('wrong', stored),
    passwords.verify(PASSWORD, stored),
    passwords.verify(PASSWORD, null),
  ]);
  assert.deepEqual(answers, [true, false, true, false]);
});

test('a form’s token belongs to one session', () => {
  assert.notEqual(formToken('a'.repeat(43)), formToken('b'.repeat(43)));
});

test('a cashier of the pages only looks', async (t) => {
  const { add } = await benchFor(t);
  const cashier = principalOf(await add('ira', 'cashier'));
  assert.equal(may(cashier, 'read'), true);
  assert.equal(may(cashier, 'start'), false);
  assert.equal(may(cashier, 'resolve'), false);
  assert.equal(allows('cashier', 'audit'), false);
  assert.equal(allows('supervisor', 'resolve'), true);
  assert.equal(allows('supervisor', 'configure'), false);
  assert.equal(allows('auditor', 'audit'), true);
});

test('chains every act, and finds the one that was changed', async (t) => {
  const { accounts, folder, clock } = await benchFor(t);
  const act = (object: string) => ({
    at: clock.now(),
    who: 'olena',
    from: HERE.address,
    act: 'terminal-add',
    object,
    before: null,
    after: { name: object },
  });
  for (const one of ['a', 'b', 'c']) accounts.audit.append(act(one));
  assert.equal(accounts.audit.verify().kind, 'whole');
  assert.deepEqual(
    accounts.audit.entries({ limit: 2 }).map(({ object }) => object),
    ['c', 'b'],
  );
  const raw = new Database(join(folder, 'accounts.db'));
  t.after(() => raw.close());
  assert.throws(() => raw.exec(`UPDATE audit SET who = 'ira' WHERE seq = 2`), /never changed/);
  raw.exec('DROP TRIGGER audit_keep_update');
  raw.exec(`UPDATE audit SET who = 'ira' WHERE seq = 2`);
  assert.deepEqual(accounts.audit.verify(), { kind: 'broken', seq: 2 });
});

test('keeps people and the chain over a restart', (t) => {
  const folder = folderFor(t);
  const first = openAccounts(folder);
  first.audit.append({
    at: 1,
    who: 'olena',
    from: 'x',
    act: 'backup',
    object: 'ledger',
    before: null,
    after: null,
  });
  first.close();
  const second = openAccounts(folder);
  t.after(() => second.close());
  assert.deepEqual(second.audit.verify().kind, 'whole');
  assert.equal(second.audit.entries({ limit: 9 })[0]?.act, 'backup');
});
