// Everything that the façade says to a till of the default style, word for word.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  approvesAfter,
  declined,
  endsWith,
  type Script,
  watermarkAt,
} from '../../kit/scripted-driver.ts';
import { house } from './house.ts';
import { until } from './kit.ts';

const PATH = '/EPASSaleToPOI/3.1';
const LOGIN =
  '<LoginRequest OperatorLanguage="sv"><DateTime>2023-09-26T13:57:31+02:00</DateTime><SaleSoftware ProviderIdentification="Demo" ApplicationName="App" SoftwareVersion="1.0"/><SaleTerminalData TerminalEnvironment="Attended"><SaleCapabilities>CashierStatus CashierError CashierDisplay POIReplication CustomerAssistance CashierInput PrinterReceipt</SaleCapabilities></SaleTerminalData></LoginRequest>';

function request(category: string, serviceId: string, body: string, deviceId?: string): string {
  const device = deviceId === undefined ? '' : ` DeviceID="${deviceId}"`;
  const messageClass = deviceId === undefined ? 'Service' : 'Device';
  return `<SaleToPOIRequest><MessageHeader ProtocolVersion="3.1" MessageClass="${messageClass}" MessageCategory="${category}" MessageType="Request" ServiceID="${serviceId}"${device} SaleID="ECR1" POIID="A-POIID"/>${body}</SaleToPOIRequest>`;
}

function payment(id: string, type = 'Normal', cash = ''): string {
  return `<PaymentRequest><SaleData><SaleTransactionID TransactionID="${id}" TimeStamp="2023-09-08T16:17:32+02:00"/></SaleData><PaymentTransaction><AmountsReq Currency="SEK" RequestedAmount="38"${cash}/></PaymentTransaction><PaymentData PaymentType="${type}"/></PaymentRequest>`;
}

/** What the façade does not do, each kind with the parts that its answer has to name again. */
const NOT_DONE: readonly (readonly [category: string, body: string])[] = [
  ['Diagnosis', '<DiagnosisRequest/>'],
  ['GetTotals', '<GetTotalsRequest/>'],
  ['TransactionReport', '<TransactionReportRequest/>'],
  ['Reconciliation', '<ReconciliationRequest ReconciliationType="AcquirerReconciliation"/>'],
  ['EnableService', '<EnableServiceRequest TransactionAction="AbortTransaction"/>'],
  [
    'CardAcquisition',
    '<CardAcquisitionRequest><SaleData><SaleTransactionID TransactionID="card" TimeStamp="2023-09-08T16:17:32+02:00"/></SaleData><CardAcquisitionTransaction/></CardAcquisitionRequest>',
  ],
  [
    'Loyalty',
    '<LoyaltyRequest><SaleData><SaleTransactionID TransactionID="points" TimeStamp="2023-09-08T16:17:32+02:00"/></SaleData></LoyaltyRequest>',
  ],
];
const SHOWN =
  '<OutputContent OutputFormat="Text"><OutputText>Welcome</OutputText></OutputContent></DisplayOutput>';
const NO_DEVICE: readonly (readonly [category: string, body: string])[] = [
  [
    'Display',
    `<DisplayRequest><DisplayOutput Device="CustomerDisplay" InfoQualify="Display">${SHOWN}<DisplayOutput ResponseRequiredFlag="false" Device="CashierDisplay" InfoQualify="Status">${SHOWN}</DisplayRequest>`,
  ],
  [
    'Input',
    `<InputRequest><DisplayOutput Device="CustomerDisplay" InfoQualify="Display">${SHOWN}<InputData Device="CustomerInput" InfoQualify="Input" InputCommand="DigitString"/></InputRequest>`,
  ],
  [
    'Input',
    '<InputRequest><InputData Device="CustomerInput" InfoQualify="Input" InputCommand="GetAnyKey"/></InputRequest>',
  ],
  [
    'Print',
    '<PrintRequest><PrintOutput DocumentQualifier="SaleReceipt" ResponseMode="PrintEnd"><OutputContent OutputFormat="Text"/></PrintOutput></PrintRequest>',
  ],
];
/** Its answer would have to name the status words of a card. */
const CARD_READER =
  '<CardReaderAPDURequest APDUClass="00" APDUInstruction="A4" APDUPar1="04" APDUPar2="00"/>';
/** A text that wants no answer gets none, also where nobody shows it. */
const UNANSWERED = `<DisplayRequest><DisplayOutput ResponseRequiredFlag="false" Device="CustomerDisplay" InfoQualify="Display">${SHOWN}</DisplayRequest>`;

const reference = (serviceId: string): string =>
  `<MessageReference MessageCategory="Payment" ServiceID="${serviceId}" SaleID="ECR1" POIID="A-POIID"/>`;
const status = (serviceId: string): string =>
  `<TransactionStatusRequest>${reference(serviceId)}</TransactionStatusRequest>`;
const abort = (serviceId: string): string =>
  `<AbortRequest>${reference(serviceId)}<AbortReason>Late</AbortReason></AbortRequest>`;

export interface Talk {
  /** Answers, in the order of the questions. */
  readonly answers: readonly string[];
  /** What the till was called with, in order. */
  readonly calls: readonly string[];
}

/** A till at a port of its own that answers every question with yes. */
async function listening(calls: string[]): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      calls.push(text);
      if (!text.includes('<InputRequest')) {
        response.writeHead(204).end();
        return;
      }
      const header =
        /<MessageHeader[^>]*\/>/.exec(text)?.[0].replace('Request"', 'Response"') ?? '';
      const body = `<SaleToPOIResponse>${header}<InputResponse><OutputResult Device="CashierDisplay" InfoQualify="Display"><Response Result="Success"/></OutputResult><InputResult Device="CashierInput" InfoQualify="Input"><Response Result="Success"/><Input InputCommand="GetConfirmation"><ConfirmedFlag>true</ConfirmedFlag></Input></InputResult></InputResponse></SaleToPOIResponse>`;
      response.writeHead(200, { 'Content-Type': 'application/xml' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, close };
}

/** A terminal that shows a text, asks about the signature, approves, and prints. */
function rich(): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    exchange.display('1', 'Прикладіть <картку> & чекайте');
    const askedAt = clock.now();
    const question = { askedAt, deadline: askedAt + 4_000, text: 'Підпис вірний?' };
    await exchange.ask({ kind: 'confirm', ...question });
    const outcome = await approvesAfter(1)({ ...exchange, started: async () => undefined }, clock);
    if (outcome.kind !== 'approved') return outcome;
    const card = {
      mask: '516815******9659',
      brand: 'Mastercard',
      issuer: null,
      entry: 'contactless',
    } as const;
    const receipt = { merchant: 'СУМА 38,00\nПідпис', customer: 'СУМА 38,00' };
    return { ...outcome, result: { ...outcome.result, card, receipt, signatureRequired: true } };
  };
}

export async function facadeTalk(): Promise<Talk> {
  const calls: string[] = [];
  const answers: string[] = [];
  const till = await listening(calls);
  const h = await house({ callBack: `http://127.0.0.1:${till.port}` });
  const ask = async (
    category: string,
    serviceId: string,
    body: string,
    deviceId?: string,
  ): Promise<string> => {
    const response = await fetch(`${h.url}${PATH}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/xml; charset=utf-8' },
      body: request(category, serviceId, body, deviceId),
      signal: AbortSignal.timeout(8_000),
    });
    const text = await response.text();
    const silent = category === 'Abort' || body === UNANSWERED;
    if (silent) assert.deepEqual([response.status, text], [204, '']);
    else assert.equal(response.status, 200, `${category}: ${response.status}`);
    if (!silent) answers.push(text);
    return text;
  };
  try {
    h.scripts(rich(), approvesAfter(1), endsWith(declined()), approvesAfter(1));
    await ask('Payment', '1', payment('before'));
    await ask('Login', '2', LOGIN);
    const paid = await ask('Payment', '3', payment('one'));
    const original = /<POITransactionID[^>]*\/>/.exec(paid)?.[0] ?? '';
    await ask('TransactionStatus', '4', status('3'));
    await ask('TransactionStatus', '5', status('99'));
    await ask('Abort', '6', abort('99'));
    await ask('Abort', '7', abort('3'));
    const reversal = `<ReversalRequest ReversalReason="MerchantCancel"><OriginalPOITransaction SaleID="ECR1" POIID="A-POIID">${original}</OriginalPOITransaction></ReversalRequest>`;
    await ask('Reversal', '8', reversal);
    await ask('TransactionStatus', '9', '<TransactionStatusRequest/>');
    await ask('Payment', '10', payment('two'));
    await ask('Payment', '11', payment('three', 'Normal', ' CashBackAmount="10"'));
    await ask('Payment', '12', payment('four', 'Odd'));
    await ask('Display', '30', UNANSWERED, '30');
    for (const [n, [category, body]] of NOT_DONE.entries()) await ask(category, `4${n}`, body);
    for (const [n, [category, body]] of NO_DEVICE.entries()) {
      await ask(category, `5${n}`, body, `5${n}`);
    }
    await ask('CardReaderAPDU', '59', CARD_READER, '59');
    await ask('Logout', '13', '<LogoutRequest MaintenanceAllowed="true"/>');
    await until(() => calls.filter((text) => text.includes('<EventN')).length === 2, 'told');
    // And without a login each of these is NotAllowed, with the same parts.
    for (const [n, [category, body]] of NOT_DONE.entries()) await ask(category, `6${n}`, body);
    for (const [n, [category, body]] of NO_DEVICE.entries()) {
      await ask(category, `7${n}`, body, `7${n}`);
    }
    return { answers, calls };
  } finally {
    await h.close();
    await till.close();
  }
}
