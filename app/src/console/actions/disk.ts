// The data partition: what fills it, and mending it.
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';

const DATA_DEVICE = '/dev/disk/by-partlabel/tillgate-data';
const REPAIR_TIMEOUT_MS = 30 * 60_000;
/** e2fsck: 0 clean, 1 errors were corrected, 2 the same and a restart is wanted. */
const REPAIR = `e2fsck -f -y ${DATA_DEVICE}; test $? -le 2`;

/** Whoever has the file system open; systemd stops them in its own order. */
const HOLDERS = [
  'tillgate.service',
  'systemd-timesyncd.service',
  'tillgate-journal.service',
  'var-log-journal.mount',
  'tillgate-state.service',
  'var-lib-tillgate.mount',
  'tillgate-check.service',
];
/** `tillgate.target` is up already: what it wants is started by name. */
const USERS = [
  'var-lib-tillgate.mount',
  'tillgate-state.service',
  'tillgate.service',
  'var-log-journal.mount',
  'tillgate-journal.service',
  'systemd-timesyncd.service',
];

export async function diskMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const action = await dialog.choose(say('menuDisk'), [
    { label: say('diskUsage'), value: usage },
    { label: say('diskVacuum'), value: vacuum },
    { label: say('diskRepair'), value: repair },
  ]);
  await action?.(dialog, machine);
}

async function usage(dialog: Dialog, machine: Machine): Promise<void> {
  const disks = await machine.run('df', ['-h', machine.folders.data]);
  const parts = await machine.run('du', ['-h', '--max-depth=1', machine.folders.data]);
  await dialog.page(`${disks.text}\n\n${parts.text}`);
}

async function vacuum(dialog: Dialog, machine: Machine): Promise<void> {
  await outcome(dialog, await machine.run('journalctl', ['--rotate', '--vacuum-size=8M']));
}

async function repair(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  if (!(await dialog.confirm(say('diskRepairSure')))) return;
  machine.log.warn('console-disk-repair');
  const long = { timeoutMs: REPAIR_TIMEOUT_MS };
  await machine.run('systemctl', ['stop', ...HOLDERS], long);
  const mended = await machine.run('sh', ['-c', REPAIR], long);
  await dialog.page(mended.text);
  await machine.run('systemctl', ['reset-failed'], long);
  const started = await machine.run('systemctl', ['start', ...USERS], long);
  await outcome(dialog, mended.ok ? started : mended);
}
