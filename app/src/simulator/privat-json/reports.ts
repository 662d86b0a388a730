// Reports, receipt copies and settlement: what the terminal prints and tells from its journal.
import { answer, errorReply } from './answer.ts';
import type { Report } from './catalogue.ts';
import type { Device, Exchange } from './device.ts';
import type { Reply } from './frames.ts';
import type { Transaction } from './journal.ts';
import { text } from './money-methods.ts';
import {
  batchJournalSlip,
  RECEIPT_INFO_FIELDS,
  receiptInfoFields,
  slip,
  totalsSlip,
} from './slip.ts';

/** Does a report within the time that an answer takes. */
export function startReport(device: Device, exchange: Exchange, report: Report): void {
  // The journal is asked at once: a receipt copy is not worth the wait of a sale.
  const wait = report === 'receipt-info' ? 0 : device.share(exchange, 1);
  if (!device.enterStatus(exchange, '10', 'Зачекайте')) return;
  device.step(exchange, wait, () => {
    if (report === 'verify') settle(device, exchange);
    else answer(device, exchange, replyOf(device, exchange, report), '');
  });
}

function replyOf(device: Device, exchange: Exchange, report: Exclude<Report, 'verify'>): Reply {
  const { journal, profile } = device;
  const { method, params } = exchange;
  switch (report) {
    case 'audit': {
      const chosen = ofMerchant(device, params);
      if (chosen === null) return errorReply(method, '1000', 'Невірний номер мерчанта');
      const at = device.now();
      const receipt = totalsSlip('X-ЗВІТ', chosen, journal.batch, at, profile);
      return withReceipt(method, receipt);
    }
    case 'verify-copy':
      return journal.copy === null ? emptyLog(method) : withReceipt(method, journal.copy);
    case 'receipt': {
      const found = chosenReceipt(device, params);
      if (found !== null) return withReceipt(method, slip(found, profile));
      const description = 'Чек не знайдено';
      return { method, params: { receipt: '', responseCode: '1000' }, error: true, description };
    }
    case 'batch-journal': {
      const chosen = ofMerchant(device, params);
      if (chosen === null || chosen.length === 0) return emptyLog(method);
      return withReceipt(method, batchJournalSlip(chosen, journal.batch, profile));
    }
    case 'receipt-info': {
      const found = chosenReceipt(device, params);
      if (found !== null) return done(method, receiptInfoFields(found, profile));
      const empty = Object.fromEntries(RECEIPT_INFO_FIELDS.map((name) => [name, '']));
      const fields = { ...empty, responseCode: '1000' };
      return { method, params: fields, error: true, description: 'Чек не знайдено' };
    }
  }
}

/** Verify («Звірка»): closes the batch; the journal is empty before the till hears of it. */
function settle(device: Device, exchange: Exchange): void {
  const { journal, profile } = device;
  const { method, params } = exchange;
  const chosen = ofMerchant(device, params);
  if (chosen === null) {
    answer(device, exchange, errorReply(method, '1000', 'Невірний номер мерчанта'), '');
    return;
  }
  if (chosen.length === 0) {
    answer(device, exchange, emptyLog(method), '');
    return;
  }
  if (exchange.faults.has('host-unreachable')) {
    answer(device, exchange, errorReply(method, '1004', "Немає зв'язку з банком"), '');
    return;
  }
  const receipt = totalsSlip('Z-ЗВІТ. ЗВІРКА', chosen, journal.batch, device.now(), profile);
  const closed = new Set(chosen.map((transaction) => transaction.invoice));
  const next = profile.invoiceReset ? profile.firstInvoice : journal.nextInvoice;
  journal.settle(
    receipt,
    (one) => closed.has(one.invoice),
    next,
    () => {
      if (device.running !== exchange) return;
      if (exchange.faults.has('power-cut-after-approval')) {
        device.powerCut(profile.powerOffMs);
        return;
      }
      answer(device, exchange, withReceipt(method, receipt), 'Звірку виконано');
    },
  );
}

/** Transactions of the asked merchant, all for `0`; null where there is no such merchant. */
function ofMerchant(device: Device, params: Exchange['params']): readonly Transaction[] | null {
  const index = text(params, 'merchantId');
  const { transactions } = device.journal;
  if (index === '' || index === '0') return transactions;
  const merchant = device.merchant(index);
  if (merchant === null) return null;
  return transactions.filter((transaction) => transaction.tid === merchant.tid);
}

/** The receipt of a number; `0` and nothing mean the last one of the batch. */
function chosenReceipt(device: Device, params: Exchange['params']): Transaction | null {
  const invoice = text(params, 'invoiceNumber');
  if (invoice === '' || invoice === '0') return device.journal.last();
  return /^\d+$/.test(invoice) ? device.journal.find(Number(invoice)) : null;
}

function done(method: string, params: Readonly<Record<string, string>>): Reply {
  return { method, params, error: false, description: '' };
}

function withReceipt(method: string, receipt: string): Reply {
  return done(method, { receipt, responseCode: '0000' });
}

function emptyLog(method: string): Reply {
  const description = 'Cannot obtain receipt: log file is empty!';
  return { method, params: { receipt: '', responseCode: '0001' }, error: true, description };
}
