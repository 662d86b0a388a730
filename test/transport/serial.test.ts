// A real SerialPort on a pseudo-terminal that socat joins to a TCP port. DTR and parity are beyond
// a pseudo-terminal; the rest is the driver's whole path over a line.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, open, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultProfile } from '../../app/src/simulator/privat-json/profile.ts';
import { listen } from '../../app/src/simulator/privat-json/server.ts';
import { PrivatJsonTerminal } from '../../app/src/simulator/privat-json/terminal.ts';
import { createTransport } from '../../app/src/transport/open.ts';
import { driverOf, exchangeOf, purchase, REAL_CLOCK, within } from '../terminals/kit.ts';

interface Line {
  readonly address: string;
  readonly socat: ChildProcess;
}

/** A pseudo-terminal joined to `peer`. Held open, or socat would end when the driver closes it. */
async function withLine(peer: string, work: (line: Line) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tillgate-line-'));
  const link = join(folder, 'line');
  const pty = `pty,raw,echo=0,link=${link}`;
  const socat = spawn('socat', [pty, peer], { stdio: 'ignore' });
  try {
    const device = await deviceOf(link);
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
    const held = await open(device, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      await work({ address: `serial://${device}`, socat });
    } finally {
      await held.close();
    }
  } finally {
    if (socat.exitCode === null) socat.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

async function deviceOf(link: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const device = await readlink(link).catch(() => null);
    if (device !== null) return device;
    await REAL_CLOCK.sleep(25);
  }
  throw new Error('socat made no pseudo-terminal');
}

const soon = (): AbortSignal => AbortSignal.timeout(5_000);

test('the whole driver works over a line: reference handshake, sale, look at the journal', async () => {
  const terminal = new PrivatJsonTerminal({
    clock: REAL_CLOCK,
    profile: defaultProfile(1),
    settings: { answerAfterMs: 100, autoCard: true },
  });
  const server = await listen(terminal);
  const work = async ({ address }: Line): Promise<void> => {
    const quick = { pauseAfterPingMs: 0, sendGapMs: 2, statusPollMs: 100 };
    const driver = driverOf(createTransport(), REAL_CLOCK, quick, address);
    driver.start();
    const ready = await within(
      10_000,
      new Promise<boolean>((resolve) => {
        driver.onLinkChange(() => {
          if (driver.link().kind === 'ready') resolve(true);
        });
      }),
    );
    assert.ok(ready, JSON.stringify(driver.link()));
    const outcome = await driver.perform(exchangeOf(purchase(60)));
    assert.ok(outcome.kind === 'approved', outcome.code);
    assert.equal(outcome.result.rrn, terminal.device.journal.last()?.rrn);
    await driver.stop();
  };
  try {
    await withLine(`tcp:127.0.0.1:${server.port}`, work);
  } finally {
    await server.close();
  }
});

test('an unplugged line ends the pipe, and nothing is written to it', async () => {
  await withLine('pipe', async ({ address, socat }) => {
    const pipe = await createTransport().open(address, soon());
    let heard = '';
    const echoed = new Promise<void>((resolve) => {
      pipe.onData((chunk) => {
        heard += Buffer.from(chunk).toString('utf8');
        if (heard === 'ping') resolve();
      });
    });
    await pipe.write(Buffer.from('ping'));
    await within(3_000, echoed);
    assert.equal(heard, 'ping');
    socat.kill('SIGKILL');
    const reason = await within(5_000, pipe.closed);
    assert.equal(reason?.kind, 'error');
    await assert.rejects(pipe.write(Buffer.from('x')), { code: 'closed' });
    pipe.close();
  });
});

test('what is written after closing is not sent on the next opening', async () => {
  await withLine('pipe', async ({ address }) => {
    const transport = createTransport();
    const first = await transport.open(address, soon());
    first.close();
    assert.deepEqual(await first.closed, { kind: 'closed-by-us' });
    await assert.rejects(first.write(Buffer.from('late')), { code: 'closed' });
    const second = await transport.open(address, soon());
    let heard = '';
    second.onData((chunk) => {
      heard += Buffer.from(chunk).toString('utf8');
    });
    await second.write(Buffer.from('now'));
    await REAL_CLOCK.sleep(200);
    assert.equal(heard, 'now');
    second.close();
    await second.closed;
  });
});

test('a device that is not there rejects by code', async () => {
  const missing = createTransport().open('serial:///dev/tillgate-none', soon());
  await assert.rejects(missing, { name: 'TransportError', code: 'ENOENT' });
});

test('a line that is closed while a read is on its way leaves the process alive', async () => {
  await withLine('pipe', async ({ address }) => {
    const transport = createTransport();
    // After a chunk the line is read again; one of these moments is in the middle of that read.
    const moments: ((close: () => void) => void)[] = [
      (close) => close(),
      (close) => queueMicrotask(close),
      (close) => process.nextTick(close),
      (close) => void setImmediate(close),
    ];
    for (let turn = 0; turn < 80; turn++) {
      const pipe = await transport.open(address, soon());
      const later = moments[turn % moments.length];
      pipe.onData(() => later?.(() => pipe.close()));
      // The echo may be back, and the line closed, before the write is told done.
      await pipe.write(Buffer.from('ping')).catch(() => undefined);
      assert.deepEqual(await within(3_000, pipe.closed), { kind: 'closed-by-us' });
    }
  });
});
