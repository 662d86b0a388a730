// A real datagram socket stands for systemd; the library of the system sends to it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../app/src/ports/log.ts';
import { createNotifier } from '../../app/src/system/systemd-notify.ts';
import { startWatchdog } from '../../app/src/system/watchdog.ts';
import { systemClock } from '../../app/src/system/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillgate-notify-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  delete process.env['NOTIFY_SOCKET'];
  rmSync(folder, { recursive: true });
});

test('systemd reads READY, STATUS, WATCHDOG and STOPPING, each in its own datagram', async () => {
  const systemd = await receiver('plain');
  process.env['NOTIFY_SOCKET'] = systemd.socket;
  const { log, told } = listening();
  const notifier = createNotifier(systemd.socket, log);
  notifier.ready();
  await systemd.has('READY=1');
  notifier.status('3 terminals,\nnone unresolved');
  await systemd.has('STATUS=3 terminals, none unresolved');
  notifier.watchdog();
  await systemd.has('WATCHDOG=1');
  notifier.stopping();
  await systemd.has('STOPPING=1');
  assert.deepEqual(told, []);
});

test('the watchdog pings for as long as the ledger answers', async () => {
  const systemd = await receiver('watched');
  process.env['NOTIFY_SOCKET'] = systemd.socket;
  const { log } = listening();
  const notifier = createNotifier(systemd.socket, log);
  let alive = true;
  const end = startWatchdog({
    watchdogUsec: 100_000,
    checks: [{ name: 'ledger', alive: async () => assert.ok(alive) }],
    ping: () => notifier.watchdog(),
    clock: systemClock(() => true),
    log,
  });
  await systemd.has('WATCHDOG=1WATCHDOG=1');
  alive = false;
  await sleep(120);
  const silent = systemd.bytes();
  await sleep(200);
  assert.equal(systemd.bytes(), silent);
  end();
});

test('a socket that is gone is told to the log and does not throw', () => {
  process.env['NOTIFY_SOCKET'] = join(folder, 'nobody');
  const { log, told } = listening();
  createNotifier(join(folder, 'nobody'), log).ready();
  assert.deepEqual(told, ['systemd-not-told']);
});

test('outside of systemd nothing is said and nothing is loaded', () => {
  const { log, told } = listening();
  const notifier = createNotifier(null, log);
  notifier.ready();
  notifier.status('x');
  notifier.watchdog();
  notifier.stopping();
  assert.deepEqual(told, []);
});

interface Receiver {
  readonly socket: string;
  bytes(): string;
  /** Waits at most five seconds for these bytes. */
  has(text: string): Promise<void>;
}

async function receiver(name: string): Promise<Receiver> {
  const socket = join(folder, `${name}.socket`);
  const file = join(folder, `${name}.bytes`);
  const child = spawn('socat', ['-u', `UNIX-RECV:${socket}`, `CREATE:${file}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  await until(() => existsSync(socket), 'the receiver listens');
  const bytes = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return {
    socket,
    bytes,
    has: (text) => until(() => bytes().endsWith(text), `systemd heard ${text}`),
  };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await sleep(10);
  }
  assert.fail(`not in five seconds: ${what}`);
}

function listening(): { log: Log; told: string[] } {
  const told: string[] = [];
  const tell = (event: string): void => void told.push(event);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell, with: () => log };
  return { log, told };
}
