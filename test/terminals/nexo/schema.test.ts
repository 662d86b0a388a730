// Every kind of message that we or the simulated terminal write, held against the schema: always
// against the rules that were written down by hand, and against the public nexo 3.1 schema where
// NEXO_XSD names the folder with its files.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import {
  confirmationRequest,
  displayRequest,
  eventNotification,
  printRequest,
  transmitRequest,
} from '../../../app/src/simulator/nexo/messages.ts';
import { faultsOf } from '../../../app/src/simulator/nexo/schema.ts';
import { element, parse } from '../../../app/src/simulator/nexo/xml.ts';
import { node, writeNexo } from '../../../app/src/xml/nexo/write.ts';
import { exchangeOf, operationOf, uah } from '../kit.ts';
import { bench, concluded, operation, perform, run, sale, until, voidOf } from './kit.ts';

/** What the till and the terminal said, each message once for its kind. */
const ours = new Map<string, string>();
const theirs = new Map<string, string>();

const OURS = [
  'LoginRequest',
  'LogoutRequest',
  'PaymentRequest',
  'ReversalRequest',
  'AbortRequest',
  'TransactionStatusRequest',
  'EnableServiceRequest',
  'CardAcquisitionRequest',
  'DiagnosisRequest',
  'GetTotalsRequest',
  'ReconciliationRequest',
  'DisplayResponse',
  'InputResponse',
  'PrintResponse',
];
const THEIRS = [
  'LoginResponse',
  'LogoutResponse',
  'PaymentResponse',
  'ReversalResponse',
  'TransactionStatusResponse',
  'EnableServiceResponse',
  'CardAcquisitionResponse',
  'DiagnosisResponse',
  'GetTotalsResponse',
  'ReconciliationResponse',
  'DisplayRequest',
  'InputRequest',
  'PrintRequest',
  'EventNotification',
  'TransmitRequest',
];

before(async () => {
  const b = await bench({
    style: 'default',
    options: { probe: true, checkEveryMs: 1_000 },
    prepare: ({ knobs }) => {
      knobs.services = true;
      knobs.displayFlag = true;
      knobs.printMode = 'PrintEnd';
    },
  });
  const { terminal, driver } = b;
  try {
    await until(() => driver.capabilities.kinds.includes('settlement'), 'probed');
    terminal.scripts.push({ signature: true, tip: 100 });
    const paid = sale();
    const exchange = exchangeOf(paid, { kind: 'confirm', confirmed: true });
    const original = concluded(paid, await perform(driver, exchange));
    await run(driver, voidOf(original), original);
    terminal.scripts.push({ verdict: 'Refusal' });
    await run(driver, sale());
    await run(driver, operation({ kind: 'cashback', amount: uah(100), cash: uah(200) }));
    terminal.scripts.push({ holdMs: 2_000 });
    const stopped = exchangeOf(sale());
    const stopping = perform(driver, stopped);
    await until(() => terminal.running !== null, 'running');
    stopped.cancel.abort();
    await stopping;
    for (const kind of ['read-card', 'settlement', 'totals', 'check-host'] as const) {
      await run(driver, operationOf({ kind }));
    }
    const papers = printRequest('SGVq', 'CashierReceipt', 'Immediate');
    await terminal.tell('Print', 'ECR1', papers);
    await terminal.tell('Input', 'ECR1', confirmationRequest('OK?', 5));
    await terminal.tell('Display', 'ECR1', displayRequest(['a', 'b'], null));
    const event = eventNotification(terminal.now(), 'SaleAdmin', 'Maintenance Required', true);
    await terminal.tell('Event', 'ECR1', event, 'Notification');
    await terminal.tell('Transmit', 'ECR1', transmitRequest('192.168.78.15', 11_000));
    await driver.stop();
  } finally {
    await b.close();
  }
  for (const text of terminal.received) ours.set(kindOf(text), text);
  for (const text of terminal.sent) theirs.set(kindOf(text), text);
});

function kindOf(text: string): string {
  return parse(text).children.find(({ name }) => name !== 'MessageHeader')?.name ?? '';
}

test('every kind of message was said', () => {
  assert.deepEqual(
    [...OURS].filter((kind) => !ours.has(kind)),
    [],
  );
  assert.deepEqual(
    [...THEIRS].filter((kind) => !theirs.has(kind)),
    [],
  );
});

test('order and required parts of every message are right', () => {
  for (const [kind, text] of [...ours, ...theirs]) {
    assert.deepEqual(faultsOf(parse(text)), [], `${kind}: ${text}`);
  }
});

test('the rules notice what is missing, unknown or out of order', () => {
  const text = ours.get('PaymentRequest') ?? '';
  const cases: [from: RegExp, to: string, fault: RegExp][] = [
    [
      /(<SaleData>.*<\/SaleData>)(<PaymentTransaction>.*<\/PaymentTransaction>)/,
      '$2$1',
      /order|missing/,
    ],
    [/ Currency="SEK"/, '', /AmountsReq@Currency is missing/],
    [/ Currency="SEK"/, ' Currency="SEK" Colour="red"', /Colour is not known/],
    [/ServiceID="\d+"/, '', /ServiceID/],
    [/<SaleTransactionID[^>]*\/>/, '', /SaleTransactionID is missing/],
  ];
  for (const [from, to, fault] of cases) {
    const broken = text.replace(from, to);
    assert.notEqual(broken, text);
    assert.match(faultsOf(parse(broken)).join('; '), fault);
  }
});

test('what is written out of order comes out in order, and what is no part is refused', () => {
  const header = {
    protocolVersion: '3.1',
    messageClass: 'Service',
    messageCategory: 'Login',
    messageType: 'Request',
    serviceId: '1',
    deviceId: null,
    saleId: 'a<b>"&',
    poiId: 'P',
  };
  const software = {
    ProviderIdentification: 'x',
    ApplicationName: 'y',
    SoftwareVersion: 'z',
  };
  const text = writeNexo(
    header,
    node('LoginRequest', { OperatorLanguage: 'en' }, [
      node('SaleSoftware', software),
      node('DateTime', {}, '2026-01-05T10:00:00Z'),
    ]),
  );
  assert.deepEqual(faultsOf(parse(text)), []);
  assert.equal(parse(text).children[0]?.attributes['SaleID'], 'a<b>"&');
  assert.throws(() => node('LoginRequest', {}, [node('AbortReason')]), /no part/);
  assert.throws(() => writeNexo(header, node('LoginRequest')), /needs OperatorLanguage/);
});

test('the terminal’s own reader takes no declarations and no entities of its own', () => {
  assert.throws(() => parse('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'));
  assert.throws(() => parse('<a>&b;</a>'));
  assert.throws(() => parse('<a><b></a>'));
  assert.throws(() => parse('<a/><a/>'));
  assert.deepEqual(parse('<a x="&lt;&#65;">t</a>'), { ...element('a', { x: '<A' }, 't') });
});

const folder = process.env['NEXO_XSD'];

test('every message validates against the public schema', {
  skip: folder === undefined ? 'no schema given' : false,
}, () => {
  xmlRegisterFsInputProviders();
  const validators = readdirSync(folder ?? '')
    .filter((name) => name.endsWith('.xsd'))
    .map((name) => {
      const url = join(folder ?? '', name);
      return {
        name,
        text: readFileSync(url, 'utf8'),
        document: XmlDocument.fromBuffer(readFileSync(url), { url }),
      };
    });
  for (const [kind, text] of [...ours, ...theirs]) {
    const root = parse(text).name;
    const schema = validators.find((one) => one.text.includes(`name="${root}"`));
    assert.ok(schema !== undefined, `no schema in the folder declares ${root}`);
    const validator = XsdValidator.fromDoc(schema.document);
    const message = XmlDocument.fromString(text);
    try {
      validator.validate(message);
    } catch (error) {
      assert.fail(`${kind} against ${schema.name}: ${String(error)}\n${text}`);
    } finally {
      message.dispose();
      validator.dispose();
    }
  }
  for (const { document } of validators) document.dispose();
});
