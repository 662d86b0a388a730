// One request and its answer: the till calls, the terminal calls back.
import type { MessageCode } from '../../domain/failures.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Visit } from '../wire/visits.ts';
import { type ConcertAnswer, CONTROL, decodeAnswer, lrc, REPORT_LENGTH } from './messages.ts';

export type Reply =
  | { kind: 'answered'; answer: ConcertAnswer }
  /** The request did not leave: the terminal never answered our call. */
  | { kind: 'not-started'; device: string | null }
  /** The terminal refused the request's frame three times. */
  | { kind: 'refused' }
  | { kind: 'lost'; code: MessageCode };

export interface Asking {
  readonly frame: Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Awaited before the first byte of the request itself; the call alone asks for nothing. */
  readonly onSending: () => Promise<void>;
}

const TRIES_MAX = 3;
/** Between our call and its ACK, and between the bytes of a frame. */
const CONTROL_MS = 3_000;
/** The terminal is busy with its menu: wait, then call again. */
const CALL_PAUSE_MS = 1_000;
const BODY_BYTES_MAX = 32 + REPORT_LENGTH;

export async function ask(visit: Visit, clock: Clock, asking: Asking): Promise<Reply> {
  if (!(await call(visit, clock))) return { kind: 'not-started', device: visit.device };
  await asking.onSending();
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    if (!(await visit.send(asking.frame))) return { kind: 'lost', code: 'send-failed' };
    switch (await heard(visit)) {
      case CONTROL.ack:
        // Our turn is over; from here on the terminal calls.
        await visit.send(Uint8Array.of(CONTROL.eot));
        return answer(visit, clock, asking);
      case CONTROL.nak:
        continue;
      case 'closed':
        return { kind: 'lost', code: 'link-cut' };
      default:
        // Not repeated: the terminal may have taken it.
        return { kind: 'lost', code: 'lost-answer' };
    }
  }
  await visit.send(Uint8Array.of(CONTROL.eot));
  return { kind: 'refused' };
}

async function call(visit: Visit, clock: Clock): Promise<boolean> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    // A first stray byte, or the end of an earlier talk, answers nothing of ours.
    visit.reader.discard();
    if (!(await visit.send(Uint8Array.of(CONTROL.enq)))) return false;
    const byte = await heard(visit);
    if (byte === CONTROL.ack) return true;
    if (byte === 'closed') return false;
    await visit.send(Uint8Array.of(CONTROL.eot));
    if (attempt < TRIES_MAX) await clock.sleep(CALL_PAUSE_MS);
  }
  return false;
}

async function heard({ reader }: Visit): Promise<number | 'silence' | 'closed'> {
  const read = await reader.next(CONTROL_MS);
  if (read.kind === 'byte') return read.byte;
  return read.kind === 'closed' ? 'closed' : 'silence';
}

async function answer(visit: Visit, clock: Clock, asking: Asking): Promise<Reply> {
  const end = clock.monotonic() + asking.timeoutMs;
  let broken = 0;
  for (;;) {
    const read = await visit.reader.next(end - clock.monotonic(), asking.signal);
    if (read.kind === 'closed') return { kind: 'lost', code: 'link-cut' };
    if (read.kind !== 'byte') return { kind: 'lost', code: 'deadline-passed' };
    if (read.byte === CONTROL.enq) {
      await visit.send(Uint8Array.of(CONTROL.ack));
      continue;
    }
    if (read.byte !== CONTROL.stx) continue;
    const body = await bodyAfterStx(visit);
    const decoded = body === null ? null : decodeAnswer(body);
    if (decoded !== null) {
      // Some terminals leave out their last EOT; it is not waited for.
      await visit.send(Uint8Array.of(CONTROL.ack));
      return { kind: 'answered', answer: decoded };
    }
    broken += 1;
    if (broken >= TRIES_MAX) return { kind: 'lost', code: 'unreadable-answer' };
    await visit.send(Uint8Array.of(CONTROL.nak));
  }
}

/** Null where the frame is cut short, too long, or its checksum is wrong. */
async function bodyAfterStx({ reader }: Visit): Promise<Uint8Array | null> {
  const bytes: number[] = [];
  while (bytes.length <= BODY_BYTES_MAX) {
    const read = await reader.next(CONTROL_MS);
    if (read.kind !== 'byte') return null;
    bytes.push(read.byte);
    if (read.byte !== CONTROL.etx) continue;
    const sum = await reader.next(CONTROL_MS);
    const right = sum.kind === 'byte' && sum.byte === lrc(Uint8Array.from(bytes));
    return right ? Uint8Array.from(bytes.slice(0, -1)) : null;
  }
  return null;
}
