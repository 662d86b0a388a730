// The words and forms that the schema knows, by the attribute or element that carries them.
import type { Element } from './xml.ts';

const MODES =
  'RFID Keyed Manual File Scanned MagStripe ICC SynchronousICC Tapped Contactless Mobile CheckReader';

const CATEGORIES = `Abort Admin BalanceInquiry Batch CardAcquisition CardReaderAPDU CardReaderInit
  CardReaderPowerOff Diagnosis Display EnableService Event GetTotals Input InputUpdate Login Logout Loyalty
  Payment PIN Print Reconciliation Reversal Sound StoredValue TransactionStatus Transmit`;

const CONDITIONS = `Aborted Busy Cancel DeviceOut InsertedCard InProgress InvalidCard LoggedOut MessageFormat
  NotAllowed NotFound PaymentRestriction Refusal UnavailableDevice UnavailableService UnreachableHost WrongPIN`;

const EVENTS = `BeginMaintenance EndMaintenance Shutdown Initialised OutOfOrder Completed Abort SaleWakeUp
  SaleAdmin CustomerLanguage KeyPressed SecurityAlarm StopAssistance CardInserted CardRemoved Reject`;

const PAYMENTS = `Normal Refund OneTimeReservation FirstReservation UpdateReservation Completion CashAdvance
  CashDeposit Recurring Instalment IssuerInstalment PaidOut VoiceAuthorisation`;

const TRANSACTIONS = `Debit Credit ReverseDebit ReverseCredit OneTimeReservation CompletedDeffered
  FirstReservation UpdateReservation CompletedReservation CashAdvance IssuerInstalment Declined Failed Award
  ReverseAward Redemption ReverseRedemption Rebate ReverseRebate`;

const ATTRIBUTES = new Map(
  Object.entries({
    MessageClass: 'Service Device Event',
    MessageCategory: CATEGORIES,
    MessageType: 'Request Response Notification',
    Result: 'Success Failure Partial',
    ErrorCondition: CONDITIONS,
    TerminalEnvironment: 'Attended SemiAttended Unattended',
    GenericProfile: 'Basic Standard Extended',
    GlobalStatus: 'OK Busy Maintenance Unreachable',
    PrinterStatus: 'OK PaperLow NoPaper PaperJam OutOfOrder',
    TokenRequestedType: 'Transaction Customer',
    PaymentType: PAYMENTS,
    PaymentInstrumentType: 'Card Check Mobile StoredValue Cash',
    EntryMode: MODES,
    DocumentQualifier: 'SaleReceipt CashierReceipt CustomerReceipt Document Voucher Journal',
    OutputFormat: 'MessageRef Text XHTML BarCode',
    ReversalReason: 'CustCancel MerchantCancel Malfunction Unable2Compl',
    Device: 'CashierDisplay CustomerDisplay CashierInput CustomerInput',
    InfoQualify:
      'Status Error Display Sound Input POIReplication CustomerAssistance Receipt Document Voucher',
    InputCommand:
      'GetAnyKey GetConfirmation SiteManager TextString DigitString DecimalString GetFunctionKey GetMenuEntry Password',
    ResponseMode: 'NotRequired Immediate PrintEnd SoundEnd',
    EventToNotify: EVENTS,
    TransactionAction: 'StartTransaction AbortTransaction',
    ReconciliationType:
      'SaleReconciliation AcquirerSynchronisation AcquirerReconciliation PreviousReconciliation',
    TransactionType: TRANSACTIONS,
  }).map(([name, text]) => [name, wordsOf(text)]),
);

const SHARED =
  'CashierError CashierDisplay CashierInput CustomerDisplay CustomerError CustomerInput PrinterReceipt PrinterDocument PrinterVoucher MagStripe ICC EMVContactless';

const TEXTS = new Map(
  Object.entries({
    SaleCapabilities: `CashierStatus POIReplication CustomerAssistance ${SHARED}`,
    POICapabilities: `CashHandling ${SHARED}`,
    ServiceProfiles:
      'Synchro Batch OneTimeRes Reservation Loyalty StoredValue PIN CardReader Sound Communication',
    ServicesEnabled: 'CardAcquisition Payment Loyalty',
    TotalDetails: 'POIID SaleID OperatorID ShiftNumber TotalsGroupID',
  }).map(([name, text]) => [name, wordsOf(text)]),
);

/** A vendor may have words of his own, with his name before them. */
const VENDOR = /^[0-9A-Za-z]+:[A-Z][0-9A-Za-z]*$/;

/** Of attributes, and of elements without parts. */
const FORMS: readonly (readonly [names: RegExp, form: RegExp])[] = [
  [/^(?:\w+Flag|MaintenanceAllowed)$/, /^(?:true|false|1|0)$/],
  [/Amount$/, /^\d{1,8}(?:\.\d{1,6})?$/],
  [/^(?:TimeStamp|DateTime)$/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/],
  [/Currency$/, /^[A-Z]{3}$/],
  [/Language$/, /^[a-z]{2}$/],
  [/^(?:M\w+Time|M\w+Length|TransactionCount|StartRow|StartColumn)$/, /^\d+$/],
  [/^(?:Message|RejectedMessage)$/, /^[0-9A-Za-z+/\s]*={0,2}\s*$/],
];

/** What the schema does not know of one element's values. */
export function valueFaults({ name, attributes, text, children }: Element): string[] {
  const faults = Object.entries(attributes).flatMap(([key, value]) =>
    faultsIn(value, ATTRIBUTES.get(key), key).map((fault) => `@${key}${fault}`),
  );
  return children.length > 0 ? faults : [...faults, ...faultsIn(text, TEXTS.get(name), name)];
}

function faultsIn(value: string, known: readonly string[] | undefined, name: string): string[] {
  if (known === undefined) {
    const form = FORMS.find(([names]) => names.test(name))?.[1];
    return form === undefined || form.test(value) ? [] : [` is not of its form: «${value}»`];
  }
  const said = wordsOf(value);
  if (said.length === 0) return [' is empty'];
  return said
    .filter((word) => !known.includes(word) && !VENDOR.test(word))
    .map((word) => ` is not «${word}»`);
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
