// The parts of nexo as the appliance puts them together: ports open when they are needed.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { prepareNexo } from '../../../app/src/nexo.ts';
import { createGateway } from '../../../app/src/operations/create-gateway.ts';
import { secretsSchema } from '../../../app/src/operations/settings-schema.ts';
import { callTill, listenNexo } from '../../../app/src/simulator/nexo/server.ts';
import { displayRequest } from '../../../app/src/simulator/nexo/messages.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { systemClock } from '../../../app/src/system/clock.ts';
import { driverCatalog } from '../../../app/src/terminals/registry.ts';
import { createTransport, normaliseAddress } from '../../../app/src/transport/open.ts';
import { FaultyDisk } from '../../kit/faulty-disk.ts';
import { FaultyLedger } from '../../kit/faulty-ledger.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import { NO_LOG, RANDOM, REAL_CLOCK } from '../kit.ts';
import { until } from './kit.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
  await response?.arrayBuffer();
  return response !== null;
}

test('the port for terminals opens with the first that needs it, the façade with its setting', async () => {
  const clock = systemClock(() => true);
  const [listenPort, facadePort] = [await freePort(), await freePort()];
  const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A-POIID', stepMs: 2 });
  terminal.callBack = callTill(`http://127.0.0.1:${listenPort}`);
  const server = await listenNexo(terminal);
  const settings = new MemorySettings({ nexo: { listenPort, facade: { port: facadePort } } });
  const log = NO_LOG;
  const nexo = prepareNexo({
    settings,
    secrets: {
      current: () => secretsSchema.parse({}),
      change: () => assert.fail(),
      onChange: () => undefined,
    },
    host: '127.0.0.1',
    clock,
    log,
  });
  const catalog = driverCatalog({
    transport: createTransport(),
    clock,
    random: RANDOM,
    log,
    timeZone: 'Europe/Stockholm',
    normaliseAddress,
    http: nexo.terminals,
  });
  const ledger = new FaultyLedger(new FaultyDisk(), clock);
  const gateway = await createGateway({ ledger, settings, catalog, clock, log });
  await nexo.serve(gateway);
  assert.deepEqual([await isOpen(listenPort), await isOpen(facadePort)], [false, false]);

  const driver = catalog.create({
    id: 'till-1',
    driver: 'nexo',
    address: server.address,
    currency: 'SEK',
    defaultMerchant: 0,
    merchants: [],
    options: { poiId: 'A-POIID', probe: false, maintenanceFrom: '' },
  });
  driver.start();
  await until(() => driver.link().kind === 'ready', 'ready');
  const heard = await terminal.tell('Display', 'Tillgate', displayRequest(['Hi'], true));
  assert.equal(heard?.name, 'SaleToPOIResponse');

  await settings.change((draft) => {
    draft.nexo.facade.enabled = true;
  });
  const deadline = Date.now() + 3_000;
  while (!(await isOpen(facadePort))) assert.ok(Date.now() < deadline, 'the façade opens');
  await settings.change((draft) => {
    draft.nexo.facade.enabled = false;
  });
  while (await isOpen(facadePort)) assert.ok(Date.now() < deadline, 'the façade closes');

  await driver.stop();
  await gateway.stop(100);
  await nexo.close();
  await server.close();
});
