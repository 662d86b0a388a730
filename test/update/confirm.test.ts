import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { BootPaths } from '../../app/src/update/boot-state.ts';
import { confirm, type ConfirmParts } from '../../app/src/update/confirm.ts';
import type { OwnHealth } from '../../app/src/update/health.ts';
import { FakeClock } from '../kit/fake-clock.ts';

const WELL: OwnHealth = { ok: true, parts: [{ name: 'ledger', ok: true, reason: null }] };

let folder = '';
let paths: BootPaths;
let commands: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'confirm-'));
  commands = [];
  paths = {
    commandLine: join(folder, 'cmdline'),
    environment: join(folder, 'grubenv'),
    machineId: join(folder, 'machine-id'),
  };
  await writeFile(paths.machineId, `${'ab'.repeat(16)}\n`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function boots(booted: string | null, confirmed: string): Promise<void> {
  await writeFile(paths.commandLine, `quiet${booted === null ? '' : ` rauc.slot=${booted}`}\n`);
  await writeFile(
    paths.environment,
    `# GRUB Environment Block\nORDER=B A\nCONFIRMED=${confirmed}\n#####`,
  );
}

function parts(changes: Partial<ConfirmParts> = {}): ConfirmParts & { clock: FakeClock } {
  const clock = new FakeClock();
  return {
    run: async (program, args) => {
      commands.push([program, ...args].join(' '));
      return { ok: true, text: '' };
    },
    paths,
    health: async () => WELL,
    ledgerFault: async () => null,
    worked: [],
    say: () => undefined,
    ...changes,
    clock,
  };
}

/** Lets time run until the confirmation has its answer. */
async function settled(given: ReturnType<typeof parts>): ReturnType<typeof confirm> {
  const progress = { done: false };
  const result = confirm(given).finally(() => {
    progress.done = true;
  });
  // Files are read in between, which takes real time; a clock only moves while nobody reads.
  for (let turn = 0; turn < 5_000 && !progress.done; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await given.clock.advance(1_000);
  }
  return result;
}

test('a healthy new slot is marked good, named as confirmed, and the choice is copied', async () => {
  await boots('B', 'A');
  assert.deepEqual(await settled(parts()), { kind: 'confirmed', new: true });
  assert.deepEqual(commands, [
    'rauc status mark-good',
    `grub-editenv ${paths.environment} set CONFIRMED=B machine_id=${'ab'.repeat(16)}`,
  ]);
  const copy = await readFile(`${paths.environment}.copy`, 'utf8');
  assert.equal(copy, await readFile(paths.environment, 'utf8'));
});

test('a new slot whose gateway never answers makes place for the old one', async () => {
  await boots('B', 'A');
  const result = await settled(parts({ health: async () => null }));
  assert.equal(result.kind, 'rolled-back');
  assert.deepEqual(commands, ['systemctl reboot']);
});

test('a new slot is not good while something is missing that worked before the update', async () => {
  await boots('B', 'A');
  const result = await settled(parts({ worked: ['ledger', 'till-1'] }));
  assert.deepEqual(result, {
    kind: 'rolled-back',
    reason: 'worked before the update: till-1',
  });
});

test('a new slot on a broken ledger makes place for the old one', async () => {
  await boots('B', 'A');
  const result = await settled(parts({ ledgerFault: async () => 'ledger, event 7: hash' }));
  assert.equal(result.kind, 'rolled-back');
});

test('the confirmed slot stays even when it is not well', async () => {
  await boots('A', 'A');
  const result = await settled(parts({ health: async () => null }));
  assert.equal(result.kind, 'unhealthy');
  assert.deepEqual(commands, []);
});

test('a slot that becomes healthy within the time is confirmed', async () => {
  await boots('A', 'A');
  let asked = 0;
  const health = async (): Promise<OwnHealth | null> => {
    asked += 1;
    return asked < 20 ? null : WELL;
  };
  assert.equal((await settled(parts({ health }))).kind, 'confirmed');
});

test('a live medium has nothing to confirm', async () => {
  await boots(null, 'A');
  assert.deepEqual(await settled(parts()), { kind: 'live-medium' });
});
