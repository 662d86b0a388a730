// A simulated B-POS light terminal: STX, length, text, XOR of the text; a purchase waits for CON.
import type { Desk } from '../desk/desk.ts';
import { masked } from '../desk/cards.ts';
import type { DeskEntry } from '../desk/journal.ts';
import type { DeskLink } from '../desk/link.ts';
import type { DeskProtocol } from '../desk/member.ts';

const [STX, EOT, ACK, NAK] = [0x02, 0x04, 0x06, 0x15];
/** Between two bytes of a frame, and from an answer to its acknowledgement. */
const GAP_MS = 2_000;
const TRIES_MAX = 3;
/** The line turns round: tills read an acknowledgement and an answer as two pieces. */
const TURN_MS = 20;
/** Without a confirmation the sale is taken back. */
const CONFIRM_WAIT_MS = 60_000;
const TERMINAL = 'S1SIM001';
const MERCHANT = 'BANK';

type Fields = ReadonlyMap<string, string>;

interface Talk {
  readonly link: DeskLink;
  readonly desk: Desk;
  /** Waits for its confirmation. */
  pending: DeskEntry | null;
}

export const BPOS_LIGHT: DeskProtocol = {
  name: 'bpos-light',
  faults: [
    { name: 'lost-request', description: 'The request never arrives; nothing happens.' },
    { name: 'refused-request', description: 'The request is not understood once (NAK).' },
    { name: 'lost-answer', description: 'The payment is done, its answer never arrives.' },
    { name: 'cut', description: 'The line is cut after the bank’s yes.' },
    { name: 'broken-answer', description: 'The answer arrives broken once, then whole.' },
    { name: 'other-sum', description: 'The answer names another sum than was asked.' },
    { name: 'bare-answer', description: 'The answer has a code and an invoice only.' },
    { name: 'confirm-lost', description: 'The confirmation is taken, its answer never arrives.' },
    {
      name: 'confirm-refused',
      description: 'The confirmation is refused; the sale is taken back.',
    },
  ],
  talk: async (link, desk) => {
    const talk: Talk = { link, desk, pending: null };
    try {
      for (;;) {
        const wait = talk.pending === null ? null : CONFIRM_WAIT_MS;
        const byte = await link.next(wait);
        if (byte === 'silence') takeBack(talk);
        if (byte === 'closed') return;
        if (byte === STX) await request(talk);
        else if (byte === EOT) takeBack(talk);
      }
    } finally {
      // A till that is gone will not confirm any more.
      takeBack(talk);
    }
  },
};

function takeBack(talk: Talk): void {
  if (talk.pending !== null) talk.desk.file({ ...talk.pending, status: 'reversed' });
  talk.pending = null;
}

async function request(talk: Talk): Promise<void> {
  const { link, desk } = talk;
  const fields = await frame(link);
  if (fields === null || desk.takes('refused-request')) {
    if (fields === null) desk.remark('a frame that cannot be read');
    link.send(NAK);
    return;
  }
  if (desk.takes('lost-request')) return;
  link.send(ACK);
  switch (fields.get('REQ')) {
    case 'PUR':
      return purchase(talk, fields);
    case 'CON':
      return confirm(talk, fields);
    case 'CAN':
      return cancel(talk, fields);
    case 'SET':
      return settle(talk, fields);
    default:
      desk.remark(`a request that is not known: ${fields.get('REQ') ?? 'none'}`);
      await answer(talk, [
        ['RESP', fields.get('REQ') ?? ''],
        ['RC', '1000'],
      ]);
  }
}

async function purchase(talk: Talk, fields: Fields): Promise<void> {
  const { desk, link } = talk;
  if (talk.pending !== null) desk.remark('a new purchase before the last one was confirmed');
  takeBack(talk);
  const amount = Number(fields.get('AMOUNT') ?? Number.NaN);
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    desk.remark('a purchase without a sum');
    return answer(talk, [
      ['RESP', 'PUR'],
      ['RC', '1000'],
    ]);
  }
  const stop = new AbortController();
  const served = new AbortController();
  const serving = desk.serve({ kind: 'purchase', amount }, stop.signal);
  const listening = untilEot(link, stop, served.signal);
  const ended = await serving;
  served.abort();
  await listening;
  if (link.closed) {
    if (ended.kind === 'done') desk.file({ ...ended.entry, status: 'reversed' });
    return;
  }
  if (ended.kind === 'stopped') return link.send(EOT);
  const { entry } = ended;
  if (entry.status === 'approved') talk.pending = entry;
  if (desk.takes('cut')) return link.drop();
  if (desk.takes('lost-answer')) return;
  await answer(talk, purchaseFields(desk, entry));
}

function purchaseFields(desk: Desk, entry: DeskEntry): [string, string][] {
  const code = String(entry.code).padStart(4, '0');
  const invoice = String(entry.invoice).padStart(6, '0');
  const head: [string, string][] = [
    ['RESP', 'PUR'],
    ['RC', code],
  ];
  if (entry.status !== 'approved') return head;
  if (desk.takes('bare-answer')) return [...head, ['INVOICE', invoice]];
  return [
    ...head,
    ['INVOICE', invoice],
    ['AMOUNT', String(entry.amount + (desk.takes('other-sum') ? 1 : 0))],
    ['RRN', entry.rrn],
    ['AUTH', entry.authCode],
    ['PAN', masked(entry.pan)],
    ['ISSUER', entry.brand],
    ['TID', TERMINAL],
    ['BATCH', String(entry.batch)],
  ];
}

/** EOT while the customer stands there means that the till does not want it any more. */
async function untilEot(link: DeskLink, stop: AbortController, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const byte = await link.next(null, end);
    if (byte === EOT || byte === 'closed') {
      stop.abort();
      return;
    }
  }
}

async function confirm(talk: Talk, fields: Fields): Promise<void> {
  const { desk, pending } = talk;
  const invoice = Number(fields.get('INVOICE') ?? Number.NaN);
  const known = pending !== null && pending.invoice === invoice;
  if (!known) desk.remark('a confirmation of something else');
  if (!known || desk.takes('confirm-refused')) {
    takeBack(talk);
    return answer(talk, [
      ['RESP', 'CON'],
      ['RC', '1000'],
    ]);
  }
  talk.pending = null;
  if (desk.takes('confirm-lost')) return;
  await answer(talk, [
    ['RESP', 'CON'],
    ['RC', '0000'],
  ]);
}

async function cancel(talk: Talk, fields: Fields): Promise<void> {
  const { desk } = talk;
  const original = desk.find(Number(fields.get('INVOICE') ?? Number.NaN));
  const usable = original?.status === 'approved' && original.batch === desk.batch;
  if (original === null || !usable)
    return answer(talk, [
      ['RESP', 'CAN'],
      ['RC', '1000'],
    ]);
  desk.file({ ...original, status: 'voided' });
  const { amount, pan, brand, rrn, authCode } = original;
  const invoice = Math.max(...desk.entries.map((entry) => entry.invoice)) + 1;
  const at = desk.clock.now();
  desk.file({ ...original, invoice, kind: 'void', status: 'approved', at, pan, brand });
  if (desk.takes('lost-answer')) return;
  await answer(talk, [
    ['RESP', 'CAN'],
    ['RC', '0000'],
    ['INVOICE', String(original.invoice).padStart(6, '0')],
    ['AMOUNT', String(amount)],
    ['RRN', rrn],
    ['AUTH', authCode],
  ]);
}

async function settle(talk: Talk, fields: Fields): Promise<void> {
  const { desk } = talk;
  const all = desk.ofBatch().filter(({ kind }) => kind !== 'void');
  const [debitSum, debits] = sums(all.filter(({ status }) => status === 'approved'));
  const [cancelledSum, cancelled] = sums(
    all.filter(({ status }) => status === 'voided' || status === 'reversed'),
  );
  const closed = desk.batch;
  desk.batch += 1;
  await answer(talk, [
    ['RESP', 'SET'],
    ['RC', '0000'],
    ['MID', fields.get('MID') ?? MERCHANT],
    ['TID', TERMINAL],
    ['BATCH', String(closed)],
    ['DEBAMT', debitSum],
    ['DEBNUM', debits],
    ['CRDAMT', '0'],
    ['CRDNUM', '0'],
    ['CANAMT', cancelledSum],
    ['CANNUM', cancelled],
    ['TXNNUM', String(all.length)],
  ]);
}

function sums(of: readonly DeskEntry[]): [string, string] {
  return [String(of.reduce((sum, { amount }) => sum + amount, 0)), String(of.length)];
}

/** Sent until it is acknowledged; three times at most. */
async function answer(talk: Talk, fields: readonly (readonly [string, string])[]): Promise<void> {
  const { link, desk } = talk;
  const whole = frameOf(fields);
  await desk.clock.sleep(TURN_MS);
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const isBroken = desk.takes('broken-answer');
    link.send(...(isBroken ? whole.map((byte, at) => (at === 5 ? byte ^ 1 : byte)) : whole));
    const heard = await link.next(GAP_MS);
    if (heard === ACK) return;
    if (heard !== NAK) return desk.remark('an answer that was not acknowledged');
  }
  link.send(EOT);
}

function frameOf(fields: readonly (readonly [string, string])[]): number[] {
  const text = fields.map(([name, value]) => `${name}=${value};`).join('');
  const data = [...Buffer.from(text, 'latin1')];
  return [STX, data.length >> 8, data.length % 256, ...data, xor(data)];
}

function xor(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

/** After STX; null where it is cut short or broken. NULs at the end are fill. */
async function frame(link: DeskLink): Promise<Fields | null> {
  const [high, low] = (await link.take(2, GAP_MS)) ?? [0, 0];
  const data = await link.take((high ?? 0) * 256 + (low ?? 0), GAP_MS);
  const sum = await link.next(GAP_MS);
  if (data === null || data.length === 0 || sum !== xor(data)) return null;
  const text = Buffer.from(data).toString('latin1').replace(/\0+$/, '');
  const parts = text.split(';').filter((part) => part !== '');
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}
