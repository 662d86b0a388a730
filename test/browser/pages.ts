// The pages that tests walk through, and a day of a shop that fills them.
import type { Page } from 'playwright-core';
import { eventually } from '../process/programs.ts';
import type { Stage } from './stage.ts';

/** Every page of an administrator on a plain machine: name and path below /admin. */
export const PAGES = [
  ['today', ''],
  ['operations', '/operations'],
  ['operations-found', '/operations?q=order+1&state=approved'],
  ['operations-report', '/operations-report?state=approved&terminal=till-1'],
  ['operation', '/operations/sale-1'],
  ['unresolved', '/operations/riddle'],
  ['receipt', '/operations/sale-1/receipt'],
  ['terminals', '/terminals'],
  ['terminal', '/terminals/till-1'],
  ['terminal-new', '/terminals/new'],
  ['terminal-edit', '/terminals/till-1/edit'],
  ['virtual-terminal', '/terminals/till-1/virtual'],
  ['first-terminal', '/first-terminal'],
  ['day-end', '/day-end'],
  ['integration', '/integration'],
  ['nexo', '/integration/nexo'],
  ['people', '/people'],
  ['me', '/me'],
  ['audit', '/audit?verify=1'],
  ['system', '/system'],
  ['backup', '/system/backup'],
  ['library', '/system/library'],
  ['certificate-off', '/system/certificate'],
  ['network-elsewhere', '/system/network'],
  ['time-elsewhere', '/system/time'],
  ['updates-elsewhere', '/system/updates'],
  ['power-elsewhere', '/system/power'],
  ['not-found', '/nothing'],
] as const;

/** Sales, and one that only a person can resolve. */
export async function someLife({ gateway }: Stage): Promise<void> {
  const sale = (id: string, amount: number, wait = 20) =>
    gateway.call('PUT', `/v1/operations/${id}?wait=${wait}`, {
      kind: 'purchase',
      amount,
      reference: `order ${id.slice(-1)}`,
      cashier: 'Iryna',
    });
  await gateway.call('POST', '/v1/simulators/till-1/settings', { answerAfterMs: 200 });
  for (const [at, amount] of [12_345, 40_000, 7_990].entries()) await sale(`sale-${at}`, amount);
  await gateway.call('POST', '/v1/simulators/till-1/fault', {
    name: 'foreign-receipt-after',
    times: 1,
  });
  await gateway.call('POST', '/v1/simulators/till-1/fault', { name: 'batch-closed', times: 1 });
  await gateway.call('POST', '/v1/simulators/till-1/fault', {
    name: 'reply-lost-link-closed',
    times: 1,
  });
  await sale('riddle', 55_500, 0);
  await eventually(
    () => gateway.call('GET', '/v1/operations/riddle'),
    ({ body }) => body.state === 'unknown' && body.evidence !== null,
  );
}

/** What opens is looked at too. */
export async function openAll(page: Page): Promise<void> {
  await page.evaluate(
    `document.querySelectorAll('details').forEach((one) => { one.open = true; })`,
  );
}
