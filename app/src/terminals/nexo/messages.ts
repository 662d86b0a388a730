// What we ask of a terminal: the bodies of our requests, as the schema wants them.
import type { Instant } from '../../domain/ids.ts';
import { type Currency, formatDecimal, type MinorUnits } from '../../domain/money.ts';
import type { NexoHeader } from '../../xml/nexo/envelope.ts';
import { type NexoNode, node } from '../../xml/nexo/write.ts';
import type { NexoOptions } from './options.ts';

export const PATH = '/EPASSaleToPOI/3.1';
export const CONTENT_TYPE = 'application/xml; charset=utf-8';
const PROTOCOL_VERSION = '3.1';

/**
 * SPEC: the style is decided by these words alone, and nothing else of the login. CashierInput is
 * what makes the terminal ask for a signature itself.
 */
export const SALE_CAPABILITIES: Readonly<Record<NexoOptions['style'], string>> = {
  default:
    'CashierStatus CashierError CashierDisplay POIReplication CustomerAssistance CashierInput PrinterReceipt',
  light: 'PrinterReceipt',
};

export type Category =
  | 'Login'
  | 'Logout'
  | 'Payment'
  | 'Reversal'
  | 'Abort'
  | 'TransactionStatus'
  | 'EnableService'
  | 'CardAcquisition'
  | 'Diagnosis'
  | 'GetTotals'
  | 'Reconciliation';

export function headerOf(
  category: Category,
  serviceId: string,
  options: Pick<NexoOptions, 'saleId' | 'poiId'>,
): NexoHeader {
  return {
    protocolVersion: PROTOCOL_VERSION,
    messageClass: 'Service',
    messageCategory: category,
    messageType: 'Request',
    serviceId,
    deviceId: null,
    saleId: options.saleId,
    poiId: options.poiId,
  };
}

/** SPEC: a date and time with a zone. */
export function dateTime(at: Instant): string {
  return new Date(at).toISOString();
}

export function login(options: NexoOptions, now: Instant): NexoNode {
  return node('LoginRequest', { OperatorLanguage: options.language }, [
    node('DateTime', {}, dateTime(now)),
    node('SaleSoftware', {
      ProviderIdentification: 'Tillgate',
      ApplicationName: 'Tillgate',
      SoftwareVersion: '1.0',
    }),
    node('SaleTerminalData', { TerminalEnvironment: 'Attended' }, [
      node('SaleCapabilities', {}, SALE_CAPABILITIES[options.style]),
      node('SaleProfile', { GenericProfile: 'Extended' }, [
        node('ServiceProfiles', {}, 'Loyalty PIN CardReader'),
      ]),
    ]),
  ]);
}

export function logout(): NexoNode {
  return node('LogoutRequest', { MaintenanceAllowed: 'true' });
}

/** Our name of a transaction; the terminal gives it back in every answer about it. */
function saleData(transactionId: string, now: Instant): NexoNode {
  return node('SaleData', {}, [
    node('SaleTransactionID', { TransactionID: transactionId, TimeStamp: dateTime(now) }),
  ]);
}

export interface Payment {
  readonly type: 'Normal' | 'Refund';
  readonly transactionId: string;
  readonly currency: Currency;
  /** With the cash. */
  readonly amount: MinorUnits;
  readonly cash: MinorUnits;
}

export function payment(asked: Payment, now: Instant): NexoNode {
  const { currency } = asked;
  return node('PaymentRequest', {}, [
    saleData(asked.transactionId, now),
    node('PaymentTransaction', {}, [
      node('AmountsReq', {
        Currency: currency,
        RequestedAmount: formatDecimal(asked.amount, currency),
        CashBackAmount: asked.cash === 0 ? null : formatDecimal(asked.cash, currency),
      }),
    ]),
    node('PaymentData', { PaymentType: asked.type }),
  ]);
}

/** SPEC: the terminal's id and its time, letter by letter as it gave them. */
export interface PoiTransaction {
  readonly id: string;
  readonly time: string;
}

export function reversal(
  of: PoiTransaction,
  reason: 'MerchantCancel' | 'Malfunction',
  options: NexoOptions,
): NexoNode {
  return node('ReversalRequest', { ReversalReason: reason }, [
    node('OriginalPOITransaction', { SaleID: options.saleId, POIID: options.poiId }, [
      node('POITransactionID', { TransactionID: of.id, TimeStamp: of.time }),
    ]),
  ]);
}

export interface Reference {
  readonly category: Category;
  readonly serviceId: string;
}

function messageReference(of: Reference, options: NexoOptions): NexoNode {
  return node('MessageReference', {
    MessageCategory: of.category,
    ServiceID: of.serviceId,
    SaleID: options.saleId,
    POIID: options.poiId,
  });
}

export function abort(of: Reference, options: NexoOptions): NexoNode {
  return node('AbortRequest', {}, [
    messageReference(of, options),
    node('AbortReason', {}, 'Abort by Sale System'),
  ]);
}

/** Without a reference: the last transaction of this POIID and SaleID. */
export function transactionStatus(of: Reference | null, options: NexoOptions): NexoNode {
  return node('TransactionStatusRequest', {}, of === null ? [] : [messageReference(of, options)]);
}

export function enableService(action: 'StartTransaction' | 'AbortTransaction'): NexoNode {
  const services = action === 'StartTransaction' ? 'CardAcquisition' : null;
  return node('EnableServiceRequest', { TransactionAction: action }, [
    services === null ? null : node('ServicesEnabled', {}, services),
  ]);
}

export function cardAcquisition(transactionId: string, now: Instant): NexoNode {
  return node('CardAcquisitionRequest', {}, [
    saleData(transactionId, now),
    node('CardAcquisitionTransaction', { PaymentType: 'Normal', TotalAmount: '0' }),
  ]);
}

export function diagnosis(host: boolean): NexoNode {
  return node('DiagnosisRequest', { HostDiagnosisFlag: String(host) });
}

export function getTotals(): NexoNode {
  return node('GetTotalsRequest');
}

export function reconciliation(type: string): NexoNode {
  return node('ReconciliationRequest', { ReconciliationType: type });
}
