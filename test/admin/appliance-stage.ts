// A real gateway for the pages about the box, and a hand whose programs only note how they were
// called.
import type { TestContext } from 'node:test';
import { doorOf } from '../hand/door.ts';
import { type Bench, benchFor } from '../hand/kit.ts';
import { type Gateway, startGateway, temporaryFolder } from '../process/programs.ts';
import { FormBrowser } from './browser.ts';

export const SYSTEM = '/admin/system';

export interface Stage {
  readonly gateway: Gateway;
  readonly browser: FormBrowser;
  readonly bench: Bench;
}

export async function stageFor(t: TestContext, withHand = true): Promise<Stage> {
  const { path: folder, remove } = temporaryFolder();
  const bench = benchFor(t, folder);
  bench.answers.set('ip -json address', {
    ok: true,
    text: JSON.stringify([{ ifname: 'enp1s0', operstate: 'UP', addr_info: [] }]),
  });
  bench.answers.set('systemctl show', {
    ok: true,
    text: 'Id=tillgate.service\nActiveState=active\nSubState=running\nNRestarts=0',
  });
  const door = await doorOf(t, bench);
  const { spool } = bench.machine.folders;
  const env = withHand ? { TILLGATE_HAND: door.path, TILLGATE_SPOOL: spool } : {};
  const gateway = await startGateway(folder, env);
  t.after(async () => {
    await gateway.stop();
    remove();
  });
  const browser = new FormBrowser(gateway.base);
  await browser.firstStart(folder);
  return { gateway, browser, bench };
}

/** The newest entries of the audit chain, as their page shows them. */
export const audited = async ({ browser }: Stage): Promise<string> =>
  (await browser.get('/admin/audit')).text;
