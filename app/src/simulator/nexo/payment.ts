// One payment, reversal or reading of a card on a simulated nexo terminal, step by step.
import * as say from './messages.ts';
import { type Paper, receiptText } from './receipts.ts';
import type { PaymentScript } from './script.ts';
import type { Handled, NexoTerminal } from './terminal.ts';
import { childOf, type Element, element } from './xml.ts';

const PAN = '5168150000009659';

/** What the others may do to a payment that is under way. */
export interface Payment {
  readonly header: say.Header;
  abort(): void;
  reset(): void;
}

interface Course extends Payment {
  aborted: boolean;
  gone: boolean;
  wake: () => void;
}

export async function runPayment(
  terminal: NexoTerminal,
  header: say.Header,
  body: Element,
): Promise<Handled> {
  const script = terminal.scripts.shift() ?? {};
  if (script.lost === 'request') return { kind: 'drop' };
  const refused = ['Busy', 'NotAllowed', 'MessageFormat'];
  if (refused.includes(script.verdict ?? '')) {
    return terminal.answer(header, say.failure(header.category, script.verdict ?? 'Busy'));
  }
  const course = begin(terminal, header);
  try {
    const filed = await customer(terminal, course, body, script);
    if (filed === null) return { kind: 'drop' };
    if (script.lost === 'status-500') return { kind: 'answer', status: 500, body: null };
    if (script.lost === 'garbage') return { kind: 'answer', status: 200, body: '<Sale' };
    if (script.lost === 'answer') return { kind: 'drop' };
    const answered = script.lost === 'other-service-id' ? { ...header, serviceId: '1' } : header;
    return terminal.answer(answered, filed);
  } finally {
    if (terminal.running === course) terminal.running = null;
  }
}

function begin(terminal: NexoTerminal, header: say.Header): Course {
  const course: Course = {
    header,
    aborted: false,
    gone: false,
    wake: () => undefined,
    abort: () => {
      course.aborted = true;
      course.wake();
    },
    reset: () => {
      course.gone = true;
      course.wake();
    },
  };
  terminal.running = course;
  return course;
}

/** The answer as it is filed; null where nothing is left to answer. */
async function customer(
  terminal: NexoTerminal,
  course: Course,
  body: Element,
  script: PaymentScript,
): Promise<Element | null> {
  const { saleId } = course.header;
  await show(terminal, saleId, 101, 'Present card');
  if (script.holdMs !== undefined && script.holdAt !== 'after-authorisation') {
    await hold(terminal, course, script.holdMs);
  }
  if (script.reboot === 'before-card') {
    terminal.reboot();
    return null;
  }
  if (course.gone) return file(terminal, course, body, { ...script, verdict: 'Cancel' });
  if (course.aborted) return fileFailure(terminal, course, body, 'Aborted', script);
  if (script.verdict === 'Cancel') return fileFailure(terminal, course, body, 'Cancel', script);
  terminal.tellEvent(saleId, 'CardInserted', '');
  for (const stars of ['', ' *', ' **', ' ***', ' ****']) {
    await show(terminal, saleId, 110, `Enter PIN:${stars}`);
  }
  await show(terminal, saleId, 120, 'Authorizing');
  if (script.signature === true && terminal.style === 'default') {
    const signed = await askForSignature(terminal, saleId, body, script);
    if (!signed) return fileFailure(terminal, course, body, 'Refusal', script, 'Disapproved');
  }
  const filed = file(terminal, course, body, script);
  if (script.reboot === 'after-authorisation') {
    terminal.reboot();
    return null;
  }
  if (script.holdMs !== undefined && script.holdAt === 'after-authorisation') {
    await hold(terminal, course, script.holdMs);
  }
  await show(terminal, saleId, 202, 'Approved');
  terminal.tellEvent(saleId, 'CardRemoved', '');
  return filed;
}

/** Until somebody aborts or resets, at most so long. */
async function hold(terminal: NexoTerminal, course: Course, ms: number): Promise<void> {
  if (course.aborted || course.gone) return;
  await new Promise<void>((resolve) => {
    const forget = terminal.clock.after(ms, resolve);
    course.wake = () => {
      forget();
      resolve();
    };
  });
}

async function show(
  terminal: NexoTerminal,
  saleId: string,
  id: number,
  text: string,
): Promise<void> {
  const shown = terminal.knobs.textIds ? `${id},"${text}"` : text;
  const request = say.displayRequest([shown], terminal.knobs.displayFlag);
  await terminal.tell('Display', saleId, request).catch(() => null);
  await terminal.clock.sleep(terminal.stepMs);
}

async function askForSignature(
  terminal: NexoTerminal,
  saleId: string,
  body: Element,
  script: PaymentScript,
): Promise<boolean> {
  const { knobs } = terminal;
  const paper = receiptText(paperOf(terminal, body, script, null), 'Merchant');
  await terminal.tell('Print', saleId, say.printRequest(paper, 'CashierReceipt', knobs.printMode));
  const question = say.confirmationRequest('Signature OK?', knobs.inputSeconds);
  const answer = await terminal.tell('Input', saleId, question).catch(() => null);
  const result = childOf(answer, 'InputResponse', 'InputResult');
  return childOf(result, 'Input', 'ConfirmedFlag')?.text === 'true';
}

interface Sums {
  readonly requested: number;
  readonly authorized: number;
  readonly currency: string;
  readonly cash: string | null;
}

function sumsOf(body: Element, script: PaymentScript): Sums {
  const asked = childOf(body, 'PaymentTransaction', 'AmountsReq')?.attributes ?? {};
  const requested = say.minor(asked['RequestedAmount'] ?? '0') ?? 0;
  const part = script.verdict === 'Partial' ? Math.floor(requested / 2) : requested;
  return {
    requested,
    authorized: script.sumInAnswer ?? part + (script.tip ?? 0),
    currency: asked['Currency'] ?? 'SEK',
    cash: asked['CashBackAmount'] ?? null,
  };
}

function paperOf(
  terminal: NexoTerminal,
  body: Element,
  script: PaymentScript,
  approvalCode: string | null,
): Paper {
  const sums = sumsOf(body, script);
  const refund = childOf(body, 'PaymentData')?.attributes['PaymentType'] === 'Refund';
  return {
    kind: refund ? 'refund' : 'sale',
    amount: sums.authorized,
    currency: sums.currency,
    approvalCode,
    pan: PAN,
    scheme: 'Mastercard Debit',
    signature: script.signature ?? false,
    number: terminal.journal.length + 1,
    shop: terminal.shop,
    at: terminal.now(),
  };
}

function fileFailure(
  terminal: NexoTerminal,
  course: Course,
  body: Element,
  condition: string,
  script: PaymentScript,
  text: string | null = null,
): Element {
  return keep(
    terminal,
    course.header,
    failureBody(terminal, course.header, body, condition, script, text),
    false,
  );
}

function file(
  terminal: NexoTerminal,
  course: Course,
  body: Element,
  script: PaymentScript,
): Element {
  const { verdict = 'Success' } = script;
  if (verdict !== 'Success' && verdict !== 'Partial') {
    return fileFailure(terminal, course, body, verdict, script);
  }
  const { header } = course;
  const answer =
    header.category === 'CardAcquisition'
      ? cardBody(terminal, body)
      : approvalBody(terminal, body, script);
  return keep(terminal, header, answer, true);
}

function keep(terminal: NexoTerminal, header: say.Header, body: Element, ok: boolean): Element {
  terminal.journal.push({ header, body, ok });
  return body;
}

function saleData(body: Element): Element | null {
  const id = childOf(body, 'SaleData', 'SaleTransactionID')?.attributes;
  return id === undefined
    ? null
    : element('SaleData', {}, [
        say.transactionId('SaleTransactionID', id['TransactionID'] ?? '', id['TimeStamp'] ?? ''),
      ]);
}

function poiData(terminal: NexoTerminal): Element {
  return element('POIData', {}, [
    say.transactionId('POITransactionID', String(terminal.nextNumber()), terminal.now()),
  ]);
}

function failureBody(
  terminal: NexoTerminal,
  header: say.Header,
  body: Element,
  condition: string,
  script: PaymentScript,
  text: string | null,
): Element {
  const name = `${header.category}Response`;
  if (script.bareFailure === true) return element(name, {}, [say.response(condition, text)]);
  const papers = script.papers === false || header.category !== 'Payment';
  return element(name, {}, [
    say.response(condition, text),
    saleData(body),
    poiData(terminal),
    ...(papers ? [] : receiptsOf(terminal, body, script, null)),
  ]);
}

const CARD = {
  PaymentBrand: '01,Mastercard Debit',
  MaskedPAN: `${PAN.slice(0, 6)}******${PAN.slice(-4)}`,
  PaymentAccountRef: '5c0e11aa',
  EntryMode: 'Contactless',
};

function instrument(): Element {
  return element('PaymentInstrumentData', { PaymentInstrumentType: 'Card' }, [
    element('CardData', CARD, [
      element('PaymentToken', { TokenRequestedType: 'Customer', TokenValue: '6FD9A1' }),
    ]),
  ]);
}

function approvalBody(terminal: NexoTerminal, body: Element, script: PaymentScript): Element {
  const sums = sumsOf(body, script);
  const type = childOf(body, 'PaymentData')?.attributes['PaymentType'] ?? 'Normal';
  return element('PaymentResponse', {}, [
    say.response(script.verdict === 'Partial' ? 'Partial' : null),
    saleData(body),
    poiData(terminal),
    element('PaymentResult', { PaymentType: type }, [
      instrument(),
      element('AmountsResp', {
        Currency: sums.currency,
        AuthorizedAmount: say.decimal(sums.authorized),
        CashBackAmount: sums.cash,
        TipAmount: script.tip === undefined ? null : say.decimal(script.tip),
      }),
      element('PaymentAcquirerData', { MerchantID: '10020001', AcquirerPOIID: '877888' }, [
        element('ApprovalCode', {}, '611506'),
      ]),
    ]),
    ...(script.papers === false ? [] : receiptsOf(terminal, body, script, '611506')),
  ]);
}

function cardBody(terminal: NexoTerminal, body: Element): Element {
  return element('CardAcquisitionResponse', {}, [
    say.response(null),
    saleData(body),
    poiData(terminal),
    element('PaymentBrand', {}, 'Mastercard Debit'),
    instrument(),
  ]);
}

function receiptsOf(
  terminal: NexoTerminal,
  body: Element,
  script: PaymentScript,
  approvalCode: string | null,
): readonly Element[] {
  const paper = paperOf(terminal, body, script, approvalCode);
  return [
    say.receipt('CashierReceipt', receiptText(paper, 'Merchant')),
    say.receipt('CustomerReceipt', receiptText(paper, 'Cardholder')),
  ];
}

/** The very last transaction only, and only one that was approved. */
export async function runReversal(
  terminal: NexoTerminal,
  header: say.Header,
  body: Element,
): Promise<Handled> {
  const script = terminal.scripts.shift() ?? {};
  if (script.lost === 'request') return { kind: 'drop' };
  const asked = childOf(body, 'OriginalPOITransaction', 'POITransactionID')?.attributes ?? {};
  const last = terminal.journal.at(-1);
  const id = childOf(last?.body ?? null, 'POIData', 'POITransactionID')?.attributes;
  const same =
    id?.['TransactionID'] === asked['TransactionID'] && id?.['TimeStamp'] === asked['TimeStamp'];
  const possible = last?.ok === true && last.header.category === 'Payment' && same;
  if (!possible)
    return terminal.answer(header, say.failure('Reversal', 'NotFound', 'not the last'));
  if (terminal.knobs.reversalFails)
    return terminal.answer(header, say.failure('Reversal', 'Refusal'));
  const course = begin(terminal, header);
  try {
    await show(terminal, header.saleId, 130, 'Reversing');
    const answer = keep(terminal, header, reversalBody(terminal, last.body, asked), true);
    if (script.lost === 'answer') return { kind: 'drop' };
    return terminal.answer(header, answer);
  } finally {
    if (terminal.running === course) terminal.running = null;
  }
}

function reversalBody(
  terminal: NexoTerminal,
  payment: Element,
  asked: Readonly<Record<string, string>>,
): Element {
  const amounts = childOf(payment, 'PaymentResult', 'AmountsResp')?.attributes ?? {};
  const paper: Paper = {
    kind: 'reversal',
    amount: say.minor(amounts['AuthorizedAmount'] ?? '0') ?? 0,
    currency: amounts['Currency'] ?? 'SEK',
    approvalCode: '611506',
    pan: PAN,
    scheme: 'Mastercard Debit',
    signature: false,
    number: terminal.journal.length + 1,
    shop: terminal.shop,
    at: terminal.now(),
  };
  const id = say.transactionId(
    'POITransactionID',
    asked['TransactionID'] ?? '',
    asked['TimeStamp'] ?? '',
  );
  return element('ReversalResponse', {}, [
    say.response(null),
    element('POIData', {}, [id]),
    say.receipt('CashierReceipt', receiptText(paper, 'Merchant')),
    say.receipt('CustomerReceipt', receiptText(paper, 'Cardholder')),
  ]);
}
