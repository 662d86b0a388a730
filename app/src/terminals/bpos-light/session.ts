// One request and its answer over an open line: acknowledged, repeated only where the terminal says
// that it did not understand.
import type { MessageCode } from '../../domain/failures.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Visit } from '../wire/visits.ts';
import {
  checksum,
  CONTROL,
  DATA_BYTES_MAX,
  decodeData,
  encodeFrame,
  type Fields,
} from './messages.ts';

export type Reply =
  | { kind: 'answered'; fields: Fields }
  /** EOT: the terminal stopped it. */
  | { kind: 'aborted' }
  /** Three times NAK: the terminal took no request. */
  | { kind: 'refused' }
  | { kind: 'lost'; code: MessageCode };

export interface Asking {
  /** `REQ`, and the `RESP` that answers it. */
  readonly verb: 'PUR' | 'CON' | 'CAN' | 'SET';
  readonly fields: readonly (readonly [string, string])[];
  readonly ackTimeoutMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
  /** Sends EOT once; the terminal's own answer still counts. */
  readonly cancel: AbortSignal | null;
  /** A frame that answers nothing: a text for the cashier. */
  readonly onText: (text: string) => void;
}

const TRIES_MAX = 3;
/** Between two bytes of one frame. */
const GAP_MS = 1_000;
/** After the deadline, for a terminal that stops. */
const LAST_WAIT_MS = 5_000;

export async function ask(visit: Visit, clock: Clock, asking: Asking): Promise<Reply> {
  const frame = encodeFrame([['REQ', asking.verb], ...asking.fields]);
  visit.reader.discard();
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    if (!(await visit.send(frame))) return { kind: 'lost', code: 'send-failed' };
    const heard = await acknowledged(visit, asking.ackTimeoutMs);
    switch (heard) {
      case 'ack':
      case 'frame':
        return answer(visit, clock, asking, heard === 'frame');
      case 'eot':
        return { kind: 'aborted' };
      case 'nak':
        continue;
      // Not repeated: the terminal may have taken it, and would take it twice.
      case 'silence':
        return { kind: 'lost', code: 'lost-answer' };
      case 'closed':
        return { kind: 'lost', code: 'link-cut' };
    }
  }
  return { kind: 'refused' };
}

type Heard = 'ack' | 'nak' | 'eot' | 'frame' | 'silence' | 'closed';

async function acknowledged({ reader }: Visit, timeoutMs: number): Promise<Heard> {
  for (;;) {
    const read = await reader.next(timeoutMs);
    if (read.kind === 'closed') return 'closed';
    if (read.kind !== 'byte') return 'silence';
    switch (read.byte) {
      case CONTROL.ack:
        return 'ack';
      case CONTROL.nak:
        return 'nak';
      case CONTROL.eot:
        return 'eot';
      // An answer acknowledges its request.
      case CONTROL.stx:
        return 'frame';
    }
  }
}

async function answer(visit: Visit, clock: Clock, asking: Asking, begun: boolean): Promise<Reply> {
  let end = clock.monotonic() + asking.timeoutMs;
  let { signal } = asking;
  const onCancel = (): void => void visit.send(Uint8Array.of(CONTROL.eot));
  asking.cancel?.addEventListener('abort', onCancel, { once: true });
  if (asking.cancel?.aborted === true) onCancel();
  let inFrame = begun;
  let broken = 0;
  try {
    for (;;) {
      if (!inFrame) {
        const read = await visit.reader.next(end - clock.monotonic(), signal);
        if (read.kind === 'closed') return { kind: 'lost', code: 'link-cut' };
        if (read.kind === 'aborted') {
          // The terminal may still stop, or tell how it ended.
          signal = null;
          end = clock.monotonic() + LAST_WAIT_MS;
          await visit.send(Uint8Array.of(CONTROL.eot));
          continue;
        }
        if (read.kind === 'silence') return { kind: 'lost', code: 'deadline-passed' };
        if (read.byte === CONTROL.eot) {
          // An answer that could not be read may have been a yes.
          return broken > 0 ? { kind: 'lost', code: 'unreadable-answer' } : { kind: 'aborted' };
        }
        if (read.byte !== CONTROL.stx) continue;
      }
      inFrame = false;
      const fields = await frameAfterStx(visit);
      if (fields === null) {
        broken += 1;
        if (broken >= TRIES_MAX) return { kind: 'lost', code: 'unreadable-answer' };
        await visit.send(Uint8Array.of(CONTROL.nak));
        continue;
      }
      await visit.send(Uint8Array.of(CONTROL.ack));
      if (fields['RESP'] === asking.verb) return { kind: 'answered', fields };
      if (fields['RESP'] !== undefined) return { kind: 'lost', code: 'contradictory-answer' };
      asking.onText(fields['MSG'] ?? fields['TEXT'] ?? '');
    }
  } finally {
    asking.cancel?.removeEventListener('abort', onCancel);
  }
}

/** Null where the frame is cut short, its checksum is wrong, or its text has another form. */
async function frameAfterStx({ reader }: Visit): Promise<Fields | null> {
  const head = await reader.take(2, GAP_MS);
  const length = head === null ? 0 : (head[0] ?? 0) * 256 + (head[1] ?? 0);
  if (length === 0 || length > DATA_BYTES_MAX) return null;
  const data = await reader.take(length, GAP_MS);
  const sum = await reader.take(1, GAP_MS);
  if (data === null || sum === null || sum[0] !== checksum(data)) return null;
  return decodeData(data);
}
