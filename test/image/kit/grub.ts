// GRUB's environment on a disk image, without mounting it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { WORK } from './places.ts';

/** Where the boot partition begins: image/disk.ts puts it at 2 MiB. */
const BOOT_OFFSET = 2 * 1024 * 1024;

/** `extra` is added to the kernel's command line. */
export function setBootVariable(disk: string, name: string, value: string): void {
  const partition = `${disk}@@${BOOT_OFFSET}`;
  const file = join(WORK, 'grubenv');
  const environment = { env: { ...process.env, MTOOLS_SKIP_CHECK: '1' } };
  execFileSync('mcopy', ['-o', '-i', partition, '::/grub/grubenv', file], environment);
  execFileSync('grub-editenv', [
    file,
    value === '' ? 'unset' : 'set',
    value === '' ? name : `${name}=${value}`,
  ]);
  execFileSync('mcopy', ['-o', '-i', partition, file, '::/grub/grubenv'], environment);
}
