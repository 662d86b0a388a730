// A simulated Concert terminal (E and E+): the till calls with ENQ, the terminal calls back.
import { masked } from '../desk/cards.ts';
import type { Desk } from '../desk/desk.ts';
import type { DeskEntry } from '../desk/journal.ts';
import type { DeskLink } from '../desk/link.ts';
import type { DeskProtocol } from '../desk/member.ts';

const [STX, ETX, EOT, ENQ, ACK, NAK] = [0x02, 0x03, 0x04, 0x05, 0x06, 0x15];
const GAP_MS = 3_000;
const TRIES_MAX = 3;
/** With and without delay and authorisation (E+ and E). */
const REQUEST_LENGTHS: readonly number[] = [34, 26];
const REPORT_LENGTH = 55;
const KINDS = { '0': 'purchase', '1': 'refund', '2': 'void' } as const;
const DONE = '0';
const REFUSED = '7';
const NOT_VERIFIED = '9';

interface Request {
  readonly position: string;
  readonly amount: number;
  readonly withReport: boolean;
  readonly mode: string;
  readonly type: string;
  readonly currency: string;
  readonly ownData: string;
  /** The till does not wait for the result. */
  readonly immediate: boolean;
}

export const CONCERT: DeskProtocol = {
  name: 'concert',
  faults: [
    { name: 'deaf', description: 'A call of the till is not answered.' },
    { name: 'lost-request', description: 'The request never arrives; nothing happens.' },
    { name: 'refused-request', description: 'The request is not understood once (NAK).' },
    { name: 'lost-answer', description: 'The payment is done, its answer never arrives.' },
    { name: 'cut', description: 'The line is cut after the bank’s yes.' },
    { name: 'broken-answer', description: 'The answer arrives broken once, then whole.' },
    { name: 'other-sum', description: 'The answer names another sum than was asked.' },
    { name: 'bare-answer', description: 'The answer has no data of the card.' },
    { name: 'no-last-eot', description: 'The terminal leaves out its last EOT.' },
  ],
  talk: async (link, desk) => {
    for (;;) {
      const byte = await link.next();
      if (byte === 'closed') return;
      if (byte !== ENQ || desk.busy || desk.takes('deaf')) continue;
      link.send(ACK);
      const request = await heardRequest(link, desk);
      if (request !== null) await serve(link, desk, request);
    }
  },
};

async function heardRequest(link: DeskLink, desk: Desk): Promise<Request | null> {
  for (;;) {
    const byte = await link.next(GAP_MS);
    if (byte === EOT || typeof byte !== 'number') return null;
    if (byte !== STX) continue;
    const request = await body(link);
    if (request === null || desk.takes('refused-request')) {
      if (request === null) desk.remark('a frame that cannot be read');
      link.send(NAK);
      continue;
    }
    if (desk.takes('lost-request')) return null;
    link.send(ACK);
    const end = await link.next(GAP_MS);
    if (end !== EOT) desk.remark('no EOT after the request');
    return end === 'closed' ? null : request;
  }
}

async function body(link: DeskLink): Promise<Request | null> {
  const bytes: number[] = [];
  while (bytes.at(-1) !== ETX) {
    const byte = await link.next(GAP_MS);
    if (typeof byte !== 'number' || bytes.length > REPORT_LENGTH) return null;
    bytes.push(byte);
  }
  const right = (await link.next(GAP_MS)) === xor(bytes);
  const text = String.fromCharCode(...bytes.slice(0, -1));
  return right && REQUEST_LENGTHS.includes(text.length) ? read(text) : null;
}

function read(text: string): Request | null {
  const match = /^(\d\d)(\d{8})([01])(.)(.)(\d{3})(.{10})(A01[01])?(B01[01])?$/s.exec(text);
  if (match === null) return null;
  const [
    ,
    position = '',
    sum = '',
    flag,
    mode = '',
    type = '',
    currency = '',
    ownData = '',
    delay,
  ] = match;
  return {
    position,
    amount: Number(sum),
    withReport: flag === '1',
    mode,
    type,
    currency,
    ownData,
    immediate: delay === 'A011',
  };
}

async function serve(link: DeskLink, desk: Desk, request: Request): Promise<void> {
  const kind = KINDS[request.type as keyof typeof KINDS]; // others have none
  if (kind === undefined || request.amount === 0) {
    desk.remark(`a request that is not known: type ${request.type}`);
    return callBack(link, desk, answerOf(desk, request, REFUSED, null));
  }
  if (request.immediate) {
    await callBack(link, desk, answerOf(desk, request, NOT_VERIFIED, null));
    await desk.serve({ kind, amount: request.amount }, new AbortController().signal);
    return;
  }
  const ended = await desk.serve({ kind, amount: request.amount }, new AbortController().signal);
  if (desk.takes('cut')) return link.drop();
  if (desk.takes('lost-answer')) return;
  const entry = ended.kind === 'done' ? ended.entry : null;
  const result = entry?.status === 'approved' ? DONE : REFUSED;
  await callBack(link, desk, answerOf(desk, request, result, entry));
}

function answerOf(
  desk: Desk,
  { position, amount, withReport, mode, currency, ownData }: Request,
  result: string,
  entry: DeskEntry | null,
): number[] {
  const told = amount + (desk.takes('other-sum') ? 1 : 0);
  const bare = desk.takes('bare-answer') || entry?.status !== 'approved';
  const report = bare ? '' : masked(entry.pan);
  const text = [
    position,
    result,
    String(told).padStart(8, '0'),
    mode,
    withReport ? report.padEnd(REPORT_LENGTH) : '',
    currency,
    ownData,
  ].join('');
  const framed = [...Buffer.from(text, 'latin1'), ETX];
  return [STX, ...framed, xor(framed)];
}

async function callBack(link: DeskLink, desk: Desk, answer: readonly number[]): Promise<void> {
  let taken = false;
  for (let call = 1; call <= TRIES_MAX && !taken; call++) {
    link.send(ENQ);
    taken = (await link.next(GAP_MS)) === ACK;
  }
  if (!taken) return desk.remark('a call of the terminal that was not answered');
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const isBroken = desk.takes('broken-answer');
    link.send(...(isBroken ? answer.map((byte, at) => (at === 3 ? byte ^ 1 : byte)) : answer));
    const heard = await link.next(GAP_MS);
    if (heard === NAK) continue;
    if (heard !== ACK) desk.remark('an answer that was not acknowledged');
    break;
  }
  if (!desk.takes('no-last-eot')) link.send(EOT);
}

function xor(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}
