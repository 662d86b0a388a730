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
import { facadeTalk } from './facade-talk.ts';
import { bench, concluded, operation, perform, run, sale, until, voidOf } from './kit.ts';

/** What the till and the terminal said, and the façade, where we are the terminal. */
const ours: string[] = [];
const theirs: string[] = [];
const asTerminal: string[] = [];

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

const AS_TERMINAL = [
  'CardAcquisitionResponse',
  'DiagnosisResponse',
  'DisplayRequest',
  'DisplayResponse',
  'EnableServiceResponse',
  'EventNotification',
  'GetTotalsResponse',
  'InputRequest',
  'InputResponse',
  'LoginResponse',
  'LogoutResponse',
  'LoyaltyResponse',
  'PaymentResponse',
  'PrintResponse',
  'ReconciliationResponse',
  'ReversalResponse',
  'TransactionStatusResponse',
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
  const talk = await facadeTalk();
  asTerminal.push(...talk.answers, ...talk.calls);
  ours.push(...terminal.received);
  theirs.push(...terminal.sent, ...(await refusals()));
});

/** What a terminal refuses at once, before a login and after it. */
async function refusals(): Promise<readonly string[]> {
  const b = await bench({ options: { probe: true } });
  const { terminal, driver } = b;
  try {
    const probed = (text: string): boolean => kindOf(text) === 'ReconciliationResponse';
    await until(() => terminal.sent.some(probed), 'probed');
    terminal.knobs.paymentBusy = 1;
    terminal.knobs.loginBusy = 1;
    await run(driver, sale());
    terminal.saleId = null;
    await run(driver, sale());
    await driver.stop();
    return terminal.sent;
  } finally {
    await b.close();
  }
}

function kindOf(text: string): string {
  return parse(text).children.find(({ name }) => name !== 'MessageHeader')?.name ?? '';
}

test('every kind of message was said', () => {
  const [till, terminal] = [new Set(ours.map(kindOf)), new Set(theirs.map(kindOf))];
  assert.deepEqual(
    [...OURS].filter((kind) => !till.has(kind)),
    [],
  );
  assert.deepEqual(
    [...THEIRS].filter((kind) => !terminal.has(kind)),
    [],
  );
  const refused = theirs.filter((text) => /ErrorCondition="(?:Busy|NotAllowed)"/.test(text));
  assert.ok(refused.some((text) => kindOf(text) === 'PaymentResponse'));
});

/** All of it, for messages of one kind differ in their parts. */
function everything(): readonly (readonly [kind: string, text: string])[] {
  return [...ours, ...theirs, ...asTerminal].map((text) => [kindOf(text), text] as const);
}

test('the façade says every kind of message that a terminal of it says', () => {
  assert.deepEqual([...new Set(asTerminal.map(kindOf))].sort(), AS_TERMINAL);
});

test('order and required parts of every message are right', () => {
  for (const [kind, text] of everything()) {
    assert.deepEqual(faultsOf(parse(text)), [], `${kind}: ${text}`);
  }
});

test('the rules notice what is missing, unknown or out of order', () => {
  const text = ours.findLast((one) => kindOf(one) === 'PaymentRequest') ?? '';
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
    [/ PaymentType="Normal"/, ' PaymentType="normal"', /PaymentType is not «normal»/],
    [/ PaymentType="Normal"/, ' PaymentType=""', /PaymentType is empty/],
    [/ RequestedAmount="[^"]*"/, ' RequestedAmount="38,00"', /RequestedAmount is not of its form/],
    [/ TimeStamp="[^"]*"/, ' TimeStamp="2026-01-05T10:00:00"', /TimeStamp is not of its form/],
    [/<PaymentRequest>.*<\/PaymentRequest>/, '', /@body is missing/],
  ];
  for (const [from, to, fault] of cases) {
    const broken = text.replace(from, to);
    assert.notEqual(broken, text);
    assert.match(faultsOf(parse(broken)).join('; '), fault);
  }
});

test('a vendor’s own words are words', () => {
  const text = theirs.find((one) => one.includes('ErrorCondition="Busy"')) ?? '';
  const broken = (word: string): string[] =>
    faultsOf(parse(text.replace('ErrorCondition="Busy"', `ErrorCondition="${word}"`)));
  assert.deepEqual(broken('acme:Strange'), []);
  assert.match(broken('Strange').join(), /ErrorCondition is not «Strange»/);
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
  const used = new Map<string, XsdValidator>();
  for (const [kind, text] of everything()) {
    const root = parse(text).name;
    const schema = validators.find((one) => one.text.includes(`name="${root}"`));
    assert.ok(schema !== undefined, `no schema in the folder declares ${root}`);
    const validator = used.get(schema.name) ?? XsdValidator.fromDoc(schema.document);
    used.set(schema.name, validator);
    const message = XmlDocument.fromString(text);
    try {
      validator.validate(message);
    } catch (error) {
      assert.fail(`${kind} against ${schema.name}: ${String(error)}\n${text}`);
    } finally {
      message.dispose();
    }
  }
  for (const validator of used.values()) validator.dispose();
  for (const { document } of validators) document.dispose();
});
