// The disk: GPT with GRUB for BIOS and UEFI, two slots, one data partition. No loop device, no mount.
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PATHS, REPOSITORY } from './paths.ts';
import { run } from './run.ts';

const MIB = 1024 * 1024;
/** Sizes in MiB. A slot has room for twice the system of today; data grows to the disk's end. */
const SIZE = { bios: 1, boot: 64, slot: 512, data: 256 };
const START = { bios: 1, boot: 2, a: 66, b: 66 + SIZE.slot, data: 66 + 2 * SIZE.slot };
const TOTAL_MIB = START.data + SIZE.data + 1;

/** Numbers that would be random otherwise: the same sources give the same disk. */
const ID = {
  boot: '7111A7E0',
  disk: '711A7E00-0000-4000-8000-000000000000',
  dataFileSystem: '711a7e00-0000-4000-8000-0000000000da',
  partition: (n: number): string => `711A7E00-0000-4000-8000-00000000000${n}`,
};

const MODULES =
  'part_gpt fat iso9660 normal configfile search search_fs_uuid linux loadenv test regexp echo serial terminal sleep reboot ls cat probe'.split(
    ' ',
  );
const EFI_MODULES = ['efi_gop', 'efi_uga', 'video', 'all_video'];

const BIOS_CORE_LBA = 2048;

export function diskImage(slot: string, epoch: number, out: string): void {
  const work = join(PATHS.work, 'disk');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const env = { SOURCE_DATE_EPOCH: String(epoch), E2FSPROGS_FAKE_TIME: String(epoch) };
  rmSync(out, { force: true });
  writeFileSync(out, '');
  truncateSync(out, TOTAL_MIB * MIB);
  partition(out);
  const { mbr, core } = biosLoader(work);
  writeAt(out, mbr.subarray(0, 440), 0);
  writeAt(out, core, START.bios * MIB);
  for (const [file, start] of [
    [bootPartition(work, env), START.boot],
    [slot, START.a],
    [dataPartition(work, env), START.data],
  ] as const) {
    run('dd', [
      `if=${file}`,
      `of=${out}`,
      'bs=1M',
      `seek=${start}`,
      'conv=notrunc,sparse',
      'status=none',
    ]);
  }
}

function partition(out: string): void {
  const linux = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
  const rows = [
    [START.bios, SIZE.bios, '21686148-6449-6E6F-744E-656564454649', 'tillgate-bios'],
    [START.boot, SIZE.boot, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', 'tillgate-boot'],
    [START.a, SIZE.slot, linux, 'tillgate-a'],
    [START.b, SIZE.slot, linux, 'tillgate-b'],
    // «Server data»: systemd-repart finds it by this type, which nothing else here has.
    [START.data, SIZE.data, '3B8F8425-20E0-4F3B-907F-1A25A76F98E8', 'tillgate-data'],
  ] as const;
  const lines = rows.map(
    ([start, size, type, name], at) =>
      `start=${start}MiB, size=${size}MiB, type=${type}, name=${name}, uuid=${ID.partition(at + 1)}`,
  );
  const table = ['label: gpt', `label-id: ${ID.disk}`, 'first-lba: 34', ...lines, ''].join('\n');
  run('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', out], { input: table });
}

/** GRUB's own installer wants a mounted disk; what it does on GPT is three numbers. */
function biosLoader(work: string): { mbr: Buffer; core: Buffer } {
  const file = join(work, 'core.img');
  run('grub-mkimage', [
    '-O',
    'i386-pc',
    '-p',
    '(hd0,gpt2)/grub',
    '-o',
    file,
    'biosdisk',
    ...MODULES,
  ]);
  const core = readFileSync(file);
  if (core.length > SIZE.bios * MIB) throw new Error('GRUB does not fit its partition');
  // The second sector of core.img, and the address where its loader finds the rest.
  core.writeBigUInt64LE(BigInt(BIOS_CORE_LBA + 1), 0x1f4);
  const mbr = readFileSync('/usr/lib/grub/i386-pc/boot.img');
  mbr.writeBigUInt64LE(BigInt(BIOS_CORE_LBA), 0x5c);
  // Two no-ops: take the drive number from the firmware as it is.
  mbr.writeUInt16LE(0x9090, 0x66);
  return { mbr, core };
}

function bootPartition(work: string, env: Readonly<Record<string, string>>): string {
  const early = join(work, 'early.cfg');
  const uuid = `${ID.boot.slice(0, 4)}-${ID.boot.slice(4)}`;
  writeFileSync(
    early,
    `search --no-floppy --fs-uuid --set=root ${uuid}\nset prefix=($root)/grub\n`,
  );
  const efi = join(work, 'BOOTX64.EFI');
  run('grub-mkimage', [
    '-O',
    'x86_64-efi',
    '-p',
    '/grub',
    '-c',
    early,
    '-o',
    efi,
    ...EFI_MODULES,
    ...MODULES,
  ]);
  const state = join(work, 'grubenv');
  run('grub-editenv', [state, 'create']);
  run('grub-editenv', [
    state,
    'set',
    'ORDER=A B',
    'A_OK=1',
    'B_OK=0',
    'A_TRY=0',
    'B_TRY=0',
    'CONFIRMED=A',
  ]);
  const image = join(work, 'boot.img');
  writeFileSync(image, '');
  truncateSync(image, SIZE.boot * MIB);
  run('mkfs.fat', ['--invariant', '-F', '32', '-s', '1', '-i', ID.boot, '-n', 'BOOT', image]);
  const mtools = { env: { ...env, MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' } };
  run('touch', ['--date', `@${env['SOURCE_DATE_EPOCH']}`, efi, state]);
  run('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT', '::/grub'], mtools);
  run('mcopy', ['-m', '-i', image, efi, '::/EFI/BOOT/BOOTX64.EFI'], mtools);
  const config = join(work, 'grub.cfg');
  writeFileSync(config, readFileSync(join(REPOSITORY, 'image/boot/grub.cfg')));
  run('touch', ['--date', `@${env['SOURCE_DATE_EPOCH']}`, config]);
  run('mcopy', ['-m', '-i', image, config, '::/grub/grub.cfg'], mtools);
  for (const name of ['grubenv', 'grubenv.copy']) {
    run('mcopy', ['-m', '-i', image, state, `::/grub/${name}`], mtools);
  }
  return image;
}

function dataPartition(work: string, env: Readonly<Record<string, string>>): string {
  const image = join(work, 'data.img');
  writeFileSync(image, '');
  truncateSync(image, SIZE.data * MIB);
  run(
    'mkfs.ext4',
    [
      '-q',
      '-T',
      'default',
      '-b',
      '4096',
      '-L',
      'tillgate-data',
      '-U',
      ID.dataFileSystem,
      '-E',
      `hash_seed=${ID.dataFileSystem},lazy_itable_init=1,lazy_journal_init=0`,
      image,
    ],
    { env },
  );
  return image;
}

function writeAt(path: string, bytes: Uint8Array, offset: number): void {
  const descriptor = openSync(path, 'r+');
  try {
    writeSync(descriptor, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(descriptor);
  }
}
