// The door from both sides: the real client at the real socket.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  HAND_IDLE_MS,
  HAND_REQUEST_BYTES_MAX,
  HAND_REQUEST_TIMEOUT_MS,
  UPDATE_BUNDLE_BYTES_MAX,
} from '../../app/src/domain/limits.ts';
import { parseRequest } from '../../app/src/hand/requests.ts';
import type { UpdateProgress } from '../../app/src/ports/machine-hand.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { handClient } from '../../app/src/system/hand-client.ts';
import { doorOf } from './door.ts';
import { type Bench, benchFor } from './kit.ts';

async function listen(t: TestContext, server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
}

const clientAt = (bench: Bench, socket: string) =>
  handClient({ socket, spool: bench.machine.folders.spool, clock: systemClock(() => true) });

/** All that the door says to these bytes, until it closes. */
function raw(path: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

test('a question goes in as a line and comes back checked', async (t) => {
  const bench = benchFor(t);
  const { path } = await doorOf(t, bench);
  const client = clientAt(bench, path);
  bench.answers.set('systemctl show', { ok: true, text: 'Id=x.service\nActiveState=failed' });
  assert.deepEqual(await client.ask('units', {}), {
    kind: 'done',
    value: [{ name: 'x.service', active: 'failed', sub: '', restarts: 0 }],
  });
  assert.deepEqual(await client.ask('name', { name: 'no good' }), {
    kind: 'refused',
    refusal: { code: 'invalid', field: 'name' },
  });
});

test('everything that is no request of ours is refused before a verb sees it', () => {
  for (const line of [
    '',
    'power',
    '[]',
    '{"verb":"shell","ask":{"line":"id"}}',
    '{"verb":"constructor","ask":{}}',
    '{"verb":"power","ask":{"act":"halt","unresolved":[]}}',
    '{"verb":"power","ask":{"act":"restart"}}',
    '{"verb":"power","ask":{"act":"restart","unresolved":[],"force":true}}',
    '{"verb":"units","ask":{},"as":"root"}',
    '{"verb":"time-set","ask":{"at":"now"}}',
    '{"verb":"time-set","ask":{"at":1.5}}',
    '{"verb":"network-try","ask":{"plan":{"kind":"fixed","link":"eth0"}}}',
    `{"verb":"time-servers","ask":{"servers":["a","b","c","d","e"]}}`,
    `{"verb":"name","ask":{"name":"${'x'.repeat(64)}"}}`,
  ]) {
    assert.equal(parseRequest(line), null, line);
  }
});

test('the door is deaf to long, double and late lines, and lives on', async (t) => {
  const bench = benchFor(t);
  const { path } = await doorOf(t, bench);
  assert.match(await raw(path, 'what?\n'), /"field":"request"/);
  assert.equal(await raw(path, 'x'.repeat(HAND_REQUEST_BYTES_MAX + 2)), '');
  assert.equal(await raw(path, '{"verb":"units","ask":{}}\n{"verb":"units","ask":{}}\n'), '');
  const late = raw(path, '{"verb":');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await bench.clock.advance(HAND_REQUEST_TIMEOUT_MS);
  assert.equal(await late, '');
  assert.equal((await clientAt(bench, path).ask('units', {})).kind, 'done');
});

test('an unused hand ends; one that tries a network does not', async (t) => {
  const bench = benchFor(t);
  const { path, idle } = await doorOf(t, bench);
  const client = clientAt(bench, path);
  await client.ask('network-try', { plan: { kind: 'dhcp' } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await bench.clock.advance(HAND_IDLE_MS / 2);
  assert.equal(idle(), 0);
  await bench.clock.advance(HAND_IDLE_MS);
  assert.equal(idle(), 1, 'the trial is over');
});

test('progress reaches who watches, and nobody waits where nothing is installed', async (t) => {
  const bench = benchFor(t);
  const { path } = await doorOf(t, bench);
  const client = clientAt(bench, path);
  const never = new AbortController();
  await client.watchUpdate(() => assert.fail('nothing is installed'), never.signal);
  writeFileSync(join(bench.machine.folders.spool, 'update.raucb'), 'x');
  bench.answers.set('rauc info', { ok: true, text: '{"update":{"version":"2"}}' });
  let release: (() => void) | null = null;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  bench.acts.set('rauc install', async (_program, _args, options) => {
    await gate;
    options?.onLine?.(' 60% Copying');
    return { ok: true, text: '' };
  });
  assert.equal((await client.ask('update-install', {})).kind, 'done');
  const seen: UpdateProgress[] = [];
  const watched = client.watchUpdate((progress) => {
    seen.push(progress);
    release?.();
  }, never.signal);
  await watched;
  assert.deepEqual(seen.at(0), { percent: 0, text: '' });
  assert.deepEqual(seen.at(-1), { percent: 60, text: 'Copying' });
});

test('a hand that is away, silent or says something else is told as away', async (t) => {
  const bench = benchFor(t);
  const nobody = clientAt(bench, join(bench.machine.folders.state, 'none.sock'));
  assert.equal((await nobody.ask('units', {})).kind, 'away');
  const odd = createServer((socket) => {
    socket.resume();
    socket.end('{"kind":"done","value":[{"name":5}]}\n');
  });
  const path = join(bench.machine.folders.state, 'odd.sock');
  await listen(t, odd, path);
  assert.equal((await clientAt(bench, path).ask('units', {})).kind, 'away');
});

test('half an upload of an earlier process goes away at the start', async (t) => {
  const bench = benchFor(t);
  const part = join(bench.machine.folders.spool, 'update.raucb.part');
  writeFileSync(part, 'half');
  clientAt(bench, 'none');
  for (let turn = 0; turn < 100 && existsSync(part); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(existsSync(part), false);
});

test('an upload is kept whole or not at all', async (t) => {
  const bench = benchFor(t);
  const client = clientAt(bench, 'none');
  const file = join(bench.machine.folders.spool, 'update.raucb');
  assert.deepEqual(await client.spool(chunks('ab', 'cd'), null), { kind: 'spooled', bytes: 4 });
  assert.equal(readFileSync(file, 'utf8'), 'abcd');
  const large = await client.spool(chunks('x'), UPDATE_BUNDLE_BYTES_MAX + 1);
  assert.deepEqual(large, { kind: 'too-large' });
  assert.equal(readFileSync(file, 'utf8'), 'abcd', 'what is refused at once replaces nothing');
  assert.deepEqual(await client.spool(cut(), null), { kind: 'cut' });
  assert.equal(existsSync(file), false);
  assert.equal(existsSync(`${file}.part`), false);
  await client.spool(chunks('again'), 5);
  await client.dropSpooled();
  assert.equal(existsSync(file), false);
});

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function* cut() {
  yield Buffer.from('half');
  throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
