// Payments whose end is not known yet.
import { openOperations } from '../../update/guard.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';

export async function paymentsMenu(dialog: Dialog, machine: Machine): Promise<void> {
  await dialog.page(openPaymentsText(dialog, machine));
}

function openPaymentsText({ say }: Dialog, machine: Machine): string {
  try {
    const open = openOperations(machine.folders.gateway);
    if (open.length === 0) return say('payNone');
    const lines = open.map(({ createdAt, ...operation }) =>
      say('payLine', { ...operation, time: new Date(createdAt).toISOString().slice(0, 19) }),
    );
    return [...lines, '', say('payHint')].join('\n');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return say('ledgerUnreadable', { reason });
  }
}
