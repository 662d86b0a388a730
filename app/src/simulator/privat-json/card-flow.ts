// A transaction with a card: 9 waiting → 1 read → (11 corrected sum) → 6 PIN → 3 host → 10 → reply.
import { answer, cancelled, errorReply } from './answer.ts';
import { CARDS, type Card, hostText, isCardName } from './cards.ts';
import type { Device, Exchange, Wake } from './device.ts';
import type { Reply } from './frames.ts';
import type { Transaction, TransactionKind } from './journal.ts';
import { enterPin, pinVerdict } from './pin.ts';
import { hash, type MerchantProfile } from './profile.ts';

/** What the till asked for, after the terminal has checked it. */
export interface Plan {
  readonly kind: TransactionKind;
  readonly amount: number;
  readonly discount: number;
  readonly cash: number;
  readonly merchant: MerchantProfile;
  readonly parts: string;
  readonly agreement: string;
  readonly subMerchant: string;
  /** RRN that a completion or a refund names; a new one is made all the same. */
  readonly voids: number | null;
  /** Makes the reply out of what stands in the journal. */
  readonly reply: (transaction: Transaction) => Reply;
}

/** What the bank said: its code and the sum it stands for. */
export interface Verdict {
  readonly code: string;
  readonly amount: number;
}

/** Waits for a card, reads it, and hands on; cancel and timeout end the exchange with 1001. */
export function readCard(device: Device, exchange: Exchange, next: (card: Card) => void): void {
  exchange.stage = 'card';
  if (!device.enterStatus(exchange, '9', 'Прикладіть, вставте або проведіть картку')) return;
  const present = (card: Card): void => {
    exchange.card = card;
    exchange.wake = null;
    if (device.enterStatus(exchange, '1', 'Картку зчитано')) next(card);
  };
  const waiting = device.cardInReader;
  device.cardInReader = null;
  if (waiting !== null) {
    present(waiting);
    return;
  }
  const cancelTimer = startCardTimer(device, exchange, present);
  exchange.wake = (event) => {
    if (event.kind === 'corrected' || event.kind === 'pin') return;
    cancelTimer();
    if (event.kind === 'card') present(event.card);
    else cancelled(device, exchange);
  };
  // Nobody needs to touch anything: the exchange goes on within this very call.
  if (device.settings.autoCard && device.share(exchange, 0.2) <= 0) {
    cancelTimer();
    present(defaultCard(device));
  }
}

function startCardTimer(
  device: Device,
  exchange: Exchange,
  present: (card: Card) => void,
): () => void {
  const after = (ms: number, callback: () => void): (() => void) =>
    device.clock.after(ms, () => {
      if (device.running === exchange && exchange.wake !== null) callback();
    });
  if (!device.settings.autoCard) {
    return after(device.profile.cardTimeoutMs, () => cancelled(device, exchange));
  }
  const share = device.share(exchange, 0.2);
  return share <= 0 ? () => {} : after(share, () => present(defaultCard(device)));
}

function defaultCard(device: Device): Card {
  const name = device.settings.defaultCard;
  return isCardName(name) ? CARDS[name] : CARDS.good;
}

/** Runs a whole transaction with a card. */
export function payByCard(device: Device, exchange: Exchange, plan: Plan): void {
  if (exchange.faults.has('clock-jump')) device.jumpClock(device.profile.clockJumpMs);
  readCard(device, exchange, (card) => {
    correct(device, exchange, plan, card, (corrected) => {
      device.step(exchange, device.share(exchange, 0.2), () => {
        enterPin(device, exchange, card, () => authorise(device, exchange, corrected, card));
      });
    });
  });
}

/** Status 11: the till may change the sum; after the timeout the sale goes on as it was. */
function correct(
  device: Device,
  exchange: Exchange,
  plan: Plan,
  card: Card,
  next: (plan: Plan) => void,
): void {
  const asks = plan.kind === 'purchase' && (device.settings.adjust || card.loyalty !== null);
  if (!asks) {
    next(plan);
    return;
  }
  exchange.stage = 'adjust';
  if (!device.enterStatus(exchange, '11', 'Очікування корекції суми')) return;
  const proceed = (corrected: Plan): void => {
    cancelTimer();
    exchange.wake = null;
    exchange.stage = 'card';
    next(corrected);
  };
  exchange.wake = (event: Wake) => {
    if (event.kind === 'cancel') {
      cancelTimer();
      cancelled(device, exchange);
    } else if (event.kind === 'corrected') {
      proceed({ ...plan, amount: event.amount, discount: event.discount });
    }
  };
  const cancelTimer = device.clock.after(device.profile.adjustTimeoutMs, () => {
    if (device.running === exchange && exchange.stage === 'adjust') proceed(plan);
  });
}

/** Status 3: asks the bank; from here on only the bank's answer ends the exchange. */
export function authorise(device: Device, exchange: Exchange, plan: Plan, card: Card): void {
  if (exchange.interrupted) {
    cancelled(device, exchange);
    return;
  }
  exchange.stage = 'authorising';
  exchange.wake = null;
  if (!device.enterStatus(exchange, '3', "Зв'язок з банком")) return;
  device.step(exchange, device.share(exchange, 0.2), () => {
    const verdict = askHost(device, exchange, plan, card);
    exchange.stage = 'authorised';
    if (verdict.code === '0000' || verdict.code === '0010') {
      approve(device, exchange, plan, card, verdict);
    } else {
      decline(device, exchange, plan, card, verdict);
    }
  });
}

const DECLINING_FAULTS = {
  'host-unreachable': '1004',
  'unlisted-code': '0777',
  contradictory: '0051',
  'contradictory-status': '0005',
} as const;

function askHost(device: Device, exchange: Exchange, plan: Plan, card: Card): Verdict {
  const { faults } = exchange;
  for (const [fault, code] of Object.entries(DECLINING_FAULTS)) {
    if ([...faults].some((name) => name === fault)) return { code, amount: plan.amount };
  }
  const code = pinVerdict(device, exchange, card);
  if (code !== null) return { code, amount: plan.amount };
  const partial = faults.has('partial') || card.hostCode === '0010';
  // Half of the sum, and never nothing.
  if (partial && plan.kind === 'purchase') {
    return { code: '0010', amount: Math.max(1, Math.trunc(plan.amount / 2)) };
  }
  const amount = plan.amount + (faults.has('charged-other') ? 100 : 0);
  return { code: card.hostCode === '0010' ? '0000' : card.hostCode, amount };
}

function approve(
  device: Device,
  exchange: Exchange,
  plan: Plan,
  card: Card,
  verdict: Verdict,
): void {
  const transaction = makeTransaction(device, plan, card, verdict);
  // The reply may leave only when the journal is durable: a real terminal does not forget.
  device.journal.add(transaction, () => {
    afterVoid(device, plan, () => {
      if (device.running !== exchange) return;
      if (exchange.faults.has('power-cut-after-approval')) {
        device.powerCut(device.profile.powerOffMs);
        return;
      }
      if (exchange.faults.has('foreign-receipt-after')) addForeignSale(device, plan.amount);
      if (exchange.faults.has('batch-closed')) settleByItself(device);
      if (!device.enterStatus(exchange, '10', 'Схвалено. Друк чека')) {
        return;
      }
      device.step(exchange, device.share(exchange, 0.2), () => {
        conclude(device, exchange, plan, transaction);
      });
    });
  });
}

/** Marks the transaction that a void takes back. */
function afterVoid(device: Device, plan: Plan, next: () => void): void {
  const original = plan.voids === null ? null : device.journal.find(plan.voids);
  if (original === null) {
    next();
    return;
  }
  const voided = original.voided + plan.amount;
  const status = voided >= original.amount ? '4' : original.status;
  device.journal.mark(original.invoice, { voided, status }, next);
}

/** An interrupt that came after the bank was asked makes the terminal take the money back. */
function conclude(device: Device, exchange: Exchange, plan: Plan, transaction: Transaction): void {
  const standing = device.journal.find(transaction.invoice) ?? transaction;
  const reverses = exchange.interrupted && device.profile.lateInterrupt === 'reverse';
  if (!reverses || standing.batch !== device.journal.batch) {
    answer(device, exchange, plan.reply(transaction), 'Схвалено');
    return;
  }
  device.journal.mark(transaction.invoice, { status: '3', responseCode: '1001' }, () => {
    restoreVoided(device, plan, () => {
      if (device.running === exchange) cancelled(device, exchange);
    });
  });
}

/** A void that is taken back leaves the money where it was before it. */
function restoreVoided(device: Device, plan: Plan, next: () => void): void {
  const original = plan.voids === null ? null : device.journal.find(plan.voids);
  if (original === null) {
    next();
    return;
  }
  const voided = Math.max(0, original.voided - plan.amount);
  device.journal.mark(original.invoice, { voided, status: '1' }, next);
}

function decline(
  device: Device,
  exchange: Exchange,
  plan: Plan,
  card: Card,
  verdict: Verdict,
): void {
  const transaction: Transaction = {
    ...makeTransaction(device, plan, card, verdict),
    status: '2',
    rrn: '',
    approvalCode: '',
  };
  const finish = (): void => {
    if (device.running !== exchange) return;
    const text = hostText(verdict.code);
    if (!device.enterStatus(exchange, '10', `Відмова. ${text}`)) return;
    device.step(exchange, device.share(exchange, 0.2), () => {
      const { rrn: _, approvalCode: __, ...params } = plan.reply(transaction).params;
      const reply = { method: exchange.method, params, error: true, description: text };
      answer(device, exchange, reply, `Відмова. ${text}`);
    });
  };
  if (device.profile.declinesInJournal) device.journal.add(transaction, finish);
  else finish();
}

export function makeTransaction(
  device: Device,
  plan: Plan,
  card: Card,
  verdict: Verdict,
): Transaction {
  const { journal, profile } = device;
  const mixed = hash(profile.seed, journal.counter);
  return {
    batch: journal.batch,
    invoice: journal.nextInvoice,
    kind: plan.kind,
    status: '1',
    amount: verdict.amount,
    discount: plan.discount,
    cash: plan.cash,
    voided: 0,
    merchant: plan.merchant.index,
    tid: plan.merchant.tid,
    rrn: String(1e11 + (mixed % 1e6) * 1e5 + (journal.counter % 1e5)),
    approvalCode: String(1e5 + (hash(mixed, 1) % 9e5)),
    responseCode: verdict.code,
    pan: card.pan,
    brand: card.brand,
    issuer: card.issuer,
    expiry: card.expiry,
    entry: card.entry,
    signature: card.signature,
    at: device.now(),
    voids: plan.voids,
    parts: plan.parts,
    agreement: plan.kind === 'instalment' ? String(1e7 + (mixed % 9e7)) : plan.agreement,
    subMerchant: plan.subMerchant,
    standalone: false,
  };
}

/** A sale that somebody made on the terminal without a till. */
export function addStandaloneSale(device: Device, amount: number, done: () => void): boolean {
  const merchant = device.merchant('0');
  if (merchant === null) return false;
  const plan: Plan = {
    kind: 'purchase',
    amount,
    discount: 0,
    cash: 0,
    merchant,
    parts: '',
    agreement: '',
    subMerchant: '',
    voids: null,
    reply: () => errorReply('Purchase', '1000', ''),
  };
  const transaction = makeTransaction(device, plan, CARDS.visa, { code: '0000', amount });
  device.journal.add({ ...transaction, standalone: true }, done);
  return true;
}

/** Another customer's sale: never of the same sum, so that it can be told from ours. */
export function addForeignSale(device: Device, ours: number): void {
  addStandaloneSale(device, ours + 1_234, () => {});
}

function settleByItself(device: Device): void {
  const { journal, profile } = device;
  const next = profile.invoiceReset ? profile.firstInvoice : journal.nextInvoice;
  journal.settle(
    'АВТОМАТИЧНА ЗВІРКА\n',
    () => true,
    next,
    () => {},
  );
}
