// Answers to a nexo till by which nothing was done. The schema wants parts of its own in the answer of
// each kind, also in a failure, and a till with a strict parser takes no other.
import type { Instant } from '../../domain/ids.ts';
import { all, at, type NexoHeader, type NexoMessage, value } from '../../xml/nexo/envelope.ts';
import { type NexoNode, node } from '../../xml/nexo/write.ts';
import type { XmlElement } from '../../xml/read.ts';
import { rejectionOf } from './rejection.ts';

/**
 * Kinds whose answer is whole with nothing but a Response in it. The others that we do not do would
 * have to name what we do not have, such as the status words of a card, or are in no schema.
 */
const BARE: ReadonlySet<string> = new Set([
  'Admin',
  'BalanceInquiry',
  'Batch',
  'CardReaderInit',
  'CardReaderPowerOff',
  'Diagnosis',
  'EnableService',
  'Login',
  'Logout',
  'PIN',
  'Reversal',
  'Sound',
  'TransactionStatus',
  'Transmit',
]);

/** Null where the till wants no answer; a rejection where there is none that would be true. */
export function refusalOf(
  message: NexoMessage & { readonly raw: Uint8Array },
  response: NexoNode,
  now: Instant,
): NexoNode | null {
  const { header, body, raw } = message;
  const name = `${header.messageCategory}Response`;
  switch (header.messageCategory) {
    case 'Payment':
    case 'CardAcquisition':
    case 'Loyalty':
    case 'StoredValue':
      return node(name, {}, [response, saleData(body), poiData(message, now)]);
    case 'GetTotals':
      return node(name, { POIReconciliationID: NO_PERIOD }, [response]);
    case 'Reconciliation': {
      const type = value(body, 'ReconciliationType') ?? 'SaleReconciliation';
      return node(name, { ReconciliationType: type }, [response]);
    }
    case 'Display':
      return displayed(name, body, response);
    case 'Input': {
      const shown = at(body, 'DisplayOutput');
      const asked = at(body, 'InputData');
      return node(name, {}, [
        shown === null ? null : node('OutputResult', place(shown, OUT), [response]),
        node('InputResult', place(asked, IN), [response]),
      ]);
    }
    case 'Print': {
      const qualifier = value(at(body, 'PrintOutput'), 'DocumentQualifier') ?? 'Document';
      return node(name, { DocumentQualifier: qualifier }, [response]);
    }
    default:
      return BARE.has(header.messageCategory)
        ? node(name, {}, [response])
        : rejectionOf(raw, detailsOf(header, response), now);
  }
}

function detailsOf({ messageCategory }: NexoHeader, { attributes }: NexoNode): string {
  return `${attributes['ErrorCondition'] ?? 'Refusal'}: ${messageCategory}`;
}

/** No period of ours has this number. */
const NO_PERIOD = '0';

/** Where a request that is wrong itself names no device. */
const OUT = { device: 'CustomerDisplay', qualify: 'Display' } as const;
const IN = { device: 'CustomerInput', qualify: 'Input' } as const;

function place(of: XmlElement | null, otherwise: typeof OUT | typeof IN): Record<string, string> {
  return {
    Device: value(of, 'Device') ?? otherwise.device,
    InfoQualify: value(of, 'InfoQualify') ?? otherwise.qualify,
  };
}

/** SPEC 4.7: one result for each text that wants one; the flag is on where it is left out. */
function displayed(name: string, body: XmlElement | null, response: NexoNode): NexoNode | null {
  const wanting = all(body, 'DisplayOutput').filter((output) => {
    const flag = value(output, 'ResponseRequiredFlag')?.toLowerCase();
    return flag !== 'false' && flag !== '0';
  });
  if (wanting.length === 0) return null;
  return node(
    name,
    {},
    wanting.map((output) => node('OutputResult', place(output, OUT), [response])),
  );
}

/** The till's name of it; null where the request has none. */
function saleData(body: XmlElement | null): NexoNode | null {
  const named = at(body, 'SaleData', 'SaleTransactionID');
  const id = value(named, 'TransactionID');
  const time = value(named, 'TimeStamp');
  if (id === null || time === null) return null;
  return node('SaleData', {}, [node('SaleTransactionID', { TransactionID: id, TimeStamp: time })]);
}

/** A name that no transaction of ours has. */
function poiData({ header }: NexoMessage, now: Instant): NexoNode {
  const TransactionID = `none-${header.serviceId ?? '0'}`;
  const TimeStamp = new Date(now).toISOString();
  return node('POIData', {}, [node('POITransactionID', { TransactionID, TimeStamp })]);
}
