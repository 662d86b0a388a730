// State, log and restart of the gateway.
import type { CommandResult } from '../../system/commands.ts';
import { openOperations } from '../../update/guard.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { outcome } from './outcome.ts';

const LOG_LINES = '500';

export async function serviceMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const log = ['--no-pager', '--output=short-iso', `--lines=${LOG_LINES}`];
  const show = (program: string, args: readonly string[]) => async (): Promise<void> =>
    dialog.page((await machine.run(program, args)).text);
  const action = await dialog.choose(say('menuService'), [
    {
      label: say('svcState'),
      value: show('systemctl', ['status', '--no-pager', '--lines=10', 'tillgate.service']),
    },
    { label: say('svcLog'), value: show('journalctl', [...log, '--unit=tillgate.service']) },
    {
      label: say('svcSystemLog'),
      value: show('journalctl', [...log, '--priority=warning', '--boot']),
    },
    { label: say('svcRestart'), value: () => restart(dialog, machine) },
  ]);
  await action?.();
}

export function restartGateway(machine: Machine): Promise<CommandResult> {
  return machine.run('systemctl', ['restart', 'tillgate.service'], { timeoutMs: 240_000 });
}

/** How many payments would be cut; 0 where the ledger cannot be read: then nothing runs either. */
export function openCount(machine: Machine): number {
  try {
    return openOperations(machine.folders.gateway).length;
  } catch {
    return 0;
  }
}

async function restart(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const count = openCount(machine);
  if (count > 0 && !(await dialog.confirm(say('svcOpenSure', { count })))) return;
  await outcome(dialog, await restartGateway(machine));
}
