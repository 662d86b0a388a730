// What a till of the default style is told while its payment runs: texts, questions, events. A till
// that does not listen misses them; its payment goes on.
import type { Question } from '../../domain/operation.ts';
import { NEXO_TEXTS_WAITING_MAX } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import { type HttpClient, HttpClientError } from '../../ports/http-client.ts';
import type { Log } from '../../ports/log.ts';
import { at, flag, type NexoHeader, readNexo, textOf } from '../../xml/nexo/envelope.ts';
import { type NexoNode, node, writeNexo } from '../../xml/nexo/write.ts';
import { NEXO_PATH, NEXO_TYPE } from './door.ts';

export interface TillLine {
  /** A text of the terminal; kept in order, dropped where too many wait. */
  show(text: string): void;
  event(event: 'Reject' | 'Completed', details: string): void;
  /** Null where the till does not answer in time, or cannot. */
  confirm(question: Extract<Question, { kind: 'confirm' }>): Promise<boolean | null>;
}

export interface LineParts {
  /** `http://host:port`. */
  readonly address: string;
  readonly saleId: string;
  readonly poiId: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
}

export function createTillLine(parts: LineParts): TillLine {
  const { clock, log } = parts;
  let number = 0;
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const header = (category: string, event: boolean): NexoHeader => {
    number = (number % 9_999) + 1;
    return {
      protocolVersion: '3.1',
      messageClass: event ? 'Event' : 'Device',
      messageCategory: category,
      messageType: event ? 'Notification' : 'Request',
      serviceId: String(number),
      deviceId: event ? null : String(number),
      saleId: parts.saleId,
      poiId: parts.poiId,
    };
  };
  const queue = (category: string, body: NexoNode, event = false): void => {
    if (waiting >= NEXO_TEXTS_WAITING_MAX) return;
    waiting += 1;
    turn = turn
      .then(() => post(parts, header(category, event), body, parts.timeoutMs))
      .catch((error: unknown) => log.error('nexo-till-not-told', { category }, error))
      .finally(() => {
        waiting -= 1;
      });
  };
  return {
    show: (text) => queue('Display', displayRequest(text)),
    event: (event, details) => {
      const time = new Date(clock.now()).toISOString();
      const body = node('EventNotification', { TimeStamp: time, EventToNotify: event }, [
        node('EventDetails', {}, details),
      ]);
      queue('Event', body, true);
    },
    confirm: async (question) => {
      const ms = Math.max(question.deadline - clock.now(), 0);
      const body = confirmationRequest(question.text, Math.max(Math.floor(ms / 1_000), 1));
      const answer = await post(parts, header('Input', false), body, ms);
      if (answer === null) return null;
      const read = await readNexo(answer, null);
      if (read.kind === 'refused') {
        log.warn('nexo-till-unreadable', { detail: read.detail });
        return null;
      }
      const input = at(read.message.body, 'InputResult', 'Input', 'ConfirmedFlag');
      return flag(textOf(input));
    },
  };
}

function output(text: string): NexoNode {
  return node('OutputContent', { OutputFormat: 'Text' }, [node('OutputText', {}, text)]);
}

function displayRequest(text: string): NexoNode {
  const attributes = {
    ResponseRequiredFlag: 'false',
    Device: 'CashierDisplay',
    InfoQualify: 'POIReplication',
  };
  return node('DisplayRequest', {}, [node('DisplayOutput', attributes, [output(text)])]);
}

function confirmationRequest(text: string, seconds: number): NexoNode {
  return node('InputRequest', {}, [
    node('DisplayOutput', { Device: 'CashierDisplay', InfoQualify: 'Display' }, [output(text)]),
    node('InputData', {
      Device: 'CashierInput',
      InfoQualify: 'Input',
      InputCommand: 'GetConfirmation',
      MaxInputTime: String(seconds),
    }),
  ]);
}

/** The answer's bytes; null where there is none. */
async function post(
  parts: LineParts,
  header: NexoHeader,
  body: NexoNode,
  ms: number,
): Promise<Uint8Array | null> {
  const end = new AbortController();
  const forget = parts.clock.after(ms, () =>
    end.abort(new Error('the till did not answer in time')),
  );
  try {
    const answer = await parts.http.post({
      url: `${parts.address.replace(/\/+$/, '')}${NEXO_PATH}`,
      body: Buffer.from(writeNexo(header, body), 'utf8'),
      contentType: NEXO_TYPE,
      signal: end.signal,
      fresh: false,
    });
    return answer.status === 200 ? answer.body : null;
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    parts.log.warn('nexo-till-not-reached', { category: header.messageCategory, code: error.code });
    return null;
  } finally {
    forget();
  }
}
