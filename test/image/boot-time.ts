// From the choice of slot to «ready for a payment», against the same kernel and the same Debian
// that starts nothing of ours.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { READY } from './kit/appliance.ts';
import { setBootVariable } from './kit/grub.ts';
import { freshDisk, TRANSCRIPTS } from './kit/places.ts';
import { BOOT_MS, Vm } from './kit/vm.ts';

const BARE =
  'systemd.mask=tillgate.target systemd.mask=tillgate-console.service systemd.show_status=true';
const RATIO_MAX = 1.15;

test('is ready for a payment within 1.15 of a bare system', { timeout: 1_500_000 }, async () => {
  const disk = freshDisk('boot-time');
  const port = await freePort();
  // The first start makes keys and grows the disk; a shop sees the others.
  const first = new Vm('5-boot-first', { disk, forward: { [port]: 8080 } });
  await first.expect(READY, BOOT_MS);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  await first.cutPower();

  setBootVariable(disk, 'extra', BARE);
  const bare = new Vm('5-boot-bare', { disk });
  await bare.expect(/Tillgate: slot A/, 60_000);
  const bareFrom = stamp(bare);
  await bare.expect(/Reached target [^\n]*multi-user/i, BOOT_MS);
  const bareTook = since(bareFrom, bare);
  await bare.cutPower();

  setBootVariable(disk, 'extra', '');
  const ours = new Vm('5-boot-ours', { disk, forward: { [port]: 8080 } });
  await ours.expect(/Tillgate: slot A/, 60_000);
  const oursFrom = stamp(ours);
  await healthy(port);
  const oursTook = since(oursFrom, ours);
  await ours.cutPower();

  const ratio = oursTook.processor / bareTook.processor;
  const report =
    `bare multi-user: ${tell(bareTook)}\nready for a payment: ${tell(oursTook)}\n` +
    `ratio of processor time ${ratio.toFixed(2)}\n`;
  writeFileSync(join(TRANSCRIPTS, 'boot-time.txt'), report);
  assert.ok(ratio <= RATIO_MAX, report);
});

interface Took {
  readonly clock: number;
  readonly processor: number;
}

function stamp(vm: Vm): Took {
  return { clock: Date.now(), processor: vm.processorMs() };
}

function since(from: Took, vm: Vm): Took {
  const now = stamp(vm);
  return { clock: now.clock - from.clock, processor: now.processor - from.processor };
}

function tell({ clock, processor }: Took): string {
  return `${(clock / 1_000).toFixed(1)} s by the clock, ${(processor / 1_000).toFixed(1)} s of the processor`;
}

async function healthy(port: number): Promise<void> {
  const deadline = Date.now() + BOOT_MS;
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/health`, {
        signal: AbortSignal.timeout(2_000),
      });
      if (answer.status === 200) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it did not become ready');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
