// SPEC nexo 3.1 schema: the parts of each element that we write, in the order that a terminal's
// parser demands, and the attributes that may not be missing.

export interface Parts {
  readonly children: readonly string[];
  readonly attributes: readonly string[];
}

const parts = (children: string, attributes = ''): Parts => ({
  children: words(children),
  attributes: words(attributes),
});

/** An element that is not listed has neither children nor required attributes. */
const PARTS: Readonly<Record<string, Parts>> = {
  MessageHeader: parts('', 'MessageClass MessageCategory MessageType SaleID POIID'),
  Response: parts('AdditionalResponse', 'Result'),
  MessageReference: parts(''),

  LoginRequest: parts('DateTime SaleSoftware SaleTerminalData', 'OperatorLanguage'),
  SaleSoftware: parts('', 'ProviderIdentification ApplicationName SoftwareVersion'),
  SaleTerminalData: parts('SaleCapabilities SaleProfile'),
  SaleProfile: parts('ServiceProfiles'),
  LoginResponse: parts('Response POISystemData'),
  POISystemData: parts('DateTime POISoftware POITerminalData POIStatus'),
  POISoftware: parts('', 'ProviderIdentification ApplicationName SoftwareVersion'),
  POITerminalData: parts('POICapabilities', 'TerminalEnvironment POISerialNumber'),
  LogoutRequest: parts(''),
  LogoutResponse: parts('Response'),

  PaymentRequest: parts('SaleData PaymentTransaction PaymentData'),
  SaleData: parts('SaleTransactionID SaleTerminalData SaleToPOIData SaleToAcquirerData'),
  SaleTransactionID: parts('', 'TransactionID TimeStamp'),
  POITransactionID: parts('', 'TransactionID TimeStamp'),
  AcquirerTransactionID: parts('', 'TransactionID TimeStamp'),
  PaymentTransaction: parts('AmountsReq OriginalPOITransaction TransactionConditions SaleItem'),
  AmountsReq: parts('', 'Currency'),
  PaymentData: parts('CardAcquisitionReference PaymentInstrumentData'),
  PaymentResponse: parts('Response SaleData POIData PaymentResult LoyaltyResult PaymentReceipt'),
  POIData: parts('POITransactionID'),
  PaymentResult: parts('PaymentInstrumentData AmountsResp PaymentAcquirerData'),
  PaymentInstrumentData: parts('CardData', 'PaymentInstrumentType'),
  CardData: parts('ProtectedCardData SensitiveCardData AllowedProductCode PaymentToken'),
  AmountsResp: parts('', 'AuthorizedAmount'),
  PaymentAcquirerData: parts('AcquirerTransactionID ApprovalCode', 'MerchantID AcquirerPOIID'),
  PaymentReceipt: parts('OutputContent', 'DocumentQualifier'),
  OutputContent: parts('PredefinedContent OutputText', 'OutputFormat'),

  ReversalRequest: parts('SaleData OriginalPOITransaction', 'ReversalReason'),
  OriginalPOITransaction: parts('POITransactionID ApprovalCode'),
  ReversalResponse: parts('Response POIData OriginalPOITransaction PaymentReceipt'),
  AbortRequest: parts('MessageReference AbortReason'),
  TransactionStatusRequest: parts('MessageReference DocumentQualifier'),
  TransactionStatusResponse: parts('Response MessageReference RepeatedMessageResponse'),
  RepeatedMessageResponse: parts(
    'MessageHeader PaymentResponse ReversalResponse CardAcquisitionResponse',
  ),

  DisplayRequest: parts('DisplayOutput'),
  DisplayOutput: parts('OutputContent MenuEntry', 'Device InfoQualify'),
  DisplayResponse: parts('OutputResult'),
  OutputResult: parts('Response', 'Device InfoQualify'),
  InputRequest: parts('DisplayOutput InputData'),
  InputData: parts('DefaultInputString', 'Device InfoQualify InputCommand'),
  InputResponse: parts('OutputResult InputResult'),
  InputResult: parts('Response Input', 'Device InfoQualify'),
  Input: parts('ConfirmedFlag', 'InputCommand'),
  PrintRequest: parts('PrintOutput'),
  PrintOutput: parts('OutputContent', 'DocumentQualifier ResponseMode'),
  PrintResponse: parts('Response', 'DocumentQualifier'),
  EventNotification: parts('EventDetails RejectedMessage DisplayOutput', 'TimeStamp EventToNotify'),

  EnableServiceRequest: parts('ServicesEnabled DisplayOutput', 'TransactionAction'),
  CardAcquisitionRequest: parts('SaleData CardAcquisitionTransaction'),
  CardAcquisitionResponse: parts('Response SaleData POIData'),
  LoyaltyResponse: parts('Response SaleData POIData'),
  StoredValueResponse: parts('Response SaleData POIData'),
  DiagnosisRequest: parts('AcquirerID'),
  ReconciliationRequest: parts('AcquirerID', 'ReconciliationType'),
  ReconciliationResponse: parts('Response', 'ReconciliationType'),
  GetTotalsRequest: parts('TotalDetails TotalFilter'),
  GetTotalsResponse: parts('Response', 'POIReconciliationID'),
};

/** An answer to a message that we do not know still has a result. */
export function partsOf(name: string): Parts {
  const listed = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  return listed ?? (name.endsWith('Response') ? ANSWER : NOTHING);
}

const ANSWER = parts('Response');
const NOTHING = parts('');

export const ROOTS = { request: 'SaleToPOIRequest', response: 'SaleToPOIResponse' } as const;

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
