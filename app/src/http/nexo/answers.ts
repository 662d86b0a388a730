// Operations of ours as answers to a nexo till.
import type { MessageCode, RefusalCode } from '../../domain/failures.ts';
import type { Instant } from '../../domain/ids.ts';
import { type Currency, formatDecimal, type MinorUnits } from '../../domain/money.ts';
import { isFinal, type Operation } from '../../domain/operation.ts';
import type { CardEntry } from '../../domain/outcome.ts';
import { type Language, textOf } from '../../domain/texts/index.ts';
import { type NexoNode, node } from '../../xml/nexo/write.ts';
import { referenceOf } from './requests.ts';

/** SPEC 7. */
export type Condition =
  | 'Aborted'
  | 'Busy'
  | 'Cancel'
  | 'InProgress'
  | 'InvalidCard'
  | 'MessageFormat'
  | 'NotAllowed'
  | 'NotFound'
  | 'PaymentRestriction'
  | 'Refusal'
  | 'UnavailableDevice'
  | 'UnavailableService'
  | 'UnreachableHost'
  | 'WrongPIN';

export function success(): NexoNode {
  return node('Response', { Result: 'Success' });
}

export function failure(condition: Condition, text: string | null = null): NexoNode {
  return node(
    'Response',
    { Result: 'Failure', ErrorCondition: condition },
    text === null ? [] : [node('AdditionalResponse', {}, text)],
  );
}

/** `PaymentResponse` or `ReversalResponse` of an operation that is final. */
export function answerTo(category: string, operation: Operation, language: Language): NexoNode {
  return category === 'Reversal'
    ? reversalAnswer(operation, language)
    : paymentAnswer(operation, language);
}

function paymentAnswer(operation: Operation, language: Language): NexoNode {
  return node('PaymentResponse', {}, [
    responseTo(operation, language),
    saleData(operation),
    poiData(operation.id, operation.createdAt),
    operation.state === 'approved' ? paymentResult(operation) : null,
    ...receipts(operation),
  ]);
}

/** SPEC 4.6: the terminal's name of the payment that was taken back. */
function reversalAnswer(operation: Operation, language: Language): NexoNode {
  const reference = referenceOf(operation);
  return node('ReversalResponse', {}, [
    responseTo(operation, language),
    reference === null ? null : node('POIData', {}, [transactionId('POITransactionID', reference)]),
    ...(operation.state === 'approved' ? receipts(operation) : []),
  ]);
}

function saleData(operation: Operation): NexoNode | null {
  const reference = referenceOf(operation);
  return reference === null
    ? null
    : node('SaleData', {}, [transactionId('SaleTransactionID', reference)]);
}

function transactionId(
  name: 'SaleTransactionID' | 'POITransactionID',
  of: { readonly transactionId: string; readonly timeStamp: string },
): NexoNode {
  return node(name, { TransactionID: of.transactionId, TimeStamp: of.timeStamp });
}

function poiData(id: string, at: Instant): NexoNode {
  const timeStamp = new Date(at).toISOString();
  return node('POIData', {}, [transactionId('POITransactionID', { transactionId: id, timeStamp })]);
}

function responseTo(operation: Operation, language: Language): NexoNode {
  const { state, message } = operation;
  if (state === 'approved') {
    const partial = message.code === 'approved-partially';
    return node('Response', { Result: partial ? 'Partial' : 'Success' });
  }
  const text = message.terminalText ?? textOf(message.code, language).text;
  return failure(conditionOf(operation), text);
}

const CONDITIONS: Readonly<Partial<Record<MessageCode, Condition>>> = {
  'wrong-pin': 'WrongPIN',
  'pin-tries-exceeded': 'WrongPIN',
  'invalid-card': 'InvalidCard',
  'expired-card': 'InvalidCard',
  'card-not-permitted': 'PaymentRestriction',
  'no-host': 'UnreachableHost',
  'issuer-unavailable': 'UnreachableHost',
  'cancelled-by-till': 'Aborted',
  'terminal-busy-itself': 'Busy',
  'terminal-offline': 'UnavailableDevice',
  'method-missing': 'UnavailableService',
  'original-not-usable': 'NotFound',
};

/** Only of a final state: nothing else is told as a failure of a payment. */
function conditionOf({ state, message }: Operation): Condition {
  const listed = CONDITIONS[message.code];
  if (listed !== undefined) return listed;
  return state === 'cancelled' ? 'Cancel' : 'Refusal';
}

const REFUSALS: Readonly<Partial<Record<RefusalCode, Condition>>> = {
  'terminal-busy': 'Busy',
  'terminal-unresolved': 'Busy',
  'ledger-unavailable': 'Busy',
  'unsupported-by-terminal': 'UnavailableService',
  'invalid-request': 'MessageFormat',
  'unknown-operation': 'NotFound',
};

/** Why no operation was started; the till may try again. */
export function conditionOfRefusal(code: RefusalCode): Condition {
  return REFUSALS[code] ?? 'NotAllowed';
}

const ENTRIES: Readonly<Record<CardEntry, string>> = {
  chip: 'ICC',
  contactless: 'Contactless',
  stripe: 'MagStripe',
  fallback: 'MagStripe',
  manual: 'Keyed',
};

function paymentResult(operation: Operation): NexoNode {
  const { request, result, approvedAmount } = operation;
  const { currency } = request;
  const refund = request.kind === 'refund';
  const acquirerTransaction = result?.rrn ?? null;
  const code = result?.authCode ?? null;
  const at = new Date(operation.finishedAt ?? operation.createdAt).toISOString();
  return node('PaymentResult', { PaymentType: refund ? 'Refund' : 'Normal' }, [
    cardOf(operation),
    approvedAmount === null
      ? null
      : node('AmountsResp', {
          Currency: currency,
          AuthorizedAmount: formatDecimal(approvedAmount, currency),
          CashBackAmount:
            request.kind === 'cashback' ? formatDecimal(request.cash, currency) : null,
        }),
    node(
      'PaymentAcquirerData',
      {
        MerchantID: result?.merchantId ?? String(request.merchant ?? 0),
        AcquirerPOIID: result?.terminalId ?? request.terminal,
      },
      [
        acquirerTransaction === null
          ? null
          : node('AcquirerTransactionID', { TransactionID: acquirerTransaction, TimeStamp: at }),
        code === null ? null : node('ApprovalCode', {}, code),
      ],
    ),
  ]);
}

function cardOf({ result }: Operation): NexoNode | null {
  const card = result?.card ?? null;
  if (card === null) return null;
  return node('PaymentInstrumentData', { PaymentInstrumentType: 'Card' }, [
    node('CardData', {
      PaymentBrand: card.brand,
      MaskedPAN: card.mask,
      EntryMode: card.entry === null ? null : ENTRIES[card.entry],
    }),
  ]);
}

/** SPEC 4.3: base64 of a document; our paper is its ready lines. */
function receipts(operation: Operation): NexoNode[] {
  const receipt = operation.result?.receipt ?? null;
  if (receipt === null || !isFinal(operation.state)) return [];
  const one = (qualifier: string, root: string, text: string | null): NexoNode[] =>
    text === null
      ? []
      : [
          node('PaymentReceipt', { DocumentQualifier: qualifier }, [
            node('OutputContent', { OutputFormat: 'Text' }, [
              node('OutputText', {}, paper(operation, root, text)),
            ]),
          ]),
        ];
  return [
    ...one('CashierReceipt', 'Merchant', receipt.merchant),
    ...one('CustomerReceipt', 'Cardholder', receipt.customer),
  ];
}

function paper(operation: Operation, root: string, text: string): string {
  const { result, request, approvedAmount } = operation;
  const { currency } = request;
  const sum = commaSum(approvedAmount, currency);
  const merchants = root === 'Merchant';
  const document = {
    [root]: {
      Mandatory: {
        CardDetails: { PrimaryAccountNumber: merchants ? result?.card?.mask : lastFour(operation) },
        Outcome: { ApprovalCode: result?.authCode, DebitStatus: DEBIT[request.kind] ?? '00' },
        Payment: {
          Currency: currency,
          PaymentAmount: sum,
          TotalAmount: sum,
          ReceiptNumber: result?.invoice,
          SignatureBlock: merchants && result?.signatureRequired === true,
        },
      },
      Optional: { ReceiptString: text.split('\n') },
    },
  };
  return Buffer.from(JSON.stringify(document), 'utf8').toString('base64');
}

const DEBIT: Readonly<Record<string, string>> = { void: '91' };

function commaSum(amount: MinorUnits | null, currency: Currency): string | undefined {
  return amount === null ? undefined : formatDecimal(amount, currency, ',');
}

function lastFour({ result }: Operation): string | undefined {
  const mask = result?.card?.mask ?? undefined;
  return mask?.replace(/^\d+/, (head) => '*'.repeat(head.length));
}
