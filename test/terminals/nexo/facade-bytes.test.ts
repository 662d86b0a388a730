// The façade, message by message: literal bytes of tills in the field, held against a strict parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNexoFacade } from '../../../app/src/http/nexo/facade.ts';
import { faultsOf } from '../../../app/src/simulator/nexo/schema.ts';
import { childOf, parse } from '../../../app/src/simulator/nexo/xml.ts';
import { systemClock } from '../../../app/src/system/clock.ts';
import { createHttpClient } from '../../../app/src/transport/http.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import { cancellable } from '../../kit/scripted-driver.ts';
import { ADMINISTRATOR } from '../../kit/world.ts';
import { NO_LOG } from '../kit.ts';
import { inHouse } from './house.ts';
import { until } from './kit.ts';

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

const LOYALTY =
  '<LoyaltyRequest><SaleData><SaleTransactionID TransactionID="1" TimeStamp="2023-09-08T16:17:32+02:00"/></SaleData></LoyaltyRequest>';

inHouse('what cannot be taken is named', async (h) => {
  await post(h.url, request('Login', '5', LOGIN));
  for (const [sum, currency, part] of [
    ['-1', 'SEK', 'RequestedAmount'],
    ['1e3', 'SEK', 'RequestedAmount'],
    ['1.005', 'SEK', 'RequestedAmount'],
    ['1', 'JPY', 'Currency'],
  ]) {
    const { text } = await post(h.url, request('Payment', '6', payment(sum ?? '', currency)));
    assert.match(text, /ErrorCondition="MessageFormat"/);
    assert.ok(text.includes(part ?? ''), text);
  }
  assert.match((await post(h.url, request('Loyalty', '7', LOYALTY))).text, /UnavailableService/);
  assert.equal(h.gateway.list(ADMINISTRATOR, { limit: 9 }).operations.length, 0);
});

inHouse('what has no true answer is rejected, with the message itself', async (h) => {
  const apdu = '<CardReaderAPDURequest APDUClass="00" APDUInstruction="A4"/>';
  const odd = '<NoveltyRequest>Å</NoveltyRequest>';
  const rejected = async (text: string, details: string): Promise<void> => {
    const answer = await post(h.url, text);
    assert.equal(answer.status, 200);
    const message = parse(answer.text);
    assert.equal(message.name, 'SaleToPOIRequest', 'a notification, not an answer');
    const [head, event] = message.children;
    const { MessageClass, MessageCategory, MessageType, ...ids } = head?.attributes ?? {};
    const kind = [MessageClass, MessageCategory, MessageType];
    assert.deepEqual(kind, ['Event', 'Event', 'Notification']);
    assert.deepEqual([ids['ServiceID'], ids['SaleID'], ids['POIID']], ['9', 'ECR1', 'A-POIID']);
    assert.equal(event?.attributes['EventToNotify'], 'Reject');
    assert.equal(childOf(message, 'EventNotification', 'EventDetails')?.text, details);
    const base64 = childOf(message, 'EventNotification', 'RejectedMessage')?.text ?? '';
    assert.equal(Buffer.from(base64, 'base64').toString('utf8'), text, 'byte for byte');
  };
  await rejected(request('CardReaderAPDU', '9', apdu), 'NotAllowed: CardReaderAPDU');
  await post(h.url, request('Login', '5', LOGIN));
  await rejected(request('CardReaderAPDU', '9', apdu), 'UnavailableService: CardReaderAPDU');
  const report = request('TransactionReport', '9', '<TransactionReportRequest/>');
  await rejected(report, 'UnavailableService: TransactionReport');
  await rejected(request('Novelty', '9', odd), 'UnavailableService: Novelty');
  const device = report.replace('"Service"', '"Device"').replace(' SaleID', ' DeviceID="7" SaleID');
  const answered = (await post(h.url, device)).text;
  assert.match(answered, /DeviceID="7"[^]*>UnavailableDevice: TransactionReport</);
  // The session and its payments go on as if nothing had been said.
  assert.match((await post(h.url, request('Payment', '10', payment('38')))).text, /"Success"/);
});

inHouse('a category that is no name is refused', async (h) => {
  await post(h.url, request('Login', '5', LOGIN));
  const bad = request('A/&gt;&lt;B', '6', '<LoyaltyRequest/>');
  assert.equal((await post(h.url, bad)).status, 400);
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
    assert.equal((await post(h.url, login)).status, 403);
    assert.equal((await post(h.url, login, basic('till-key:wrong'))).status, 403);
    assert.equal((await post(h.url, login, basic('till-key:secret'))).status, 200);
  },
  { address: undefined, key: 'till-key' },
);

function basic(text: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

test('switched off, the façade opens no port', async () => {
  const clock = systemClock(() => true);
  const http = createHttpClient();
  const facade = createNexoFacade({
    gateway: {} as never, // never asked
    settings: new MemorySettings({}),
    authenticate: () => assert.fail('nobody calls'),
    http,
    clock,
    log: NO_LOG,
    version: '1',
    host: '127.0.0.1',
  });
  assert.equal(await facade.open(), null);
  await facade.close();
  http.close();
});
