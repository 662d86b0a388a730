// Whether power cuts can be tried on this machine: they take root, loop devices and namespaces.
import { spawnSync } from 'node:child_process';

const PROGRAMS = ['mkfs.ext4', 'e2fsck', 'losetup', 'fsfreeze', 'unshare', 'mount', 'ip'];

/** Mounts a small ext4 over a loop device, in namespaces that take it along when they end. */
const PROBE = `set -eu
ip link set lo up
mount -t tmpfs tmpfs /mnt
truncate --size=8M /mnt/disk
mkfs.ext4 -q /mnt/disk
mkdir /mnt/inside
mount -o loop /mnt/disk /mnt/inside`;

/** Why not, in words for the report; null where they can. */
export function cannotCut(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  const missing = PROGRAMS.filter((program) => !succeeds('sh', ['-c', `command -v ${program}`]));
  if (missing.length > 0) return `it needs ${missing.join(', ')}`;
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child'];
  return succeeds('unshare', [...namespaces, 'sh', '-c', PROBE])
    ? null
    : 'it needs loop devices, ext4 and namespaces';
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { env: ROOT_ENV, timeout: 20_000 }).status === 0;
}

export const ROOT_ENV = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
