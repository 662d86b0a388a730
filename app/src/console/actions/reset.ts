// Factory reset: everything of the shop goes, the system stays. The next start deletes, so that a
// power cut in the middle cannot leave half of it.
import { join } from 'node:path';
import { writeDurable } from '../../storage/durable-file.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { exportToStick } from './export.ts';
import { outcome } from './outcome.ts';
import { openCount } from './service.ts';

export async function resetMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const begun = await dialog.choose(say('resetIntro'), [{ label: say('menuReset'), value: true }]);
  if (begun === null) return;
  dialog.show(say('resetExportFirst'));
  if ((await exportToStick(dialog, machine)) === null) dialog.show(say('resetNoExport'));
  const count = openCount(machine);
  const phrase = say(count > 0 ? 'resetPhraseOpen' : 'resetPhrase');
  const typed = await dialog.ask(say(count > 0 ? 'resetTypeOpen' : 'resetType', { count, phrase }));
  if (typed !== phrase) {
    dialog.show(say('cancelled'));
    return dialog.pause();
  }
  machine.log.warn('console-factory-reset', { open: count });
  await writeDurable(join(machine.folders.state, 'erase'), 'ordered at the console\n');
  await outcome(dialog, await machine.run('systemctl', ['reboot']));
}
