// A new key and certificate: the gateway makes them at its start where there are none.
import { rename } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';
import { restartGateway } from './service.ts';

export async function certificateMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const chosen = await dialog.choose(say('menuCertificate'), [
    { label: say('certNew'), value: true },
  ]);
  if (chosen === null) return;
  if (!(await dialog.confirm(say('certSure')))) {
    dialog.show(say('cancelled'));
    return dialog.pause();
  }
  const file = join(machine.folders.gateway, 'tls', 'tls.pem');
  if (existsSync(file)) await rename(file, `${file}.before`);
  machine.log.warn('console-new-certificate');
  await outcome(dialog, await restartGateway(machine));
}
