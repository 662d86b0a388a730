// The ledger and what support needs, on a USB stick. No secrets: keys and certificates stay.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ledgerFolder } from '../../storage/data-folder.ts';
import { copyLedger } from '../../storage/ledger/backup.ts';
import { exportEvents } from '../../storage/ledger/export.ts';
import { openForReading } from '../../storage/ledger/opening.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { withStick } from './stick.ts';

/** All at once, as `tillgate ledger backup` does it. */
const BACKUP_PAGES_PER_TURN = 0x7fff_ffff;

export async function exportMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const folder = await exportToStick(dialog, machine);
  if (folder === null) return;
  dialog.show(say('exportDone', { folder }));
  await dialog.pause();
}

/** The new folder's name on the stick; null where nothing was written. */
export async function exportToStick(dialog: Dialog, machine: Machine): Promise<string | null> {
  const { say } = dialog;
  const stamp = new Date(machine.clock.now()).toISOString().slice(0, 19).replace(/[:T]/g, '-');
  const name = `${machine.hostName()}-${stamp}`;
  const failure = await withStick(dialog, machine, 'rw', async (stick) => {
    try {
      await exportTo(join(stick, name), machine);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  if (failure === undefined) return null;
  if (failure === null) return name;
  dialog.show(say('failed', { reason: failure }));
  await dialog.pause();
  return null;
}

export async function exportTo(folder: string, machine: Machine): Promise<void> {
  await mkdir(folder, { recursive: true });
  await supportFiles(folder, machine);
  const database = openForReading(ledgerFolder(machine.folders.gateway));
  try {
    await copyLedger(database, join(folder, 'ledger.db'), BACKUP_PAGES_PER_TURN);
    const lines = createWriteStream(join(folder, 'ledger.jsonl'), { flush: true });
    for (const event of exportEvents(database, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) {
      if (!lines.write(`${JSON.stringify(event)}\n`)) await once(lines, 'drain');
    }
    lines.end();
    await once(lines, 'close');
  } finally {
    database.close();
  }
}

async function supportFiles(folder: string, machine: Machine): Promise<void> {
  const reports = {
    'journal.txt': ['journalctl', '--no-pager', '--output=short-iso', '--lines=20000'],
    'units.txt': ['systemctl', 'list-units', '--all', '--no-pager', '--full'],
    'gateway.txt': ['systemctl', 'status', '--no-pager', '--lines=50', 'tillgate.service'],
    'network.txt': ['ip', 'address'],
    'disks.txt': ['lsblk', '--output', 'NAME,SIZE,FSTYPE,LABEL,PARTLABEL,MOUNTPOINTS'],
    'usb.txt': ['ls', '-lR', '/dev/terminals', '/dev/serial'],
  } as const;
  for (const [name, [program, ...args]] of Object.entries(reports)) {
    const { text } = await machine.run(program, args);
    await writeFile(join(folder, name), `${text}\n`);
  }
  try {
    await copyFile(join(machine.folders.gateway, 'settings.json'), join(folder, 'settings.json'));
  } catch {
    // A box that was never set up has no settings.
  }
}
