// USB sticks: found, opened for one action, closed before the action's last word is shown.
import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';

const blockSchema = z.object({
  path: z.string(),
  fstype: z.string().nullable(),
  label: z.string().nullable(),
  size: z.string(),
  hotplug: z.boolean(),
  tran: z.string().nullable(),
  mountpoint: z.string().nullable(),
  partlabel: z.string().nullable(),
});
const blocksSchema = z.object({ blockdevices: z.array(blockSchema) });

export interface Stick {
  readonly path: string;
  readonly label: string;
}

/** File systems on USB disks that are neither mounted nor our own: the box may start from USB. */
export async function findSticks(machine: Machine): Promise<readonly Stick[]> {
  const columns = 'PATH,FSTYPE,LABEL,SIZE,HOTPLUG,TRAN,MOUNTPOINT,PARTLABEL';
  const found = await machine.run('lsblk', ['--json', '--list', '--output', columns]);
  if (!found.ok) return [];
  return parseSticks(found.text);
}

/** From the list that `lsblk` prints. */
export function parseSticks(text: string): readonly Stick[] {
  return blocksSchema
    .parse(JSON.parse(text))
    .blockdevices.filter(({ tran, hotplug }) => tran === 'usb' || hotplug)
    .filter(({ mountpoint, partlabel }) => mountpoint === null && !isOurs(partlabel))
    .filter(({ fstype }) => ['vfat', 'exfat', 'ntfs', 'ext4'].includes(fstype ?? ''))
    .map(({ path, label, size, fstype }) => ({
      path,
      label: `${label ?? path} (${size}, ${fstype ?? '?'})`,
    }));
}

function isOurs(partlabel: string | null): boolean {
  return partlabel?.startsWith('tillgate-') ?? false;
}

/** Runs `use` with the mounted stick; undefined where there is none or it cannot be opened. */
export async function withStick<T>(
  dialog: Dialog,
  machine: Machine,
  mode: 'ro' | 'rw',
  use: (folder: string) => Promise<T>,
): Promise<T | undefined> {
  const { say } = dialog;
  const sticks = await findSticks(machine);
  if (sticks.length === 0) {
    dialog.show(say('stickNone'));
    await dialog.pause();
    return undefined;
  }
  const stick = await dialog.choose(
    say('stickWhich'),
    sticks.map((found) => ({ label: found.label, value: found })),
  );
  if (stick === null) return undefined;
  const folder = machine.folders.stick;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const options = `${mode},nodev,nosuid,noexec,noatime`;
  const mounted = await machine.run('mount', ['-o', options, stick.path, folder]);
  if (!mounted.ok) {
    dialog.show(say('stickMountFailed', { reason: mounted.text }));
    await dialog.pause();
    return undefined;
  }
  try {
    return await use(folder);
  } finally {
    await machine.run('umount', [folder], { timeoutMs: 120_000 });
  }
}
