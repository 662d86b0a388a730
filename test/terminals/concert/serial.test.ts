// Concert over a real SerialPort on a pseudo-terminal, with the line pulled out in a sale.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createConcertDriver } from '../../../app/src/terminals/concert/driver.ts';
import { parseOptions } from '../../../app/src/terminals/concert/options.ts';
import { createTransport } from '../../../app/src/transport/open.ts';
import { exchangeOf, NO_LOG, purchase, RANDOM, REAL_CLOCK, SETUP } from '../kit.ts';
import { word } from '../native-stage.ts';
import { frameOf, type Script, terminal, YES } from './scripted.ts';

/** Runs `work` with a pseudo-terminal behind which this script answers. */
async function withLine(
  script: Script,
  work: (address: string, socat: ChildProcess, plug: () => Promise<string>) => Promise<void>,
  requests: string[] = [],
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    const answer = terminal(script, requests);
    const send = (...bytes: readonly number[]): void => {
      socket.write(Uint8Array.from(bytes));
    };
    socket.on('data', (chunk: Buffer) => answer([...chunk], { send }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  // Below /dev, and a name that stays the same whatever the system calls the line.
  const folder = mkdtempSync('/dev/shm/tillgate-concert-');
  const link = join(folder, 'line');
  const pty = `pty,raw,echo=0,link=${link},ignoreeof`;
  const plugged: ChildProcess[] = [];
  const plug = async (): Promise<string> => {
    rmSync(link, { force: true });
    plugged.push(spawn('socat', [pty, `tcp:127.0.0.1:${port}`], { stdio: 'ignore' }));
    return deviceOf(link);
  };
  try {
    await plug();
    const [socat] = plugged;
    if (socat === undefined) throw new Error('nothing is plugged in');
    await work(`serial://${link}`, socat, plug);
  } finally {
    for (const socat of plugged) socat.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

async function deviceOf(link: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      return readlinkSync(link);
    } catch {
      await REAL_CLOCK.sleep(25); // socat has not made it yet
    }
  }
  throw new Error('socat made no pseudo-terminal');
}

function driverAt(address: string) {
  const parsed = parseOptions({});
  if (parsed.kind !== 'options') throw new Error('the defaults are valid');
  const around = { transport: createTransport(), clock: REAL_CLOCK, random: RANDOM, log: NO_LOG };
  return createConcertDriver({
    setup: { ...SETUP, driver: 'concert', address },
    options: parsed.options,
    ...around,
  });
}

test('a sale over a serial line is approved', async () => {
  await withLine({ answer: frameOf(YES) }, async (address) => {
    const driver = driverAt(address);
    assert.equal(word(await driver.perform(exchangeOf(purchase(1_250)))), 'approved approved');
    await driver.stop();
  });
});

test('a line that is pulled out in the middle of a sale leaves it unknown', async () => {
  await withLine({ answer: null }, async (address, socat) => {
    const driver = driverAt(address);
    const exchange = exchangeOf(purchase(1_250));
    const performing = driver.perform(exchange);
    while (exchange.startedCalls === 0) await REAL_CLOCK.sleep(10);
    await REAL_CLOCK.sleep(200);
    socat.kill('SIGKILL');
    assert.equal(word(await performing), 'unknown link-cut');
    const again = await driver.perform(exchangeOf(purchase(1_250)));
    assert.equal(word(again), 'failed terminal-offline');
    await driver.stop();
  });
});

test('a terminal that is plugged in again after a sale was cut gets nothing of the old sale', async () => {
  const requests: string[] = [];
  const script: { answer: readonly number[] | null } = { answer: null };
  const work = async (address: string, socat: ChildProcess, plug: () => Promise<string>) => {
    const driver = driverAt(address);
    const exchange = exchangeOf(purchase(700));
    const performing = driver.perform(exchange);
    while (requests.length === 0) await REAL_CLOCK.sleep(10);
    const before = socat.pid;
    socat.kill('SIGKILL');
    assert.equal(word(await performing), 'unknown link-cut');
    await plug();
    script.answer = frameOf(YES);
    const again = await driver.perform(exchangeOf(purchase(1_250)));
    assert.equal(word(again), 'approved approved');
    assert.notEqual(before, undefined);
    // One request each, the second on the new line, whole and first.
    assert.deepEqual(
      requests.map((request) => request.slice(2, 10)),
      ['00000700', '00001250'],
    );
    await driver.stop();
  };
  await withLine(script, work, requests);
});
