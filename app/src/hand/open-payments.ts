// May the box be changed now? A payment that runs is never cut. One whose outcome is not known yet
// survives a restart; a person who knows of it may go on.
import { existsSync } from 'node:fs';
import type { HandRefusal, OpenPayment } from '../ports/machine-hand.ts';
import { dataFile, ledgerFolder } from '../storage/data-folder.ts';
import { openOperations } from '../update/guard.ts';

export interface OpenPayments {
  readonly running: readonly OpenPayment[];
  readonly unresolved: readonly OpenPayment[];
}

/** Null where nothing forbids it. `known`: ids of unresolved payments that a person was shown. */
export function paymentsForbid(
  gatewayFolder: string,
  known: readonly string[],
): HandRefusal | null {
  const open = openPayments(gatewayFolder);
  if ('detail' in open) return { code: 'ledger-unreadable', detail: open.detail };
  if (open.running.length > 0) return { code: 'running', operations: open.running };
  const news = open.unresolved.filter(({ id }) => !known.includes(id));
  return news.length === 0 ? null : { code: 'unresolved', operations: open.unresolved };
}

/** Only what a change of the address or of the clock would disturb. */
export function runningForbid(gatewayFolder: string): HandRefusal | null {
  const open = openPayments(gatewayFolder);
  if ('detail' in open) return { code: 'ledger-unreadable', detail: open.detail };
  return open.running.length === 0 ? null : { code: 'running', operations: open.running };
}

function openPayments(folder: string): OpenPayments | { readonly detail: string } {
  if (!existsSync(dataFile(ledgerFolder(folder), 'ledger'))) {
    // Before the first start of the gateway; without the folder the data partition is not there.
    return existsSync(folder)
      ? { running: [], unresolved: [] }
      : { detail: `${folder} is not there` };
  }
  try {
    const open = openOperations(folder).map(({ id, terminal, kind, state }) => ({
      id,
      terminal,
      kind,
      state,
    }));
    return {
      running: open.filter(({ state }) => state !== 'unknown'),
      unresolved: open.filter(({ state }) => state === 'unknown'),
    };
  } catch (error) {
    return { detail: error instanceof Error ? error.message : String(error) };
  }
}
