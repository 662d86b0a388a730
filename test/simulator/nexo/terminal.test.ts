// The simulated nexo terminal by itself: what it takes, what it refuses, what it tells.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { faultsOf } from '../../../app/src/simulator/nexo/schema.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { parse } from '../../../app/src/simulator/nexo/xml.ts';
import { REAL_CLOCK } from '../../terminals/kit.ts';

// There are no sockets here, and the timers of a terminal keep no process alive.
let alive: NodeJS.Timeout;
before(() => {
  alive = setInterval(() => undefined, 1_000);
});
after(() => clearInterval(alive));

const DEFAULT_STYLE = 'CashierDisplay CashierInput PrinterReceipt';

function request(category: string, serviceId: string, body: string): string {
  return `<SaleToPOIRequest><MessageHeader ProtocolVersion="3.1" MessageClass="Service" MessageCategory="${category}" MessageType="Request" ServiceID="${serviceId}" SaleID="1" POIID="A"/>${body}</SaleToPOIRequest>`;
}

const login = (capabilities: string): string =>
  request(
    'Login',
    '1',
    `<LoginRequest OperatorLanguage="sv"><DateTime>2023-09-26T13:57:31+02:00</DateTime><SaleSoftware ProviderIdentification="D" ApplicationName="A" SoftwareVersion="1"/><SaleTerminalData TerminalEnvironment="Attended"><SaleCapabilities>${capabilities}</SaleCapabilities></SaleTerminalData></LoginRequest>`,
  );
const SALE_DATA =
  '<SaleData><SaleTransactionID TransactionID="9" TimeStamp="2023-09-08T16:17:32Z"/></SaleData>';
const AMOUNTS =
  '<PaymentTransaction><AmountsReq Currency="SEK" RequestedAmount="38"/></PaymentTransaction>';
const payment = (serviceId: string): string =>
  request('Payment', serviceId, `<PaymentRequest>${SALE_DATA}${AMOUNTS}</PaymentRequest>`);
const abort = (serviceId: string): string =>
  request(
    'Abort',
    '50',
    `<AbortRequest><MessageReference MessageCategory="Payment" ServiceID="${serviceId}"/><AbortReason>x</AbortReason></AbortRequest>`,
  );
const STATUS = request('TransactionStatus', '60', '<TransactionStatusRequest/>');

async function ask(terminal: NexoTerminal, text: string): Promise<string> {
  const handled = await terminal.handle(text);
  assert.equal(handled.kind, 'answer');
  return handled.kind === 'answer' ? (handled.body ?? String(handled.status)) : '';
}

async function loggedIn(capabilities = 'PrinterReceipt'): Promise<NexoTerminal> {
  const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A', stepMs: 1 });
  assert.match(await ask(terminal, login(capabilities)), /Result="Success"/);
  return terminal;
}

test('elements out of the order of the schema are refused, and the part is named', async () => {
  const terminal = await loggedIn();
  const wrong = request('Payment', '2', `<PaymentRequest>${AMOUNTS}${SALE_DATA}</PaymentRequest>`);
  const answer = await ask(terminal, wrong);
  assert.match(answer, /ErrorCondition="MessageFormat"/);
  assert.match(answer, /SaleData/);
});

test('what is no XML is a bad request', async () => {
  const terminal = await loggedIn();
  assert.equal(await ask(terminal, '<SaleToPOIRequest>'), '400');
});

test('without a login nothing but a login is taken', async () => {
  const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A' });
  for (const text of [payment('2'), STATUS]) {
    assert.match(await ask(terminal, text), /ErrorCondition="NotAllowed"/);
  }
});

test('a message that it has no answer to is told back as a Reject', async () => {
  const terminal = await loggedIn();
  for (const category of ['CardReaderAPDU', 'TransactionReport', 'Novelty']) {
    const asked = request(category, '9', `<${category}Request/>`);
    const answer = await ask(terminal, asked);
    assert.deepEqual(faultsOf(parse(answer)), [], answer);
    assert.match(answer, /^[^]*<SaleToPOIRequest>.*MessageType="Notification".*ServiceID="9"/);
    assert.match(answer, /EventToNotify="Reject"/);
    const base64 = /<RejectedMessage>([^<]+)</.exec(answer)?.[1] ?? '';
    assert.equal(Buffer.from(base64, 'base64').toString('utf8'), asked);
  }
  assert.match(await ask(terminal, payment('2')), /Result="Success"/);
});

test('the capabilities of the login alone decide the style', async () => {
  assert.equal((await loggedIn()).style, 'light');
  assert.equal((await loggedIn(DEFAULT_STYLE)).style, 'default');
});

test('one payment at a time; a question about it is answered as unfinished', async () => {
  const terminal = await loggedIn();
  terminal.scripts.push({ holdMs: 200 });
  const paying = ask(terminal, payment('2'));
  assert.match(await ask(terminal, payment('3')), /ErrorCondition="Busy"/);
  assert.match(await ask(terminal, STATUS), /ErrorCondition="Busy"/);
  terminal.knobs.unfinished = 'InProgress';
  assert.match(await ask(terminal, STATUS), /ErrorCondition="InProgress"/);
  assert.match(await paying, /<Response Result="Success">/);
  assert.match(await ask(terminal, STATUS), /ServiceID="2"/);
});

test('a login resets the payment that is under way', async () => {
  const terminal = await loggedIn();
  terminal.scripts.push({ holdMs: 5_000 });
  const paying = ask(terminal, payment('2'));
  await ask(terminal, login('PrinterReceipt'));
  assert.match(await paying, /Result="Failure"/);
});

test('an abort of something else is told back: Reject, or Completed where it has ended', async () => {
  const terminal = await loggedIn(DEFAULT_STYLE);
  const events: string[] = [];
  terminal.callBack = (text) => {
    const event = parse(text).children[1]?.attributes['EventToNotify'];
    if (event !== undefined) events.push(event);
    return Promise.resolve(null);
  };
  assert.equal(await ask(terminal, abort('77')), '204');
  await ask(terminal, payment('2'));
  assert.equal(await ask(terminal, abort('2')), '204');
  assert.deepEqual(
    events.filter((event) => !event.startsWith('Card')),
    ['Reject', 'Completed'],
  );
});

test('in the light style the same abort is ignored in silence', async () => {
  const terminal = await loggedIn();
  terminal.callBack = () => assert.fail('a call');
  assert.equal(await ask(terminal, abort('77')), '204');
});
