// Time of day: set or confirmed by a person where no time server is reached.
import { existsSync } from 'node:fs';
import { confirmTime, isZone, setTime, setZone } from '../../hand/clock-setting.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';

export async function timeMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const { text } = await machine.run('date', ['+%Y-%m-%d %H:%M:%S %Z']);
  const trusted = say(existsSync(machine.folders.clockMark) ? 'yes' : 'no');
  const action = await dialog.choose(say('timeNow', { time: text, trusted }), [
    { label: say('timeConfirm'), value: confirm },
    { label: say('timeSet'), value: set },
    { label: say('timeZone'), value: changeZone },
  ]);
  await action?.(dialog, machine);
}

async function confirm(dialog: Dialog, machine: Machine): Promise<void> {
  await confirmTime(machine);
  machine.log.warn('console-time-confirmed');
  dialog.show(dialog.say('done'));
  await dialog.pause();
}

async function set(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const text = await dialog.ask(say('timeAsk'));
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/.test(text)) {
    dialog.show(say('timeBad'));
    return dialog.pause();
  }
  const result = await setTime(machine, text);
  if (result.ok) machine.log.warn('console-time-confirmed');
  await outcome(dialog, result);
}

async function changeZone(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const zone = await dialog.ask(say('timeAskZone'));
  if (!isZone(zone)) {
    dialog.show(say('timeBadZone'));
    return dialog.pause();
  }
  await outcome(dialog, await setZone(machine, zone));
}
