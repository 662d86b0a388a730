// A gateway with a scripted terminal, the nexo façade before it, and tills that speak nexo: our own
// driver of nexo terminals, so that both sides are held against each other.
import { test } from 'node:test';
import { createGuard } from '../../../app/src/http/auth.ts';
import { createNexoFacade, type NexoFacade } from '../../../app/src/http/nexo/facade.ts';
import { createNexoListener } from '../../../app/src/http/nexo/listener.ts';
import { createGateway } from '../../../app/src/operations/create-gateway.ts';
import type { TerminalDriver } from '../../../app/src/ports/terminal-driver.ts';
import { systemClock } from '../../../app/src/system/clock.ts';
import { createNexoSwitch } from '../../../app/src/terminals/nexo/switch.ts';
import { createHttpClient } from '../../../app/src/transport/http.ts';
import { FaultyDisk } from '../../kit/faulty-disk.ts';
import { FaultyLedger } from '../../kit/faulty-ledger.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import { type Script, ScriptedCatalog } from '../../kit/scripted-driver.ts';
import { principal, terminal } from '../../kit/world.ts';
import { NO_LOG } from '../kit.ts';
import { driverAt } from './kit.ts';

const PAIRING = {
  saleId: 'ECR1',
  poiId: 'A-POIID',
  terminal: 'till-1',
  address: '127.0.0.1',
};

export interface House {
  readonly url: string;
  readonly gateway: Awaited<ReturnType<typeof createGateway>>;
  readonly driver: ReturnType<ScriptedCatalog['create']>;
  readonly facade: NexoFacade;
  readonly settings: MemorySettings;
  scripts(...scripts: Script[]): void;
  till(style: 'default' | 'light'): Promise<TerminalDriver>;
  close(): Promise<void>;
}

export async function house(pairing: Record<string, unknown> = {}): Promise<House> {
  const clock = systemClock(() => true);
  const http = createHttpClient();
  const nexo = createNexoSwitch(NO_LOG);
  const listener = createNexoListener({
    receiver: nexo,
    host: '127.0.0.1',
    port: 0,
    clock,
    log: NO_LOG,
  });
  const settings = new MemorySettings({
    terminals: [terminal({ id: 'till-1', currency: 'SEK' })],
    nexo: { facade: { enabled: true, pairings: [{ ...PAIRING, ...pairing }] } },
  });
  const catalog = new ScriptedCatalog(clock);
  const ledger = new FaultyLedger(new FaultyDisk(), clock);
  const gateway = await createGateway({ ledger, settings, catalog, clock, log: NO_LOG });
  const keys = new Map([['till-key:secret', { ...principal('till'), name: 'till-key' }]]);
  const guard = createGuard(
    { authenticate: (name, secret) => keys.get(`${name ?? ''}:${secret}`) ?? null },
    clock,
  );
  const facade = createNexoFacade({
    gateway,
    settings,
    http,
    clock,
    log: NO_LOG,
    version: '1',
    host: '127.0.0.1',
    port: 0,
    authenticate: (...asked) => guard.admit(...asked),
  });
  const port = await facade.open();
  const url = `http://127.0.0.1:${port}`;
  const tills: TerminalDriver[] = [];
  return {
    url,
    gateway,
    facade,
    settings,
    driver: catalog.drivers.get('till-1')!,
    scripts: (...scripts) => {
      catalog.drivers.get('till-1')!.scripts = scripts;
    },
    till: async (style) => {
      const options = { ...QUICK, style };
      const till = driverAt(url, options, nexo, http, NO_LOG);
      tills.push(till);
      till.start();
      if (style === 'default') {
        const own = await listener.opened;
        await settings.change((draft) => {
          draft.nexo.facade.pairings[0]!.callBack = `http://127.0.0.1:${own}`;
        });
      }
      return till;
    },
    close: async () => {
      for (const till of tills) await till.stop();
      http.close();
      await facade.close();
      await listener.close();
      await gateway.stop(100);
      await ledger.close();
    },
  };
}

const QUICK = {
  poiId: 'A-POIID',
  saleId: 'ECR1',
  loginRetryMs: 60,
  busyRetryMs: 30,
  busyRetries: 1,
  queryTimeoutMs: 2_000,
  probe: false,
  notFoundAfterMs: 0,
  maintenanceFrom: '',
};

export function inHouse(name: string, story: (h: House) => Promise<void>, pairing = {}): void {
  test(name, async () => {
    const h = await house(pairing);
    try {
      await story(h);
    } finally {
      await h.close();
    }
  });
}
