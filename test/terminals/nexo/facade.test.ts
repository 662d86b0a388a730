// The façade: a till that speaks nexo drives a terminal that does not. The till here is our own
// driver of nexo terminals, so both sides are held against each other and against a strict parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../app/src/domain/event.ts';
import { createGuard } from '../../../app/src/http/auth.ts';
import { createNexoFacade } from '../../../app/src/http/nexo/facade.ts';
import { createNexoListener } from '../../../app/src/http/nexo/listener.ts';
import { createGateway } from '../../../app/src/operations/create-gateway.ts';
import type { TerminalDriver } from '../../../app/src/ports/terminal-driver.ts';
import { faultsOf } from '../../../app/src/simulator/nexo/schema.ts';
import { parse } from '../../../app/src/simulator/nexo/xml.ts';
import { systemClock } from '../../../app/src/system/clock.ts';
import { createNexoSwitch } from '../../../app/src/terminals/nexo/switch.ts';
import { createHttpClient } from '../../../app/src/transport/http.ts';
import { FaultyDisk } from '../../kit/faulty-disk.ts';
import { FaultyLedger } from '../../kit/faulty-ledger.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import {
  approvesAfter,
  cancellable,
  declined,
  endsWith,
  losesAnswer,
  type Script,
  ScriptedCatalog,
  watermarkAt,
} from '../../kit/scripted-driver.ts';
import { ADMINISTRATOR, principal, SUPERVISOR, terminal, VERDICT } from '../../kit/world.ts';
import { exchangeOf, NO_LOG, uah } from '../kit.ts';
import {
  concluded,
  driverAt,
  operation,
  perform,
  run,
  sale,
  settle,
  until,
  voidOf,
} from './kit.ts';

const PAIRING = {
  saleId: 'ECR1',
  poiId: 'A-POIID',
  terminal: 'till-1',
  address: '127.0.0.1',
};

interface House {
  readonly url: string;
  readonly gateway: Awaited<ReturnType<typeof createGateway>>;
  readonly driver: ReturnType<ScriptedCatalog['create']>;
  scripts(...scripts: Script[]): void;
  till(style: 'default' | 'light'): Promise<TerminalDriver>;
  close(): Promise<void>;
}

/** A gateway with a scripted terminal, the façade before it, and tills that speak nexo. */
async function house(pairing: Record<string, unknown> = {}): Promise<House> {
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
    ...{ gateway, settings, http, clock, log: NO_LOG, version: '1', host: '127.0.0.1', port: 0 },
    authenticate: (...asked) => guard.admit(...asked),
  });
  const port = await facade.open();
  const url = `http://127.0.0.1:${port}`;
  const tills: TerminalDriver[] = [];
  return {
    url,
    gateway,
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
  maintenanceFrom: '',
};

function inHouse(name: string, story: (h: House) => Promise<void>, pairing = {}): void {
  test(name, async () => {
    const h = await house(pairing);
    try {
      await story(h);
    } finally {
      await h.close();
    }
  });
}

inHouse('a nexo till pays at a terminal that speaks something else', async (h) => {
  const till = await h.till('light');
  const outcome = await run(till, sale(3_800));
  assert.ok(outcome.kind === 'approved', JSON.stringify(outcome));
  assert.equal(outcome.approvedAmount, 3_800);
  assert.equal(outcome.result.authCode, '611506');
  const { operations } = h.gateway.list(ADMINISTRATOR, { limit: 10 });
  assert.equal(operations.length, 1);
  assert.equal(operations[0]?.request.kind, 'purchase');
  assert.equal(operations[0]?.askedBy, 'nexo-ECR1');
});

inHouse('a declined payment is told with its condition', async (h) => {
  h.scripts(endsWith(declined()));
  const outcome = await run(await h.till('light'), sale());
  assert.equal(outcome.kind, 'declined');
});

inHouse('a payment is taken back by the number that the façade gave it', async (h) => {
  const till = await h.till('light');
  const paid = sale();
  // The ids of our operations are no receipt numbers, and need not be.
  const original = concluded(paid, await run(till, paid));
  const outcome = await run(till, voidOf(original), original);
  assert.equal(outcome.kind, 'approved', JSON.stringify(outcome));
  const states = h.gateway.list(ADMINISTRATOR, { limit: 10 }).operations.map(({ state }) => state);
  assert.deepEqual(states, ['approved', 'reversed']);
});

inHouse('a refund becomes a refund', async (h) => {
  const till = await h.till('light');
  const outcome = await run(
    till,
    operation({ kind: 'refund', amount: uah(900), of: null, rrn: '1' }),
  );
  assert.equal(outcome.kind, 'approved');
  const [row] = h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations;
  assert.equal(row?.request.kind, 'refund');
});

inHouse('an abort cancels the operation, and the payment’s own answer says so', async (h) => {
  h.scripts(cancellable());
  const till = await h.till('light');
  const exchange = exchangeOf(sale());
  const outcome = perform(till, exchange);
  await until(
    () => h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations[0]?.state === 'running',
    'running',
  );
  exchange.cancel.abort();
  const { kind, code } = await outcome;
  assert.deepEqual([kind, code], ['cancelled', 'cancelled-by-till']);
});

inHouse('texts of the terminal are called back in the default style', async (h) => {
  h.scripts(async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    exchange.display('1', 'Прикладіть картку');
    exchange.display('2', 'Введіть PIN');
    await clock.sleep(150);
    return approvesAfter(1)({ ...exchange, started: () => Promise.resolve() }, clock);
  });
  const till = await h.till('default');
  const texts: string[] = [];
  const exchange = exchangeOf(sale());
  exchange.display = (_, text) => texts.push(text);
  assert.equal((await perform(till, exchange)).kind, 'approved');
  assert.deepEqual(texts, ['Прикладіть картку', 'Введіть PIN']);
});

function asksForSignature(answers: (Answer | null)[]): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    const askedAt = clock.now();
    const answer = await exchange.ask({
      kind: 'confirm',
      askedAt,
      deadline: askedAt + 4_000,
      text: 'Підпис вірний?',
    });
    answers.push(answer);
    return approvesAfter(1)({ ...exchange, started: () => Promise.resolve() }, clock);
  };
}

inHouse('a question about a signature goes to the till of the default style', async (h) => {
  const answers: (Answer | null)[] = [];
  h.scripts(asksForSignature(answers));
  const till = await h.till('default');
  const exchange = exchangeOf(sale(), { kind: 'confirm', confirmed: false });
  await perform(till, exchange);
  assert.deepEqual(answers, [{ kind: 'confirm', confirmed: false }]);
  const [question] = exchange.questions;
  assert.ok(question?.kind === 'confirm');
  assert.equal(question.text, 'Підпис вірний?');
});

inHouse('a till of the light style looks at the signature itself', async (h) => {
  const answers: (Answer | null)[] = [];
  h.scripts(asksForSignature(answers));
  await run(await h.till('light'), sale());
  assert.deepEqual(answers, [{ kind: 'confirm', confirmed: true }]);
});

inHouse('what is not known is not told: the till asks until a person has decided', async (h) => {
  h.scripts(losesAnswer());
  const till = await h.till('light');
  const exchange = exchangeOf(sale());
  const outcome = perform(till, exchange);
  const unknown = (): boolean =>
    h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations[0]?.state === 'unknown';
  await until(unknown, 'unknown');
  exchange.end.abort(new Error('the till gave up'));
  assert.equal((await outcome).kind, 'unknown');
  const [row] = h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations;
  const before = await settle(till, exchange, 2);
  assert.equal(before.code, 'not-yet', 'unfinished, not «no»');
  await h.gateway.resolve(SUPERVISOR, row!.id, { ...VERDICT, verdict: 'declined' });
  assert.equal((await settle(till, exchange)).outcome?.kind, 'declined');
});

inHouse('a till that lost the answer finds it by its reference', async (h) => {
  h.scripts(approvesAfter(300));
  const till = await h.till('light');
  const exchange = exchangeOf(sale());
  const outcome = perform(till, exchange);
  await until(() => h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations.length === 1, 'started');
  exchange.end.abort(new Error('the line was cut'));
  assert.equal((await outcome).kind, 'unknown');
  const { outcome: found } = await settle(till, exchange);
  assert.equal(found?.kind, 'approved');
  assert.equal(h.gateway.list(ADMINISTRATOR, { limit: 9 }).operations.length, 1);
});

// --- messages as bytes -------------------------------------------------------------------------

const header = (category: string, serviceId: string, saleId = 'ECR1'): string =>
  `<MessageHeader ProtocolVersion="3.1" MessageClass="Service" MessageCategory="${category}" MessageType="Request" ServiceID="${serviceId}" SaleID="${saleId}" POIID="A-POIID"/>`;
const request = (category: string, serviceId: string, body: string, saleId?: string): string =>
  `<SaleToPOIRequest>${header(category, serviceId, saleId)}${body}</SaleToPOIRequest>`;
const LOGIN =
  '<LoginRequest OperatorLanguage="sv"><DateTime>2023-09-26T13:57:31+02:00</DateTime><SaleSoftware ProviderIdentification="Demo" ApplicationName="App" SoftwareVersion="1.0"/><SaleTerminalData TerminalEnvironment="Attended"><SaleCapabilities>PrinterReceipt</SaleCapabilities></SaleTerminalData></LoginRequest>';
const payment = (amount: string, currency = 'SEK'): string =>
  `<PaymentRequest><SaleData TokenRequestedType="Customer"><SaleTransactionID TimeStamp="2023-09-08T16:17:32.9834651+02:00" TransactionID="1524253496"/></SaleData><PaymentTransaction><AmountsReq CashBackAmount="0" Currency="${currency}" RequestedAmount="${amount}"/></PaymentTransaction><PaymentData PaymentType="Normal"/></PaymentRequest>`;

async function post(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/EPASSaleToPOI/3.1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/xml; charset=utf-8', ...headers },
    body,
    signal: AbortSignal.timeout(8_000),
  });
  const text = await response.text();
  if (text !== '') {
    const faults = faultsOf(parse(text)).filter(
      (fault) => !fault.includes('/LoyaltyResponse is not known'),
    );
    assert.deepEqual(faults, [], text);
  }
  return { status: response.status, text };
}

inHouse('the messages of a till in the field are taken as they are', async (h) => {
  assert.match(
    (await post(h.url, request('Payment', '1', payment('38')))).text,
    /ErrorCondition="NotAllowed"/,
  );
  assert.match((await post(h.url, request('Login', '5', LOGIN))).text, /Result="Success"/);
  const paid = await post(h.url, request('Payment', '6', payment('38')));
  assert.match(paid.text, /<Response Result="Success"\/>/);
  assert.match(paid.text, /AuthorizedAmount="38.00"/);
  assert.match(
    paid.text,
    /TransactionID="1524253496" TimeStamp="2023-09-08T16:17:32.9834651\+02:00"/,
  );
  const again = await post(h.url, request('Payment', '6', payment('38')));
  assert.equal(again.text, paid.text, 'the same message is the same operation');
  assert.equal(h.gateway.list(ADMINISTRATOR, { limit: 9 }).operations.length, 1);
  const status = await post(
    h.url,
    request('TransactionStatus', '7', '<TransactionStatusRequest/>'),
  );
  assert.match(status.text, /<RepeatedMessageResponse><MessageHeader[^>]*ServiceID="6"/);
  const none =
    '<TransactionStatusRequest><MessageReference ServiceID="99"/></TransactionStatusRequest>';
  assert.match((await post(h.url, request('TransactionStatus', '8', none))).text, /NotFound/);
  const out = await post(
    h.url,
    request('Logout', '9', '<LogoutRequest MaintenanceAllowed="true"/>'),
  );
  assert.match(out.text, /LogoutResponse/);
  assert.match((await post(h.url, request('Payment', '10', payment('1')))).text, /login required/);
});

inHouse('the same id with another sum is another message', async (h) => {
  await post(h.url, request('Login', '5', LOGIN));
  await post(h.url, request('Payment', '6', payment('38')));
  const other = await post(h.url, request('Payment', '6', payment('39')));
  assert.match(other.text, /Result="Failure"/);
  assert.equal(h.gateway.list(ADMINISTRATOR, { limit: 9 }).operations.length, 1);
});

inHouse('what cannot be taken is named', async (h) => {
  await post(h.url, request('Login', '5', LOGIN));
  for (const [sum, currency, part] of [
    ['-1', 'SEK', 'RequestedAmount'],
    ['1e3', 'SEK', 'RequestedAmount'],
    ['1.005', 'SEK', 'RequestedAmount'],
    ['1', 'XXX', 'Currency'],
  ]) {
    const { text } = await post(h.url, request('Payment', '6', payment(sum ?? '', currency)));
    assert.match(text, /ErrorCondition="MessageFormat"/);
    assert.ok(text.includes(part ?? ''), text);
  }
  assert.match(
    (await post(h.url, request('Loyalty', '7', '<LoyaltyRequest/>'))).text,
    /UnavailableService/,
  );
  assert.equal(h.gateway.list(ADMINISTRATOR, { limit: 9 }).operations.length, 0);
});

inHouse('a busy terminal is Busy, and nothing is left behind', async (h) => {
  h.scripts(cancellable());
  await post(h.url, request('Login', '5', LOGIN));
  const first = post(h.url, request('Payment', '6', payment('38'))).catch(() => null);
  await until(() => h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations.length === 1, 'running');
  const second = await post(h.url, request('Payment', '7', payment('39')));
  assert.match(second.text, /ErrorCondition="Busy"/);
  const status = await post(
    h.url,
    request('TransactionStatus', '8', '<TransactionStatusRequest/>'),
  );
  assert.match(status.text, /ErrorCondition="Busy"/);
  const abort =
    '<AbortRequest><MessageReference MessageCategory="Payment" ServiceID="6"/><AbortReason>Late</AbortReason></AbortRequest>';
  assert.equal((await post(h.url, request('Abort', '9', abort))).status, 204);
  assert.match((await first)?.text ?? '', /ErrorCondition="Aborted"/);
});

inHouse('a till that is not paired, or calls from elsewhere, is refused', async (h) => {
  assert.equal((await post(h.url, request('Login', '5', LOGIN, 'ECR2'))).status, 403);
});

inHouse(
  'another address than the paired one is refused',
  async (h) => {
    assert.equal((await post(h.url, request('Login', '5', LOGIN))).status, 403);
  },
  { address: '192.168.1.77' },
);

inHouse(
  'a till may be paired by a key instead',
  async (h) => {
    const login = request('Login', '5', LOGIN);
    const basic = (text: string): Record<string, string> => ({
      Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    assert.equal((await post(h.url, login)).status, 403);
    assert.equal((await post(h.url, login, basic('till-key:wrong'))).status, 403);
    assert.equal((await post(h.url, login, basic('till-key:secret'))).status, 200);
  },
  { address: undefined, key: 'till-key' },
);

test('switched off, the façade opens no port', async () => {
  const clock = systemClock(() => true);
  const http = createHttpClient();
  const facade = createNexoFacade({
    gateway: {} as never, // never asked
    settings: new MemorySettings({}),
    authenticate: () => assert.fail('nobody calls'),
    ...{ http, clock, log: NO_LOG, version: '1', host: '127.0.0.1' },
  });
  assert.equal(await facade.open(), null);
  await facade.close();
  http.close();
});
