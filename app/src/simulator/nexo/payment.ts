// One payment, reversal or reading of a card on a simulated nexo terminal, step by step.
import { begin, BRAND, type Course, end, hold, keep, PAN, show } from './course.ts';
import * as say from './messages.ts';
import { type Paper, receiptText } from './receipts.ts';
import { CARD_WAIT_MS, type PaymentScript } from './script.ts';
import type { Handled, NexoTerminal } from './terminal.ts';
import { childOf, type Element, element } from './xml.ts';

export async function runPayment(
  terminal: NexoTerminal,
  header: say.Header,
  body: Element,
): Promise<Handled> {
  const script = terminal.scripts.shift() ?? {};
  if (script.lost === 'request') return { kind: 'drop' };
  const refused = ['Busy', 'NotAllowed', 'MessageFormat'];
  if (refused.includes(script.verdict ?? '')) {
    return terminal.refuse(header, body, script.verdict ?? 'Busy');
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
    end(terminal, course);
  }
}

/** The answer as it is filed; null where nothing is left to answer. */
async function customer(
  terminal: NexoTerminal,
  course: Course,
  body: Element,
  given: PaymentScript,
): Promise<Element | null> {
  const { saleId } = course.header;
  await show(terminal, saleId, 101, 'Present card');
  const script = await cardOf(terminal, course, given);
  if (course.dead) return null;
  if (script.reboot === 'before-card') {
    terminal.reboot();
    return null;
  }
  if (course.gone) return file(terminal, course, body, { ...script, verdict: 'Cancel' });
  if (course.aborted) return fileFailure(terminal, course, body, 'Aborted', script);
  if (course.cancelled || script.verdict === 'Cancel')
    return fileFailure(terminal, course, body, 'Cancel', script);
  terminal.tellEvent(saleId, 'CardInserted', '');
  for (const stars of ['', ' *', ' **', ' ***', ' ****']) {
    await show(terminal, saleId, 110, `Enter PIN:${stars}`);
  }
  await show(terminal, saleId, 120, 'Authorizing');
  if (script.signature === true && terminal.style === 'default') {
    const signed = await askForSignature(terminal, saleId, body, script);
    if (!signed) return fileFailure(terminal, course, body, 'Refusal', script, 'Disapproved');
  }
  if (course.dead) return null;
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

/** What the customer's card makes of the payment; what was scripted stands above it. */
async function cardOf(
  terminal: NexoTerminal,
  course: Course,
  given: PaymentScript,
): Promise<PaymentScript> {
  const { manner } = terminal;
  if (given.holdMs !== undefined && given.holdAt !== 'after-authorisation') {
    await hold(terminal, course, given.holdMs);
  } else if (terminal.card === null) {
    await hold(terminal, course, manner.autoCard ? manner.answerAfterMs : CARD_WAIT_MS);
  }
  if (terminal.card === null && manner.autoCard) terminal.card = manner.card;
  // Nobody came: the terminal gives up, as after the red button.
  if (terminal.card === null && !course.aborted && !course.gone) course.cancelled = true;
  return { ...terminal.card, ...given };
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
    pan: script.pan ?? PAN,
    scheme: script.brand ?? BRAND,
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
      ? cardBody(terminal, body, script)
      : approvalBody(terminal, body, script);
  return keep(terminal, header, answer, true);
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

function instrument({ pan = PAN, brand = BRAND }: PaymentScript): Element {
  const card = {
    PaymentBrand: `01,${brand}`,
    MaskedPAN: `${pan.slice(0, 6)}******${pan.slice(-4)}`,
    PaymentAccountRef: '5c0e11aa',
    EntryMode: 'Contactless',
  };
  return element('PaymentInstrumentData', { PaymentInstrumentType: 'Card' }, [
    element('CardData', card, [
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
      instrument(script),
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

function cardBody(terminal: NexoTerminal, body: Element, script: PaymentScript): Element {
  return element('CardAcquisitionResponse', {}, [
    say.response(null),
    saleData(body),
    poiData(terminal),
    element('PaymentBrand', {}, script.brand ?? BRAND),
    instrument(script),
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

/** What a sale leaves in the journal that nobody at a till asked for. */
export function standaloneBody(terminal: NexoTerminal, amount: number): Element {
  const asked = element('PaymentRequest', {}, [
    element('SaleData', {}, [say.transactionId('SaleTransactionID', '', terminal.now())]),
    element('PaymentTransaction', {}, [
      element('AmountsReq', { Currency: 'SEK', RequestedAmount: say.decimal(amount) }),
    ]),
    element('PaymentData', { PaymentType: 'Normal' }),
  ]);
  return approvalBody(terminal, asked, {});
}
