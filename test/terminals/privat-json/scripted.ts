// A quiet idle terminal in literal bytes, into which a test puts its own answers; on a clock that
// the test holds.
import assert from 'node:assert/strict';
import type { Outcome } from '../../../app/src/domain/outcome.ts';
import type { TerminalDriver } from '../../../app/src/ports/terminal-driver.ts';
import { FakeClock } from '../../kit/fake-clock.ts';
import * as vectors from '../../vectors/privat-json.ts';
import {
  createPeer,
  driverOf,
  type Peer,
  type PeerLink,
  type Script,
  type TestExchange,
} from '../kit.ts';

/** 02.10.2019 09:11:07 in Kyiv, as the example's receipt shows. */
export const RECEIPT_TIME = Date.UTC(2019, 9, 2, 6, 11, 7);
const PING = Buffer.from(vectors.PING_REPLY).toString('utf8').replaceAll('\0', '');

export const service = (msgType: string, members = ''): string =>
  `{"method":"ServiceMessage","step":0,"params":{"msgType":"${msgType}"${members}},"error":false,"errorDescription":""}`;
export const status = (code: string): string =>
  service('getLastStatMsgCode', `,"LastStatMsgCode":"${code}"`);
export const result = (code: string): string => service('getLastResult', `,"LastResult":"${code}"`);
export const receipt = (invoice: string, rrn: string, more = ''): string =>
  `{"method":"GetReceiptInfo","step":0,"params":{"invoiceNumber":"${invoice}","rrn":"${rrn}","amount":"0.60","approvalCode":"611506","date":"02.10.2019","time":"09:11:07","txnType":"1","responseCode":"0000","receipt":"r"${more}},"error":false,"errorDescription":""}`;
export const NO_RECEIPT =
  '{"method":"GetReceiptInfo","step":0,"params":{"invoiceNumber":"","receipt":"","responseCode":"0001"},"error":true,"errorDescription":"empty"}';
export const approval = (invoice: string, rrn: string): string =>
  vectors.PURCHASE_REPLY.replace(
    '"invoiceNumber":"999999"',
    `"invoiceNumber":"${invoice}"`,
  ).replace('"rrn":"9999999999999"', `"rrn":"${rrn}"`);

export interface State {
  statusCode: string;
  lastResult: string;
  receipts: Map<string, string>;
  last: string;
}

/** Answers everything but the operation itself, as a quiet idle terminal does. */
export function idle(state: State, frame: string, link: PeerLink): boolean {
  const { method, params = {} } = JSON.parse(frame) as {
    method: string;
    params?: Record<string, string>;
  };
  const answers: Record<string, string> = {
    PingDevice: PING,
    identify: vectors.IDENTIFY_REPLY,
    getMaskList: service('getMaskList', ',"1":"TSTSALE2"'),
    getMerchantList: service('getMerchantList', ',"1":"Shop"'),
    GetTerminalInfo:
      '{"method":"GetTerminalInfo","step":0,"params":{"version":"TE7E132 TESTKKM000CT22927302"},"error":false}',
    getLastStatMsgCode: status(state.statusCode),
    getLastResult: result(state.lastResult),
    interrupt: vectors.INTERRUPT_REPLY,
    GetReceiptInfo: state.receipts.get(params['invoiceNumber'] || state.last) ?? NO_RECEIPT,
  };
  const answer = answers[method === 'ServiceMessage' ? (params['msgType'] ?? '') : method];
  if (answer !== undefined) link.send(answer);
  return answer !== undefined;
}

export interface World {
  clock: FakeClock;
  peer: Peer;
  driver: TerminalDriver;
  state: State;
  on: Record<string, Script>;
  run: (exchange: TestExchange, limitMs?: number) => Promise<Outcome>;
}

export async function worldOf(
  options: Record<string, string | number | boolean> = {},
): Promise<World> {
  const clock = new FakeClock({ startsAt: RECEIPT_TIME });
  const state: State = {
    statusCode: '0',
    lastResult: '0',
    receipts: new Map([['7', receipt('7', '000000000007')]]),
    last: '7',
  };
  const on: Record<string, Script> = {};
  const peer = createPeer((frame, link) => {
    const { method, params } = JSON.parse(frame) as {
      method: string;
      params?: { msgType?: string };
    };
    const script = on[params?.msgType ?? method];
    if (script !== undefined) script(frame, link);
    else idle(state, frame, link);
  });
  const driver = driverOf(peer.transport, clock, options);
  driver.start();
  await clock.runUntil(() => driver.link().kind === 'ready', 60_000, 'ready');
  const run = async (exchange: TestExchange, limitMs = 400_000): Promise<Outcome> => {
    let outcome: Outcome | null = null;
    const running = driver.perform(exchange);
    void running.then((given) => (outcome = given));
    await clock.runUntil(() => outcome !== null, limitMs, 'outcome');
    assert.ok(outcome !== null);
    return outcome;
  };
  return { clock, peer, driver, state, on, run };
}

export const sentMethods = (peer: Peer): string[] =>
  peer.frames.map((frame) => {
    const { method, params } = JSON.parse(frame) as {
      method: string;
      params?: { msgType?: string };
    };
    return params?.msgType ?? method;
  });
