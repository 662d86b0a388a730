// One port of ours for all terminals: two of them pay at once, and each is told its own. Terminals
// of the light style need none, and call nobody.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createNexoListener } from '../../../app/src/http/nexo/listener.ts';
import { callTill, listenNexo } from '../../../app/src/simulator/nexo/server.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { createNexoSwitch } from '../../../app/src/terminals/nexo/switch.ts';
import { createHttpClient } from '../../../app/src/transport/http.ts';
import { exchangeOf, NO_LOG, REAL_CLOCK, within } from '../kit.ts';
import { bench, driverAt, perform, run, sale, until, WAIT_MS } from './kit.ts';

test('two terminals share one listener: both pay at once, both ask, each hears its own answer', async () => {
  const nexo = createNexoSwitch(NO_LOG);
  const http = createHttpClient();
  const listener = createNexoListener({
    receiver: nexo,
    host: '127.0.0.1',
    port: 0,
    clock: REAL_CLOCK,
    log: NO_LOG,
  });
  const open = async (poiId: string, shop: string) => {
    const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId, shop, stepMs: 4 });
    const server = await listenNexo(terminal);
    const options = { poiId, saleId: 'ECR1', probe: false, maintenanceFrom: '', loginRetryMs: 60 };
    const driver = driverAt(server.address, options, nexo, http, NO_LOG);
    driver.start();
    return { terminal, server, driver };
  };
  const first = await open('A-POIID', 'Åsa');
  const second = await open('B-POIID', 'Їжак');
  try {
    const port = await within(WAIT_MS, listener.opened);
    const both = [first, second] as const;
    for (const one of both) {
      one.terminal.callBack = callTill(`http://127.0.0.1:${port}`);
      one.terminal.scripts.push({ signature: true });
    }
    const exchanges = [
      exchangeOf(sale(1_100), { kind: 'confirm', confirmed: true }),
      exchangeOf(sale(2_200), { kind: 'confirm', confirmed: false }),
    ] as const;
    const texts: string[][] = [[], []];
    exchanges.forEach((exchange, at) => {
      exchange.display = (_, text) => texts[at]?.push(text);
    });
    const [yes, no] = await Promise.all([
      perform(first.driver, exchanges[0]),
      perform(second.driver, exchanges[1]),
    ]);
    assert.equal(yes.kind, 'approved');
    assert.deepEqual([no.kind, no.code], ['cancelled', 'refused-by-cashier']);
    assert.match(yes.result?.receipt?.merchant ?? '', /Åsa/);
    for (const [at, { terminal }] of both.entries()) {
      assert.equal(exchanges[at]?.questions.length, 1);
      assert.equal(texts[at]?.filter((text) => text === 'Present card').length, 1);
      assert.deepEqual(terminal.faults, []);
    }
    assert.ok(texts[0]?.includes('Approved'));
    assert.equal(texts[1]?.includes('Approved'), false);
  } finally {
    for (const { driver, server } of [first, second]) {
      await driver.stop();
      await server.close();
    }
    await listener.close();
    http.close();
  }
});

test('with terminals of the light style alone no port is opened, and nobody is called', async () => {
  const calls: string[] = [];
  const spy = createServer((request, response) => {
    calls.push(request.url ?? '');
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => spy.listen(0, '127.0.0.1', resolve));
  const { port } = spy.address() as AddressInfo;
  const b = await bench({ style: 'light' });
  const listener = createNexoListener({
    receiver: b.nexo,
    host: '127.0.0.1',
    port: 0,
    clock: REAL_CLOCK,
    log: NO_LOG,
  });
  try {
    b.terminal.callBack = callTill(`http://127.0.0.1:${port}`);
    b.terminal.scripts.push({}, { signature: true }, { verdict: 'Refusal' });
    assert.equal((await run(b.driver, sale())).kind, 'approved');
    const asked = exchangeOf(sale(), { kind: 'confirm', confirmed: true });
    assert.equal((await perform(b.driver, asked)).kind, 'approved');
    assert.equal((await run(b.driver, sale())).kind, 'declined');
    await until(() => b.terminal.running === null, 'idle');
    assert.deepEqual(calls, []);
    assert.deepEqual(listener.state(), { kind: 'idle', port: 0 });
    const link = b.driver.link();
    assert.equal(link.kind === 'ready' && link.alarm, undefined, 'and nothing alarms');
  } finally {
    await listener.close();
    await b.close();
    await new Promise<void>((resolve) => spy.close(() => resolve()));
  }
});
