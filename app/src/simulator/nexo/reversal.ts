// A reversal on a simulated nexo terminal.
import { begin, BRAND, end, keep, PAN, show } from './course.ts';
import * as say from './messages.ts';
import { type Paper, receiptText } from './receipts.ts';
import type { Handled, NexoTerminal } from './terminal.ts';
import { childOf, type Element, element } from './xml.ts';

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
    end(terminal, course);
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
    scheme: BRAND,
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
