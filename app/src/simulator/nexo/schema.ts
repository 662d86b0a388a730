// The order and the required parts of messages, as a terminal's parser checks them; written down
// from the standard again, apart from what the gateway writes by.
import { valueFaults } from './words.ts';
import type { Element } from './xml.ts';

/** `!` required, `*` any number, `+` one or more; otherwise at most one. Attributes: `!` required. */
const RULES: Readonly<Record<string, { parts: string; attributes: string }>> = {
  SaleToPOIRequest: { parts: 'MessageHeader! @body! SecurityTrailer', attributes: '' },
  SaleToPOIResponse: { parts: 'MessageHeader! @body! SecurityTrailer', attributes: '' },
  MessageHeader: {
    parts: '',
    attributes:
      'ProtocolVersion MessageClass! MessageCategory! MessageType! ServiceID DeviceID SaleID! POIID!',
  },
  Response: { parts: 'AdditionalResponse', attributes: 'Result! ErrorCondition' },
  LoginRequest: {
    parts: 'DateTime! SaleSoftware! SaleTerminalData',
    attributes:
      'TrainingModeFlag OperatorLanguage! OperatorID ShiftNumber TokenRequestedType CustomerOrderReq POISerialNumber',
  },
  SaleSoftware: {
    parts: '',
    attributes:
      'ProviderIdentification! ApplicationName! SoftwareVersion! CertificationCode ComponentDescription ComponentType',
  },
  SaleTerminalData: {
    parts: 'SaleCapabilities SaleProfile',
    attributes: 'TerminalEnvironment TotalsGroupID',
  },
  SaleProfile: { parts: 'ServiceProfiles', attributes: 'GenericProfile' },
  LoginResponse: { parts: 'Response! POISystemData', attributes: '' },
  POISystemData: {
    parts: 'DateTime! POISoftware! POITerminalData POIStatus',
    attributes: 'TokenRequestStatus CustomerOrderStatus',
  },
  POISoftware: {
    parts: '',
    attributes:
      'ProviderIdentification! ApplicationName! SoftwareVersion! CertificationCode ComponentDescription ComponentType',
  },
  POITerminalData: {
    parts: 'POICapabilities! POIProfile',
    attributes: 'TerminalEnvironment! POISerialNumber!',
  },
  POIStatus: {
    parts: 'CashHandlingDevice*',
    attributes:
      'GlobalStatus! SecurityOKFlag PEDOKFlag CardReaderOKFlag PrinterStatus CommunicationOKFlag FraudPreventionFlag',
  },
  LogoutRequest: { parts: '', attributes: 'MaintenanceAllowed' },
  LogoutResponse: { parts: 'Response!', attributes: '' },
  PaymentRequest: {
    parts: 'SaleData! PaymentTransaction! PaymentData LoyaltyData*',
    attributes: '',
  },
  SaleData: {
    parts:
      'SaleTransactionID! SaleTerminalData SponsoredMerchant* SaleToPOIData SaleToAcquirerData SaleToIssuerData',
    attributes:
      'OperatorID OperatorLanguage ShiftNumber SaleReferenceID TokenRequestedType CustomerOrderID CustomerOrderReq',
  },
  SaleTransactionID: { parts: '', attributes: 'TransactionID! TimeStamp!' },
  POITransactionID: { parts: '', attributes: 'TransactionID! TimeStamp!' },
  AcquirerTransactionID: { parts: '', attributes: 'TransactionID! TimeStamp!' },
  HostTransactionID: { parts: '', attributes: 'TransactionID! TimeStamp!' },
  PaymentTransaction: {
    parts: 'AmountsReq! OriginalPOITransaction TransactionConditions SaleItem*',
    attributes: '',
  },
  AmountsReq: {
    parts: '',
    attributes:
      'Currency! RequestedAmount CashBackAmount TipAmount PaidAmount MinimumAmountToDeliver MaximumCashBackAmount MinimumSplitAmount',
  },
  PaymentData: {
    parts:
      'CardAcquisitionReference RequestedValidityDate Instalment CustomerOrder PaymentInstrumentData',
    attributes: 'PaymentType SplitPaymentFlag',
  },
  PaymentResponse: {
    parts:
      'Response! SaleData! POIData! PaymentResult LoyaltyResult* PaymentReceipt* CustomerOrder*',
    attributes: '',
  },
  POIData: { parts: 'POITransactionID!', attributes: 'POIReconciliationID' },
  PaymentResult: {
    parts:
      'PaymentInstrumentData AmountsResp Instalment CurrencyConversion* CapturedSignature ProtectedSignature PaymentAcquirerData',
    attributes:
      'PaymentType MerchantOverrideFlag CustomerLanguage OnlineFlag AuthenticationMethod ValidityDate',
  },
  PaymentInstrumentData: {
    parts: 'CardData CheckData MobileData',
    attributes: 'PaymentInstrumentType!',
  },
  CardData: {
    parts:
      'ProtectedCardData SensitiveCardData AllowedProductCode* AllowedProduct* PaymentToken CustomerOrder*',
    attributes: 'PaymentBrand MaskedPAN PaymentAccountRef EntryMode CardCountryCode',
  },
  PaymentToken: { parts: '', attributes: 'TokenRequestedType! TokenValue! ExpiryDateTime' },
  AmountsResp: {
    parts: '',
    attributes:
      'Currency AuthorizedAmount! TotalRebatesAmount TotalFeesAmount CashBackAmount TipAmount',
  },
  PaymentAcquirerData: {
    parts: 'AcquirerTransactionID ApprovalCode',
    attributes: 'AcquirerID MerchantID! AcquirerPOIID!',
  },
  PaymentReceipt: {
    parts: 'OutputContent!',
    attributes: 'DocumentQualifier! IntegratedPrintFlag RequiredSignatureFlag',
  },
  OutputContent: {
    parts: 'PredefinedContent OutputText* OutputXHTML OutputBarcode',
    attributes: 'OutputFormat!',
  },
  ReversalRequest: {
    parts: 'SaleData OriginalPOITransaction! CustomerOrder',
    attributes: 'ReversalReason! ReversedAmount',
  },
  OriginalPOITransaction: {
    parts: 'POITransactionID ApprovalCode HostTransactionID',
    attributes: 'SaleID POIID ReuseCardDataFlag CustomerLanguage AcquirerID LastTransactionFlag',
  },
  ReversalResponse: {
    parts: 'Response! POIData OriginalPOITransaction PaymentReceipt*',
    attributes: 'ReversedAmount CustomerOrderID',
  },
  AbortRequest: { parts: 'MessageReference! AbortReason! DisplayOutput', attributes: '' },
  MessageReference: {
    parts: '',
    attributes: 'MessageCategory ServiceID DeviceID SaleID POIID',
  },
  TransactionStatusRequest: {
    parts: 'MessageReference DocumentQualifier*',
    attributes: 'ReceiptReprintFlag',
  },
  TransactionStatusResponse: {
    parts: 'Response! MessageReference RepeatedMessageResponse',
    attributes: '',
  },
  RepeatedMessageResponse: { parts: 'MessageHeader! @body!', attributes: '' },
  DisplayRequest: { parts: 'DisplayOutput+', attributes: '' },
  DisplayOutput: {
    parts: 'OutputContent! MenuEntry* OutputSignature',
    attributes: 'ResponseRequiredFlag MinimumDisplayTime Device! InfoQualify!',
  },
  DisplayResponse: { parts: 'OutputResult+', attributes: '' },
  OutputResult: { parts: 'Response!', attributes: 'Device! InfoQualify!' },
  InputRequest: { parts: 'DisplayOutput InputData!', attributes: '' },
  InputData: {
    parts: 'DefaultInputString StringMask',
    attributes:
      'Device! InfoQualify! InputCommand! NotifyCardInputFlag MaxInputTime ImmediateResponseFlag MinLength MaxLength MaxDecimalLength WaitUserValidationFlag FromRightToLeftFlag MaskCharactersFlag BeepKeyFlag GlobalCorrectionFlag DisableCancelFlag DisableCorrectFlag DisableValidFlag MenuBackFlag',
  },
  InputResponse: { parts: 'OutputResult InputResult!', attributes: '' },
  InputResult: { parts: 'Response! Input', attributes: 'Device! InfoQualify!' },
  Input: {
    parts: 'ConfirmedFlag FunctionKey TextInput DigitInput Password MenuEntryNumber',
    attributes: 'InputCommand!',
  },
  PrintRequest: { parts: 'PrintOutput!', attributes: '' },
  PrintOutput: {
    parts: 'OutputContent! OutputSignature',
    attributes: 'DocumentQualifier! ResponseMode! IntegratedPrintFlag RequiredSignatureFlag',
  },
  PrintResponse: { parts: 'Response!', attributes: 'DocumentQualifier!' },
  EventNotification: {
    parts: 'EventDetails RejectedMessage DisplayOutput',
    attributes: 'TimeStamp! EventToNotify! MaintenanceRequiredFlag CustomerLanguage',
  },
  EnableServiceRequest: {
    parts: 'ServicesEnabled DisplayOutput',
    attributes: 'TransactionAction!',
  },
  EnableServiceResponse: { parts: 'Response!', attributes: '' },
  CardAcquisitionRequest: { parts: 'SaleData! CardAcquisitionTransaction!', attributes: '' },
  CardAcquisitionTransaction: {
    parts: 'AllowedPaymentBrand* AllowedLoyaltyBrand* ForceEntryMode*',
    attributes:
      'PaymentType TotalAmount CashBackFlag LoyaltyHandling CustomerLanguage ForceCustomerSelectionFlag',
  },
  CardAcquisitionResponse: {
    parts:
      'Response! SaleData! POIData! PaymentBrand* PaymentInstrumentData LoyaltyAccount* CustomerOrder*',
    attributes: '',
  },
  LoyaltyResponse: {
    parts: 'Response! SaleData! POIData! LoyaltyResult* PaymentReceipt*',
    attributes: '',
  },
  DiagnosisRequest: { parts: 'AcquirerID*', attributes: 'POIID HostDiagnosisFlag' },
  DiagnosisResponse: {
    parts: 'Response! LoggedSaleID* POIStatus HostStatus*',
    attributes: '',
  },
  HostStatus: { parts: '', attributes: 'AcquirerID! IsReachableFlag' },
  ReconciliationRequest: {
    parts: 'AcquirerID*',
    attributes: 'ReconciliationType! POIReconciliationID',
  },
  ReconciliationResponse: {
    parts: 'Response! TransactionTotals*',
    attributes: 'ReconciliationType! POIReconciliationID',
  },
  GetTotalsRequest: { parts: 'TotalDetails TotalFilter', attributes: '' },
  TotalFilter: { parts: '', attributes: 'POIID SaleID OperatorID ShiftNumber TotalsGroupID' },
  GetTotalsResponse: {
    parts: 'Response! TransactionTotals*',
    attributes: 'POIReconciliationID!',
  },
  TransactionTotals: {
    parts: 'PaymentTotals* LoyaltyTotals*',
    attributes:
      'PaymentInstrumentType! AcquirerID ErrorCondition HostReconciliationID CardBrand POIID SaleID OperatorID ShiftNumber TotalsGroupID PaymentCurrency LoyaltyUnit LoyaltyCurrency',
  },
  PaymentTotals: {
    parts: '',
    attributes: 'TransactionType! TransactionCount! TransactionAmount!',
  },
  TransmitRequest: {
    parts: 'Message!',
    attributes: 'DestinationAddress! MaximumTransmitTime! WaitResponseFlag',
  },
};

const LEAVES = new Set(
  `AdditionalResponse DateTime SaleCapabilities ServiceProfiles POICapabilities OutputText AbortReason
   DocumentQualifier ApprovalCode ConfirmedFlag EventDetails RejectedMessage ServicesEnabled
   AllowedProductCode PaymentBrand LoggedSaleID Message SaleToPOIData SaleToAcquirerData AcquirerID TotalDetails`
    .split(/\s+/)
    .filter((name) => name !== ''),
);

const LEAF_ATTRIBUTES = new Map([
  [
    'OutputText',
    'CharacterSet Font StartRow StartColumn Color CharacterWidth CharacterHeight CharacterStyle Alignment EndOfLineFlag',
  ],
]);

/** Whether the answer to a request of this kind is one that stands in the rules. */
export function hasAnswer(category: string): boolean {
  return category === 'Abort' || Object.hasOwn(RULES, `${category}Response`);
}

/** What is wrong with a message, part by part; empty where a parser would take it. */
export function faultsOf(message: Element): string[] {
  const faults: string[] = [];
  check(message, message.name, faults);
  const header = message.children.find(({ name }) => name === 'MessageHeader');
  if (header !== undefined) faults.push(...headerFaults(header));
  return faults;
}

/** Rules that the schema leaves to the text of the standard. */
function headerFaults(header: Element): string[] {
  const { MessageClass, MessageCategory, ServiceID, DeviceID, ProtocolVersion } = header.attributes;
  const faults: string[] = [];
  for (const [name, id] of [
    ['ServiceID', ServiceID],
    ['DeviceID', DeviceID],
  ]) {
    if (id !== undefined && !/^.{1,10}$/.test(id)) faults.push(`MessageHeader@${name} is too long`);
  }
  if (MessageClass === 'Service' && ServiceID === undefined) faults.push('MessageHeader@ServiceID');
  if (MessageClass === 'Device' && MessageCategory !== 'Transmit' && DeviceID === undefined) {
    faults.push('MessageHeader@DeviceID');
  }
  const request = header.attributes['MessageType'] === 'Request';
  const versioned = MessageCategory === 'Login' || MessageCategory === 'Diagnosis';
  if (request && versioned && ProtocolVersion !== '3.1')
    faults.push('MessageHeader@ProtocolVersion');
  return faults;
}

function check(element: Element, path: string, faults: string[]): void {
  const rule = RULES[element.name];
  faults.push(...valueFaults(element).map((fault) => `${path}${fault}`));
  if (rule === undefined) {
    if (!LEAVES.has(element.name)) faults.push(`${path} is not known`);
    else if (element.children.length > 0) faults.push(`${path} has parts`);
    checkAttributes(element, path, words(LEAF_ATTRIBUTES.get(element.name) ?? ''), faults);
    return;
  }
  if (element.text.trim() !== '') faults.push(`${path} has text`);
  checkAttributes(element, path, words(rule.attributes), faults);
  checkParts(element, path, words(rule.parts), faults);
  for (const child of element.children) check(child, `${path}/${child.name}`, faults);
}

function checkAttributes(
  { attributes }: Element,
  path: string,
  allowed: readonly string[],
  faults: string[],
): void {
  const names = allowed.map((word) => word.replace('!', ''));
  for (const name of Object.keys(attributes)) {
    if (!names.includes(name)) faults.push(`${path}@${name} is not known`);
  }
  for (const word of allowed) {
    const name = word.replace('!', '');
    if (word.endsWith('!') && attributes[name] === undefined)
      faults.push(`${path}@${name} is missing`);
  }
}

function checkParts(
  { children }: Element,
  path: string,
  order: readonly string[],
  faults: string[],
): void {
  const rest = [...children];
  for (const word of order) {
    const name = word.replace(/[!*+]$/, '');
    const matches = (child: Element | undefined): boolean =>
      child !== undefined && (name === '@body' ? isBody(child.name) : child.name === name);
    let count = 0;
    while (matches(rest[0])) {
      rest.shift();
      count += 1;
    }
    if (count === 0 && /[!+]$/.test(word)) faults.push(`${path}/${name} is missing`);
    if (count > 1 && !/[*+]$/.test(word)) faults.push(`${path}/${name} is repeated`);
  }
  for (const { name } of rest) faults.push(`${path}/${name} is out of order`);
}

function isBody(name: string): boolean {
  return /(?:Request|Response|Notification)$/.test(name);
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
