// The disk in the forms that people's tools take.
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { PATHS } from './paths.ts';
import { run } from './run.ts';

export function compressed(raw: string, out: string): void {
  run('zstd', ['--quiet', '--force', '-6', '--threads=1', raw, '-o', out]);
}

export function qcow2(raw: string, out: string): void {
  run('qemu-img', ['convert', '-m', '1', '-f', 'raw', '-O', 'qcow2', raw, out]);
}

/** Stream-optimised: what VMware and VirtualBox import, and what an OVA must hold. */
export function vmdk(raw: string, out: string): void {
  run('qemu-img', [
    'convert',
    '-m',
    '1',
    '-f',
    'raw',
    '-O',
    'vmdk',
    '-o',
    'subformat=streamOptimized',
    raw,
    out,
  ]);
  fixContentId(out);
}

/** qemu-img draws the content id at random; the same disk must give the same file. */
function fixContentId(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    const head = Buffer.alloc(64 * 1024);
    readSync(descriptor, head, 0, head.length, 0);
    const at = head.indexOf('\nCID=');
    if (at < 0) throw new Error('the VMDK has no content id');
    writeSync(descriptor, Buffer.from('711a7e00'), 0, 8, at + 5);
  } finally {
    closeSync(descriptor);
  }
}

export function ova(disk: string, raw: string, version: string, epoch: number, out: string): void {
  const folder = join(PATHS.work, 'ova');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const descriptor = join(folder, 'tillgate.ovf');
  writeFileSync(descriptor, ovf(basename(disk), statSync(disk).size, statSync(raw).size, version));
  const manifest = join(folder, 'tillgate.mf');
  writeFileSync(manifest, manifestLine(descriptor) + manifestLine(disk));
  rmSync(out, { force: true });
  run('tar', [
    '--create',
    '--format=ustar',
    `--file=${out}`,
    `--mtime=@${epoch}`,
    '--owner=0',
    '--group=0',
    '--mode=0644',
    '-C',
    folder,
    'tillgate.ovf',
    'tillgate.mf',
    '-C',
    join(disk, '..'),
    basename(disk),
  ]);
}

function manifestLine(path: string): string {
  return `SHA256(${basename(path)})= ${sha256(path)}\n`;
}

export function sha256(path: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  const chunk = Buffer.alloc(4 * 1024 * 1024);
  try {
    for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

/** One processor, 1 GiB, a SATA disk, one network card: what every hypervisor has. */
function ovf(disk: string, size: number, capacity: number, version: string): string {
  const template = readFileSync(join(import.meta.dirname, 'boot/tillgate.ovf'), 'utf8');
  const values: Readonly<Record<string, string>> = {
    disk,
    size: String(size),
    capacity: String(capacity),
    version,
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
