// Time of day: set or confirmed by a person where no time server is reached.
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeDurable } from '../../storage/durable-file.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';

export async function timeMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const { text } = await machine.run('date', ['+%Y-%m-%d %H:%M:%S %Z']);
  const trusted = say(existsSync(machine.folders.clockMark) ? 'yes' : 'no');
  const action = await dialog.choose(say('timeNow', { time: text, trusted }), [
    { label: say('timeConfirm'), value: confirmTime },
    { label: say('timeSet'), value: setTime },
    { label: say('timeZone'), value: setZone },
  ]);
  await action?.(dialog, machine);
}

async function confirmTime(dialog: Dialog, machine: Machine): Promise<void> {
  await mkdir(dirname(machine.folders.clockMark), { recursive: true });
  await writeFile(machine.folders.clockMark, '');
  machine.log.warn('console-time-confirmed');
  dialog.show(dialog.say('done'));
  await dialog.pause();
}

async function setTime(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const text = await dialog.ask(say('timeAsk'));
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/.test(text)) {
    dialog.show(say('timeBad'));
    return dialog.pause();
  }
  const set = await machine.run('date', ['--set', text]);
  if (!set.ok) return outcome(dialog, set);
  await confirmTime(dialog, machine);
}

async function setZone(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const zone = await dialog.ask(say('timeAskZone'));
  const file = join('/usr/share/zoneinfo', zone);
  if (!/^[A-Za-z]+(\/[A-Za-z_+-]+)*$/.test(zone) || !existsSync(file)) {
    dialog.show(say('timeBadZone'));
    return dialog.pause();
  }
  await writeDurable(join(machine.folders.state, 'time-zone'), `${zone}\n`);
  await outcome(dialog, await machine.run('ln', ['-sf', file, '/etc/localtime']));
}
