// Slots and updates.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { markOtherSlot } from '../../hand/updates.ts';
import { readBootState } from '../../update/boot-state.ts';
import { installUpdate } from '../../update/program.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';
import { openCount } from './service.ts';
import { withStick } from './stick.ts';

export async function updateMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const action = await dialog.choose(say('menuUpdate'), [
    { label: say('updStatus'), value: showSlots },
    { label: say('updStick'), value: installFromStick },
    { label: say('updSwitch'), value: switchSlot },
  ]);
  await action?.(dialog, machine);
}

async function showSlots(dialog: Dialog, machine: Machine): Promise<void> {
  const { booted, confirmed, next } = await readBootState();
  const shown = { booted: booted ?? '-', confirmed: confirmed ?? '-', next: next ?? '-' };
  dialog.show(dialog.say('updSlots', shown), '');
  dialog.show(...(await machine.run('rauc', ['status'])).text.split('\n'));
  await dialog.pause();
}

async function installFromStick(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  await withStick(dialog, machine, 'ro', async (folder) => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.raucb')).sort();
    if (names.length === 0) {
      dialog.show(say('updNoFile'));
      return dialog.pause();
    }
    const name = await dialog.choose(
      say('updWhich'),
      names.map((file) => ({ label: file, value: file })),
    );
    if (name === null) return;
    dialog.show(say('updInstalling'));
    dialog.show(await installed(dialog, machine, join(folder, name)));
    await dialog.pause();
  });
}

async function installed({ say }: Dialog, machine: Machine, file: string): Promise<string> {
  const result = await installUpdate(file, machine.update);
  machine.log.info('console-update', { result: result.kind });
  switch (result.kind) {
    case 'installed':
      return say('updInstalled', { version: result.version });
    case 'refused':
      return result.permission.kind === 'unreadable'
        ? say('ledgerUnreadable', { reason: result.permission.reason })
        : say('updRefused', { count: result.permission.operations.length });
    case 'not-trusted':
      return say('updNotTrusted', { reason: result.detail });
    case 'too-old':
      return say('updTooOld', { version: result.version });
    case 'failed':
      return say('failed', { reason: result.detail });
  }
}

async function switchSlot(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const count = openCount(machine);
  if (count > 0) {
    dialog.show(say('updRefused', { count }));
    return dialog.pause();
  }
  if (!(await dialog.confirm(say('updSwitchSure')))) return;
  await outcome(dialog, await markOtherSlot(machine.run));
}
