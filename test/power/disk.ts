// A disk with a volatile cache, made of loop devices, and what it holds after a power cut:
//
//   ext4 ─▶ loop «device» ─▶ page cache of loop «cache» ─▶ file «platter» in a file system of its own
//
// A write of ext4 stops in the page cache of «cache», which is the disk's own; a flush takes it to
// the platter. The platter's file system can be frozen, so that a cut has one moment, in the middle
// of a flush too.
import { spawn } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../image/run.ts';
import type { Prng } from '../kit/prng.ts';

const MIB = 1024 * 1024;
const SIZE_MIB = 64;
const SECTOR = 512;
const BLOCK = 4096;
/** Longest freeze: it waits for what the frozen file system has not written. */
const FREEZE_MS = 20_000;
/** Longest reading of 64 MiB that lie in memory. */
const CACHE_MS = 3_000;

/**
 * What a disk may hold after its power went, all of it in order with its flushes: nothing that was
 * not flushed; everything that it was sent; of what was not flushed any sectors.
 */
export const REMAINS = ['flushed', 'sent', 'some'] as const;
export type Remains = (typeof REMAINS)[number];

export interface Disk {
  /** Where its file system is mounted. */
  readonly folder: string;
  /** The power goes: nothing reaches the platter any more. */
  freeze(): Promise<void>;
  /**
   * While frozen: writes a disk image to `path` and resolves with what it holds: where the machine
   * was short of memory, the disk's cache cannot be read, and only what was flushed is there.
   */
  copy(path: string, remains: Remains, chance: Prng): Promise<Remains>;
  thaw(): Promise<void>;
}

/** In `room`, a folder on tmpfs in a mount namespace that ends with us: it takes the devices along. */
export function makeDisk(room: string, mountOptions = 'noatime'): Disk {
  mkdirSync(room, { recursive: true });
  const [outerFile, outer, folder] = ['outer.img', 'outer', 'data'].map((name) => join(room, name));
  if (outerFile === undefined || outer === undefined || folder === undefined) throw new Error(room);
  for (const path of [outer, folder]) mkdirSync(path);
  writeFileSync(outerFile, '');
  truncateSync(outerFile, (SIZE_MIB + 32) * MIB);
  run('mkfs.ext4', ['-q', '-O', '^has_journal', outerFile]);
  run('mount', ['-o', 'loop,noatime', outerFile, outer]);
  const platter = join(outer, 'platter');
  // No holes: a flush then changes nothing but the platter's own blocks.
  writeFileSync(platter, Buffer.alloc(SIZE_MIB * MIB), { flush: true });
  const cache = attach(platter);
  try {
    const device = attach(cache);
    try {
      for (const loop of [cache, device]) assertCaches(loop);
      run('mkfs.ext4', ['-q', '-b', '4096', '-J', 'size=4', '-E', 'lazy_itable_init=0', device]);
      run('mount', ['-o', mountOptions, device, folder]);
    } finally {
      run('losetup', ['--detach', device]);
    }
  } finally {
    // In use it is only marked, and goes with the mount.
    run('losetup', ['--detach', cache]);
  }
  return {
    folder,
    freeze: async () => {
      await succeed('dd', [`if=${cache}`, 'of=/dev/null', 'bs=1M', 'status=none']);
      await succeed('fsfreeze', ['--freeze', outer]);
    },
    thaw: () => succeed('fsfreeze', ['--unfreeze', outer]),
    copy: async (path, remains, chance) => {
      const sent = remains === 'flushed' ? null : await readCache(cache, `${path}.sent`);
      const flushed = readFileSync(platter);
      if (sent !== null && remains === 'some') mix(flushed, sent, chance);
      writeSparse(path, remains === 'sent' ? (sent ?? flushed) : flushed);
      return sent === null ? 'flushed' : remains;
    },
  };
}

function attach(file: string): string {
  return run('losetup', ['--find', '--show', file]).trim();
}

/** Otherwise a write would be on the platter at once, and no cut would lose it. */
function assertCaches(loop: string): void {
  const about = (file: string): string =>
    readFileSync(join('/sys/block', basename(loop), file), 'utf8').trim();
  const [writeCache, direct] = [about('queue/write_cache'), about('loop/dio')];
  if (writeCache !== 'write back' || direct !== '0') {
    throw new Error(`${loop} has no volatile cache: ${writeCache}, direct I/O ${direct}`);
  }
}

/**
 * Every page of it was read right before it was frozen; one that the kernel has dropped since would
 * wait for the thaw. So another process reads, and is left where it does not come back.
 */
async function readCache(cache: string, path: string): Promise<Buffer | null> {
  const child = spawn('cp', ['--sparse=always', cache, path], { stdio: 'inherit' });
  const ended = new Promise<boolean>((resolve) => {
    child.once('exit', (code) => resolve(code === 0));
  });
  const late = new AbortController();
  const whole = await Promise.race([ended, sleep(CACHE_MS, false, { signal: late.signal })]);
  late.abort();
  if (!whole) {
    child.kill('SIGKILL');
    rmSync(path, { force: true });
    return null;
  }
  const sent = readFileSync(path);
  rmSync(path);
  return sent;
}

/** Of what was not flushed, any sectors are on the platter. */
function mix(flushed: Buffer, sent: Buffer, chance: Prng): void {
  const share = chance.pick([0.1, 0.5, 0.9]);
  for (let block = 0; block < flushed.length; block += BLOCK) {
    if (flushed.compare(sent, block, block + BLOCK, block, block + BLOCK) === 0) continue;
    for (let at = block; at < block + BLOCK; at += SECTOR) {
      if (chance.chance(share)) sent.copy(flushed, at, at, at + SECTOR);
    }
  }
}

function writeSparse(path: string, image: Buffer): void {
  const zeros = Buffer.alloc(16 * BLOCK);
  const file = openSync(path, 'w');
  try {
    ftruncateSync(file, image.length);
    for (let at = 0; at < image.length; at += zeros.length) {
      const part = image.subarray(at, at + zeros.length);
      if (!part.equals(zeros)) writeSync(file, part, 0, part.length, at);
    }
  } finally {
    closeSync(file);
  }
}

/** Not blocking: tills and terminals go on until the very moment. */
function succeed(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'inherit', timeout: FREEZE_MS });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}`));
    });
  });
}
