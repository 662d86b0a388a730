// Shared by driver tests: a scripted peer behind a memory pipe, operations, exchanges, a silent log.
import { randomBytes } from 'node:crypto';
import type { Answer } from '../../app/src/domain/event.ts';
import type { Watermark } from '../../app/src/domain/evidence.ts';
import { operationId, terminalId } from '../../app/src/domain/ids.ts';
import { type MinorUnits, minorUnits } from '../../app/src/domain/money.ts';
import type {
  Operation,
  OperationRequest,
  Question,
  RequestBody,
} from '../../app/src/domain/operation.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import type { Log } from '../../app/src/ports/log.ts';
import type {
  Exchange,
  TerminalDriver,
  TerminalSetup,
} from '../../app/src/ports/terminal-driver.ts';
import {
  type BytePipe,
  type CloseReason,
  type Transport,
  TransportError,
} from '../../app/src/ports/transport.ts';
import { createPrivatJsonDriver } from '../../app/src/terminals/privat-json/driver.ts';
import { parseOptions } from '../../app/src/terminals/privat-json/options.ts';

export const NO_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => NO_LOG,
};

export const RANDOM = { fraction: () => 0.5, bytes: (count: number) => randomBytes(count) };

/** Real time for tests over real sockets. */
export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    }),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  trusted: () => true,
};

/** One connection as the scripted peer sees it. */
export interface PeerLink {
  /** Number of the connection, from 1. */
  readonly number: number;
  send(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  drop(): void;
}

/** Called for each frame that the driver sends, without its 0x00. */
export type Script = (frame: string, link: PeerLink) => void;

export interface Peer {
  readonly transport: Transport;
  /** All frames that were received, in order. */
  readonly frames: string[];
  /** Everything that was received, as bytes. */
  readonly raw: number[];
  links: PeerLink[];
  script: Script;
  refuse: boolean;
}

export function createPeer(script: Script): Peer {
  const peer: Peer = {
    frames: [],
    raw: [],
    links: [],
    script,
    refuse: false,
    transport: {
      open: (_address, signal) => {
        if (peer.refuse) return Promise.reject(new TransportError('ECONNREFUSED', 'refused'));
        if (signal.aborted) return Promise.reject(new TransportError('aborted', 'aborted'));
        return Promise.resolve(connect(peer));
      },
    },
  };
  return peer;
}

function connect(peer: Peer): BytePipe {
  let open = true;
  let tell: ((reason: CloseReason) => void) | null = null;
  const closed = new Promise<CloseReason>((resolve) => {
    tell = resolve;
  });
  let listener: ((chunk: Uint8Array) => void) | null = null;
  let held = '';
  const link: PeerLink = {
    number: peer.links.length + 1,
    send: (text) => link.sendBytes(Buffer.from(`${text}\0`, 'utf8')),
    sendBytes: (bytes) => {
      if (open) queueMicrotask(() => open && listener?.(bytes));
    },
    drop: () => {
      open = false;
      tell?.({ kind: 'closed-by-peer' });
    },
  };
  peer.links.push(link);
  return {
    write: (bytes) => {
      if (!open) return Promise.reject(new TransportError('closed', 'closed'));
      peer.raw.push(...bytes);
      held += Buffer.from(bytes).toString('utf8');
      const frames = held.split('\0');
      held = frames.pop() ?? '';
      for (const frame of frames.filter((one) => one !== '')) {
        peer.frames.push(frame);
        queueMicrotask(() => peer.script(frame, link));
      }
      return Promise.resolve();
    },
    onData: (given) => {
      listener = given;
    },
    closed,
    close: () => {
      open = false;
      tell?.({ kind: 'closed-by-us' });
    },
  };
}

export const SETUP: TerminalSetup = {
  id: 'till-1',
  driver: 'privat-json',
  address: 'tcp://127.0.0.1:2000',
  currency: 'UAH',
  defaultMerchant: 0,
  merchants: [],
  options: {},
};

export function driverOf(
  transport: Transport,
  clock: Clock,
  options: TerminalSetup['options'] = {},
  address = SETUP.address,
  fraction = RANDOM.fraction,
): TerminalDriver {
  const parsed = parseOptions(options);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed.issues));
  return createPrivatJsonDriver({
    setup: { ...SETUP, address, options },
    options: parsed.options,
    transport,
    clock,
    random: { ...RANDOM, fraction },
    log: NO_LOG,
    timeZone: 'Europe/Kyiv',
  });
}

export const uah = (kopecks: number): MinorUnits => minorUnits(kopecks);

export function operationOf(body: RequestBody, change: Partial<Operation> = {}): Operation {
  const request: OperationRequest = {
    ...body,
    terminal: terminalId('till-1'),
    currency: 'UAH',
    merchant: null,
    reference: null,
    cashier: null,
    order: null,
  };
  return {
    id: operationId('op-1'),
    version: 1,
    request,
    bodyHash: '',
    askedBy: 'test',
    state: 'accepted',
    createdAt: 0,
    startedAt: null,
    finishedAt: null,
    message: { code: 'accepted', terminalText: null },
    watermark: null,
    seen: { cardMask: null },
    adjusted: null,
    approvedAmount: null,
    discount: null,
    bonus: null,
    result: null,
    cancelRequestedAt: null,
    question: null,
    resolution: null,
    evidence: null,
    ...change,
  };
}

export interface TestExchange extends Exchange {
  readonly end: AbortController;
  readonly cancel: AbortController;
  readonly displays: string[];
  readonly masks: string[];
  readonly questions: Question[];
  started: Exchange['started'];
  watermark: Watermark | null;
  startedCalls: number;
}

export function exchangeOf(
  operation: Operation,
  answer: Answer | null = null,
  original: Operation | null = null,
): TestExchange {
  const end = new AbortController();
  const cancel = new AbortController();
  const exchange: TestExchange = {
    operation,
    original,
    end,
    cancel,
    signal: end.signal,
    cancelRequested: cancel.signal,
    displays: [],
    masks: [],
    questions: [],
    watermark: null,
    startedCalls: 0,
    started: (watermark) => {
      exchange.startedCalls += 1;
      exchange.watermark = watermark;
      return Promise.resolve();
    },
    confirming: () => Promise.resolve(),
    display: (status) => exchange.displays.push(status),
    cardSeen: (mask) => exchange.masks.push(mask),
    ask: (question) => {
      exchange.questions.push(question);
      return Promise.resolve(answer);
    },
  };
  return exchange;
}

export const purchase = (kopecks = 60): Operation =>
  operationOf({ kind: 'purchase', amount: uah(kopecks), discount: uah(0) });

/** The promise's value, or null when it takes longer; leaves no timer behind. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
