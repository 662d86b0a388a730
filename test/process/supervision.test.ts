// What systemd sees: readiness, signs of life tied to the ledger's writer, and the stop.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { eventually, startGateway, temporaryFolder } from './programs.ts';

const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode("utf-8"), flush=True)
`;

/** A datagram socket as systemd's: every message is a line of `lines`. */
async function receiver(path: string): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await eventually(
    async () => lines,
    (seen) => seen.includes('bound'),
  );
  return { child, lines };
}

test('ready when the door is open, alive while the ledger answers, stopping at the end', async (t) => {
  const data = temporaryFolder();
  const socket = join(data.path, 'notify');
  const { child, lines } = await receiver(socket);
  t.after(() => {
    child.kill('SIGKILL');
    data.remove();
  });
  const gateway = await startGateway(join(data.path, 'gateway'), {
    NOTIFY_SOCKET: socket,
    WATCHDOG_USEC: '1000000',
  });
  t.after(() => gateway.kill());
  const count = (text: string): number => lines.filter((line) => line === text).length;
  await eventually(
    async () => count('WATCHDOG=1'),
    (pings) => pings >= 3,
  );
  assert.equal(count('READY=1'), 1);
  assert.equal((await gateway.call('GET', '/health')).status, 200);

  // A process that stands still pings no more: systemd would end it and start it anew.
  gateway.child.kill('SIGSTOP');
  const before = count('WATCHDOG=1');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.ok(count('WATCHDOG=1') <= before + 1, 'a stopped process still seems alive');
  gateway.child.kill('SIGCONT');
  await eventually(
    async () => count('WATCHDOG=1'),
    (pings) => pings > before + 1,
  );

  assert.equal(await gateway.stop(), 0);
  assert.equal(count('STOPPING=1'), 1);
});
