// Facts of the machine: pages show the last reading, ask for the next one and wait for none.
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MACHINE_FACTS_MS } from '../domain/limits.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Machine, MachineFacts } from '../ports/machine.ts';

/** Our udev rule names what hangs on USB by its place. */
const TERMINAL_LINKS = '/dev/terminals';

export interface MachineParts {
  readonly folder: string;
  readonly isAppliance: boolean;
  readonly certificate: { readonly fingerprint: string } | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly logLines: () => readonly string[];
  /** Copies the ledger to a file that does not exist yet. */
  readonly copyLedger: (target: string) => Promise<void>;
}

export function watchMachine(parts: MachineParts): Machine {
  const { clock, folder, log } = parts;
  let facts: MachineFacts | null = null;
  let reading = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  // Each reading starts programs, so there is none while nobody looks, and none at the start.
  const renew = (): void => {
    const now = clock.monotonic();
    if (reading || now - askedAt < MACHINE_FACTS_MS) return;
    reading = true;
    askedAt = now;
    read(folder, clock)
      .then((fresh) => (facts = fresh))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        log.warn('machine-not-read', { reason });
      })
      .finally(() => (reading = false));
  };
  return {
    isAppliance: parts.isAppliance,
    certificate: parts.certificate,
    startedAt: clock.now(),
    facts: () => {
      renew();
      return facts;
    },
    serialAddresses,
    logLines: parts.logLines,
    backup: () => backup(parts),
  };
}

async function read(folder: string, clock: Clock): Promise<MachineFacts> {
  // Half a megabyte of program: read when there is time, not while the box starts.
  const { currentLoad, cpuTemperature, fsSize, mem, osInfo } = await import('systeminformation');
  const [load, memory, disks, system, temperature] = await Promise.all([
    currentLoad(),
    mem(),
    fsSize(),
    osInfo(),
    cpuTemperature(),
  ]);
  // The longest mount point that the folder lies under.
  const [disk] = disks
    .filter(
      ({ mount }) =>
        folder === mount || folder.startsWith(mount.endsWith('/') ? mount : `${mount}/`),
    )
    .sort((a, b) => b.mount.length - a.mount.length);
  return {
    at: clock.now(),
    system: [system.distro, system.release].filter((part) => part !== '').join(' '),
    load: Number.isFinite(load.currentLoad) ? load.currentLoad / 100 : null,
    memory: { used: memory.total - memory.available, total: memory.total },
    disk: disk === undefined ? null : { used: disk.size - disk.available, total: disk.size },
    temperature: temperature.main > 0 ? temperature.main : null,
  };
}

async function serialAddresses(): Promise<readonly string[]> {
  try {
    const names = await readdir(TERMINAL_LINKS);
    return names.sort().map((name) => `serial://${join(TERMINAL_LINKS, name)}?baud=115200`);
  } catch (error) {
    // No terminal is plugged in, or the machine has no rule of ours.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The copy is whole before its first byte is sent, and gone after its last. */
async function backup({
  folder,
  random,
  copyLedger,
  log,
}: MachineParts): Promise<NodeJS.ReadableStream> {
  const name = `backup-${Buffer.from(random.bytes(6)).toString('hex')}.db`;
  const path = join(folder, name);
  await copyLedger(path);
  const stream = createReadStream(path);
  stream.once('close', () => {
    rm(path, { force: true }).catch((error: unknown) => log.error('backup-not-removed', {}, error));
  });
  return stream;
}
