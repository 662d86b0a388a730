// Restart and power off.
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';
import { openCount } from './service.ts';

export async function powerMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const verb = await dialog.choose(say('menuPower'), [
    { label: say('powerRestart'), value: 'reboot' },
    { label: say('powerOff'), value: 'poweroff' },
  ]);
  if (verb === null) return;
  const count = openCount(machine);
  if (count > 0 && !(await dialog.confirm(say('powerSure', { count })))) return;
  machine.log.warn('console-power', { verb });
  await outcome(dialog, await machine.run('systemctl', [verb]));
}
