// Concert over a real SerialPort on a pseudo-terminal, with the line pulled out in a sale.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
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
  work: (address: string, socat: ChildProcess) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    const answer = terminal(script);
    const send = (...bytes: readonly number[]): void => {
      socket.write(Uint8Array.from(bytes));
    };
    socket.on('data', (chunk: Buffer) => answer([...chunk], { send }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-concert-'));
  const link = join(folder, 'line');
  const pty = `pty,raw,echo=0,link=${link},ignoreeof`;
  const socat = spawn('socat', [pty, `tcp:127.0.0.1:${port}`], { stdio: 'ignore' });
  try {
    await work(`serial://${await deviceOf(link)}`, socat);
  } finally {
    socat.kill('SIGKILL');
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
