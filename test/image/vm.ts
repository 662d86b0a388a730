// The image in a virtual machine, over its serial port and its network. One disk lives through it
// all, as an appliance does; each test says what a shop relies on.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { firstScreen, newKey, READY, signIn, signOut, till } from './kit/appliance.ts';
import { freshDisk, TRANSCRIPTS, WORK } from './kit/places.ts';
import { freePorts } from './kit/ports.ts';
import { OutsideTerminal } from './kit/terminal.ts';
import { bridgeScript, PLUG_IN, REPLUG, serialArguments, UNPLUG } from './kit/usb.ts';
import { BOOT_MS, type Bus, Vm } from './kit/vm.ts';

const POWER_CUTS = Number(process.env['TILLGATE_POWER_CUTS'] ?? 3);
/** image/test bounds the run as a whole; thirty power cuts take an hour and a half. */
const WHOLE_MS = 10_800_000;

/** After each cut the disk hangs in another machine. */
const CUT_BUSES: readonly Bus[] = ['scsi', 'sata', 'virtio'];

let disk = '';
let port = 0;
let ports: Readonly<Record<number, number>> = {};
let code = '';
let seconds = 0;
let terminal: OutsideTerminal;
/** At the other end of the USB cable, behind a USB adapter, and on the second serial port. */
let cabled: readonly OutsideTerminal[] = [];
let vm: Vm;
let shop: ReturnType<typeof till>;
/** A shell is open on the serial line. */
let shell = false;
let terminalAdded = false;

function start(name: string, bus: Bus = 'virtio', extra: readonly string[] = []): Vm {
  shell = false;
  return new Vm(name, { disk, bus, forward: ports, extra });
}

function outside(journal: string, answerAfterMs: number): OutsideTerminal {
  const folder = join(WORK, journal);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return new OutsideTerminal(folder, `answerAfterMs=${answerAfterMs}`);
}

/** The link of the device that the kernel calls so. */
async function linkOf(device: string): Promise<string> {
  const look = `for i in $(seq 20); do for l in /dev/terminals/*; do [ "$(readlink -f $l)" = /dev/${device} ] && echo $l && break 2; done; sleep 1; done`;
  const link = await vm.run(`udevadm settle; ${look}`);
  assert.match(link, /^\/dev\/terminals\/\S+$/);
  return link;
}

/** A terminal on a line: added, reached, and one purchase taken. */
async function sellsOn(id: string, device: string, amount: number): Promise<void> {
  await shop.addTerminal(id, `serial://${device}?baud=115200`);
  await shop.linkReady(id);
  const body = { kind: 'purchase', terminal: id, amount, busy: 'wait' };
  await shop.waitUntil(
    async () => (await shop.call('PUT', `/v1/operations/${id}-1?wait=0`, body)).status < 300,
    90_000,
  );
  await shop.waitUntil(async () => (await shop.operation(`${id}-1`)).final, 90_000);
  assert.equal((await shop.operation(`${id}-1`)).state, 'approved');
}

/** Each test can be run alone: image/test vm NAME. */
async function inShell(): Promise<void> {
  if (!shell) await signIn(vm, code);
  shell = true;
}

async function atStatus(): Promise<void> {
  if (shell) await signOut(vm);
  shell = false;
}

async function withTerminal(): Promise<void> {
  // A running gateway notices a new key within two of its seconds.
  await shop.waitUntil(
    async () => (await shop.call('GET', '/v1/terminals')).status === 200,
    30_000,
  );
  if (!terminalAdded) await shop.addTerminal('till-1', terminal.address);
  terminalAdded = true;
  await shop.linkReady('till-1');
}

describe('an appliance from its first start', { timeout: WHOLE_MS }, () => {
  before(async () => {
    disk = freshDisk('appliance');
    terminal = outside('journal', 2_000);
    cabled = [
      outside('journal-usb', 8_000),
      outside('journal-ftdi', 500),
      outside('journal-com', 500),
    ];
    await Promise.all([terminal, ...cabled].map((one) => one.listening()));
    ports = await freePorts([8080, 8443, 80, 443, 22, 11000, 5355, 111]);
    port = hostPort(8080);
    const from = Date.now();
    vm = start('1-first-start', 'virtio', serialArguments(portOf(1), portOf(2)));
    code = await firstScreen(vm);
    seconds = (Date.now() - from) / 1_000;
    shop = till(port, await newKey(vm));
  });
  after(async () => {
    await vm.cutPower();
    terminal.stop();
    for (const one of cabled) one.stop();
  });

  test('first start shows the code and is ready within the time', () => {
    writeFileSync(join(TRANSCRIPTS, 'first-start-seconds.txt'), `${seconds}\n`);
    assert.match(code, /^\S{14}$/);
  });

  test('a first purchase through the API from outside', async () => {
    await withTerminal();
    await shop.waitUntil(async () => (await shop.purchase('first-1', 1_001)).final, 120_000);
    assert.equal((await shop.operation('first-1')).state, 'approved');
    assert.deepEqual(
      (await terminal.journal()).map((entry) => entry.amount),
      [1_001],
    );
  });

  test('only the listed ports answer from outside', async () => {
    assert.equal(await answers(hostPort(8080)), true);
    assert.equal(await answers(hostPort(80)), true);
    for (const closed of [22, 11_000, 5_355, 111]) {
      assert.equal(await answers(hostPort(closed)), false, `port ${closed}`);
    }
  });

  test('no unit failed, data has grown to the disk, the watchdog runs', async () => {
    await inShell();
    assert.equal(await vm.run('systemctl --failed --no-legend --plain'), '');
    assert.doesNotMatch(await vm.run('journalctl -b --no-pager'), /ordering cycle/);
    const megabytes = Number(
      await vm.run('df --output=size -BM /var/lib/tillgate | tail -1 | tr -dc 0-9'),
    );
    assert.ok(megabytes > 2_500, `${megabytes}`);
    assert.match(
      await vm.run('journalctl -b --no-pager -t systemd -g watchdog'),
      /Using hardware watchdog/,
    );
    const report = await vm.run(
      'systemd-analyze; systemd-analyze critical-chain tillgate.service; systemd-analyze blame | head -40; free -m; ps -eo rss,args --sort=-rss | head -15',
    );
    writeFileSync(join(TRANSCRIPTS, 'boot-report.txt'), `${report}\n`);
    // What programs and the kernel hold; caches are given back when somebody asks.
    const held = await vm.run(
      `awk '/^(MemTotal|Shmem):/ {n += $2} /^(MemFree|Buffers|Cached|SReclaimable):/ {n -= $2} END {print int(n / 1024)}' /proc/meminfo`,
    );
    writeFileSync(join(TRANSCRIPTS, 'memory-megabytes.txt'), `${held}\n`);
    assert.ok(Number(held) < 250, `${held} MB`);
  });

  test('a Telium terminal on USB has its link, sells, and is unplugged in the middle of a sale', async () => {
    await inShell();
    await vm.run(PLUG_IN);
    const link = await linkOf('ttyACM0');
    const script = Buffer.from(bridgeScript(portOf(0))).toString('base64');
    await vm.run(
      `echo ${script} | base64 -d >/tmp/bridge.js; (setsid node /tmp/bridge.js >/tmp/bridge.log 2>&1 &)`,
    );
    await sellsOn('usb', link, 2_001);
    const sale = (id: string, amount: number) =>
      shop.call('PUT', `/v1/operations/${id}?wait=0`, {
        kind: 'purchase',
        terminal: 'usb',
        amount,
        busy: 'wait',
      });
    await sale('usb-2', 2_002);
    await shop.waitUntil(async () => (await shop.operation('usb-2')).state === 'running', 60_000);
    await vm.run(UNPLUG);
    await shop.waitUntil(async () => (await shop.operation('usb-2')).state === 'unknown', 60_000);
    assert.match(await vm.run('tillgate update check || true'), /refused, payments are open/);
    await vm.run(REPLUG);
    await shop.waitUntil(async () => (await shop.operation('usb-2')).final, 180_000);
    const sums = (await cabledAt(0).journal()).map((entry) => entry.amount);
    assert.equal((await shop.operation('usb-2')).state === 'approved', sums.includes(2_002));
    await shop.call('DELETE', '/v1/terminals/usb');
  });

  test('a terminal behind a USB adapter sells, and one on a serial port', async () => {
    await inShell();
    await sellsOn('adapter', await linkOf('ttyUSB0'), 2_101);
    await sellsOn('com', '/dev/ttyS1', 2_102);
    for (const [at, sum] of [
      [1, 2_101],
      [2, 2_102],
    ] as const) {
      assert.deepEqual(
        (await cabledAt(at).journal()).map((entry) => entry.amount),
        [sum],
      );
    }
    for (const id of ['adapter', 'com']) await shop.call('DELETE', `/v1/terminals/${id}`);
  });

  test('a full data disk: payments go on or are refused, and it recovers', async () => {
    await inShell();
    await withTerminal();
    await vm.run(
      'fallocate -l "$(($(df --output=avail -B1 /var/lib/tillgate | tail -1) - 65536))" /var/lib/tillgate/fill',
    );
    for (let at = 0; at < 3; at += 1) {
      const { status } = await shop.call('PUT', `/v1/operations/full-${at}?wait=40`, {
        kind: 'purchase',
        terminal: 'till-1',
        amount: 3_000 + at,
        busy: 'wait',
      });
      assert.ok([200, 202, 503].includes(status), `${status}`);
    }
    await vm.run('rm /var/lib/tillgate/fill');
    await shop.waitUntil(async () => {
      const { body } = await shop.call('PUT', '/v1/operations/full-9?wait=40', {
        kind: 'purchase',
        terminal: 'till-1',
        amount: 3_009,
        busy: 'wait',
      });
      return (body as { state?: string }).state === 'approved';
    }, 120_000);
    await agree('full-');
  });

  test('the power goes in the middle of a purchase, again and again', async () => {
    await withTerminal();
    await atStatus();
    terminal.say('answer 6000');
    for (let at = 0; at < POWER_CUTS; at += 1) {
      await shop.waitUntil(async () => (await shop.call('GET', '/health')).status === 200, BOOT_MS);
      await shop.linkReady('till-1');
      const id = `cut-${at}`;
      await shop.waitUntil(async () => {
        const { status } = await shop.call('PUT', `/v1/operations/${id}?wait=0`, {
          kind: 'purchase',
          terminal: 'till-1',
          amount: 4_000 + at,
          busy: 'wait',
        });
        return status === 200 || status === 202;
      }, BOOT_MS);
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 7_500));
      await vm.cutPower();
      vm = start(`2-power-cut-${at}`, CUT_BUSES[at % CUT_BUSES.length]);
      await shop.waitUntil(async () => (await shop.operation(id)).final, BOOT_MS);
    }
    await vm.expect(READY, BOOT_MS);
    await agree('cut-');
    terminal.say('answer 1000');
  });

  test('a hung kernel is reset by the hardware watchdog', async () => {
    await inShell();
    vm.type('sync; echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger');
    await vm.expect(/Tillgate: slot A/, 180_000);
    shell = false;
    await vm.expect(READY, BOOT_MS);
  });
});

/** The ledger and the terminal tell the same story of every purchase with such an id. */
async function agree(prefix: string): Promise<void> {
  const sums = (await terminal.journal()).map((entry) => entry.amount);
  const { body } = await shop.call('GET', '/v1/operations?limit=200');
  const { operations } = body as { operations: { id: string; state: string; amount: number }[] };
  const ours = operations.filter(({ id }) => id.startsWith(prefix));
  assert.ok(ours.length > 0);
  for (const { id, state, amount } of ours) {
    assert.ok(['approved', 'failed'].includes(state), `${id} is ${state}`);
    const count = sums.filter((sum) => sum === amount).length;
    assert.equal(
      count,
      state === 'approved' ? 1 : 0,
      `${id} is ${state}, the terminal has it ${count} times`,
    );
  }
}

function cabledAt(at: number): OutsideTerminal {
  return cabled[at] ?? assert.fail(`no cable ${at}`);
}

function portOf(at: number): number {
  return cabledAt(at).port;
}

function hostPort(guest: number): number {
  const found = Object.entries(ports).find(([, to]) => to === guest);
  return Number(found?.[0] ?? assert.fail(`port ${guest} is not forwarded`));
}

/** QEMU accepts for the guest; whether the guest does shows in a byte that comes back. */
function answers(hostSide: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(hostSide, '127.0.0.1');
    const finish = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(8_000, () => finish(false));
    socket.on('connect', () => socket.write('GET /health HTTP/1.0\r\n\r\n'));
    socket.on('data', () => finish(true));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
  });
}
