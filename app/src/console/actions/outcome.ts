// The last line of an action: it is done, or why not.
import type { CommandResult } from '../../system/commands.ts';
import type { Dialog } from '../dialog.ts';

export async function outcome(dialog: Dialog, result: CommandResult): Promise<void> {
  const { say } = dialog;
  dialog.show(result.ok ? say('done') : say('failed', { reason: result.text }));
  await dialog.pause();
}
