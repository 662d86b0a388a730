// What a simulated nexo terminal says: headers, answers and what it tells the till.
import { childOf, type Element, element, serialise } from './xml.ts';

export interface Header {
  readonly messageClass: string;
  readonly category: string;
  readonly type: 'Request' | 'Response' | 'Notification';
  readonly serviceId: string | null;
  readonly deviceId: string | null;
  readonly saleId: string;
  readonly poiId: string;
}

export function headerElement(header: Header): Element {
  return element('MessageHeader', {
    MessageClass: header.messageClass,
    MessageCategory: header.category,
    MessageType: header.type,
    ServiceID: header.serviceId,
    DeviceID: header.deviceId,
    SaleID: header.saleId,
    POIID: header.poiId,
  });
}

export function readHeader(message: Element): Header {
  const given = childOf(message, 'MessageHeader')?.attributes ?? {};
  const type = given['MessageType'];
  return {
    messageClass: given['MessageClass'] ?? '',
    category: given['MessageCategory'] ?? '',
    type: type === 'Response' || type === 'Notification' ? type : 'Request',
    serviceId: given['ServiceID'] ?? null,
    deviceId: given['DeviceID'] ?? null,
    saleId: given['SaleID'] ?? '',
    poiId: given['POIID'] ?? '',
  };
}

export function messageText(header: Header, body: Element): string {
  const root = header.type === 'Response' ? 'SaleToPOIResponse' : 'SaleToPOIRequest';
  return serialise(element(root, {}, [headerElement(header), body]));
}

export function response(condition: string | null, text: string | null = null): Element {
  const success = condition === null || condition === 'Partial';
  return element(
    'Response',
    {
      Result: success ? (condition ?? 'Success') : 'Failure',
      ErrorCondition: success ? null : condition,
    },
    text === null ? [] : [element('AdditionalResponse', {}, text)],
  );
}

export function failure(category: string, condition: string, text: string | null = null): Element {
  return element(`${category}Response`, {}, [response(condition, text)]);
}

/** With what the schema demands in such an answer beside the Response. */
export function refusal(
  header: Header,
  body: Element | null,
  answer: Element,
  poiTransaction: () => Element,
): Element {
  const name = `${header.category}Response`;
  switch (header.category) {
    case 'Payment':
    case 'CardAcquisition': {
      const named = childOf(body, 'SaleData', 'SaleTransactionID');
      const sale = named === null ? [] : [element('SaleData', {}, [named])];
      return element(name, {}, [answer, ...sale, element('POIData', {}, [poiTransaction()])]);
    }
    case 'GetTotals':
      return element(name, { POIReconciliationID: '0' }, [answer]);
    case 'Reconciliation':
      return element(
        name,
        { ReconciliationType: body?.attributes['ReconciliationType'] ?? 'SaleReconciliation' },
        [answer],
      );
    default:
      return element(name, {}, [answer]);
  }
}

export function loginResponse(at: string, serial: string, standard30: boolean): Element {
  const maker = standard30
    ? { ManufacturerID: 'Acme', CertificationCode: 'C1' }
    : { ProviderIdentification: 'Acme' };
  return element('LoginResponse', {}, [
    response(null),
    element('POISystemData', {}, [
      element('DateTime', {}, at),
      element('POISoftware', { ...maker, ApplicationName: 'Retail', SoftwareVersion: '1.3.0.9' }),
      element('POITerminalData', { TerminalEnvironment: 'Attended', POISerialNumber: serial }, [
        element(
          'POICapabilities',
          {},
          'CashierDisplay CustomerDisplay ICC MagStripe EMVContactless',
        ),
      ]),
      element('POIStatus', { GlobalStatus: 'OK', CommunicationOKFlag: 'true' }),
    ]),
  ]);
}

export function output(text: string): Element {
  return element('OutputContent', { OutputFormat: 'Text' }, [element('OutputText', {}, text)]);
}

export function displayRequest(texts: readonly string[], flag: boolean | null): Element {
  return element(
    'DisplayRequest',
    {},
    texts.map((text) =>
      element(
        'DisplayOutput',
        {
          ResponseRequiredFlag: flag === null ? null : String(flag),
          Device: 'CashierDisplay',
          InfoQualify: 'POIReplication',
        },
        [output(text)],
      ),
    ),
  );
}

export function confirmationRequest(text: string, seconds: number): Element {
  return element('InputRequest', {}, [
    element('DisplayOutput', { Device: 'CashierDisplay', InfoQualify: 'Display' }, [output(text)]),
    element('InputData', {
      Device: 'CashierInput',
      InfoQualify: 'Input',
      InputCommand: 'GetConfirmation',
      MaxInputTime: String(seconds),
    }),
  ]);
}

export function printRequest(base64: string, qualifier: string, mode: string): Element {
  return element('PrintRequest', {}, [
    element('PrintOutput', { DocumentQualifier: qualifier, ResponseMode: mode }, [output(base64)]),
  ]);
}

export function eventNotification(
  at: string,
  event: string,
  details: string,
  maintenance = false,
): Element {
  return element(
    'EventNotification',
    {
      TimeStamp: at,
      EventToNotify: event,
      MaintenanceRequiredFlag: maintenance ? 'true' : null,
    },
    details === '' ? [] : [element('EventDetails', {}, details)],
  );
}

/** The one word for a message that is not taken: with the message itself. */
export function rejection(at: string, details: string, rejected: string): Element {
  const { attributes, children } = eventNotification(at, 'Reject', details);
  const message = element('RejectedMessage', {}, Buffer.from(rejected).toString('base64'));
  return element('EventNotification', attributes, [...children, message]);
}

export function transmitRequest(host: string, port: number): Element {
  const message = {
    saleTerminalconfiguration: {
      messageVersion: '1.0.0',
      ipEndPoint: { ipV4Address: host, ipPort: String(port) },
    },
  };
  return element(
    'TransmitRequest',
    { DestinationAddress: '127.0.0.1:15022', MaximumTransmitTime: '30' },
    [element('Message', {}, Buffer.from(JSON.stringify(message)).toString('base64'))],
  );
}

export function transactionId(
  name: 'SaleTransactionID' | 'POITransactionID',
  id: string,
  at: string,
): Element {
  return element(name, { TransactionID: id, TimeStamp: at });
}

export function receipt(copy: 'CashierReceipt' | 'CustomerReceipt', base64: string): Element {
  return element('PaymentReceipt', { DocumentQualifier: copy }, [output(base64)]);
}

/** Decimal text of minor units of a currency with two digits. */
export function decimal(amount: number): string {
  return `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
}

/** Minor units, or null where the text is no amount of a currency with two digits. */
export function minor(text: string): number | null {
  const match = /^(\d{1,8})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return null;
  const fraction = (match[2] ?? '').padEnd(2, '0');
  if (/[1-9]/.test(fraction.slice(2))) return null;
  return Number(match[1]) * 100 + Number(fraction.slice(0, 2));
}
