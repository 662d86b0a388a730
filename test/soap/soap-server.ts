// A gateway with a scripted terminal and a real ledger, behind the façade on a real socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Koa from 'koa';
import { createGuard } from '../../app/src/http/auth.ts';
import { createSoapFacade } from '../../app/src/http/soap/facade.ts';
import { createGateway, type RunningGateway } from '../../app/src/operations/create-gateway.ts';
import type { Principal } from '../../app/src/operations/gateway.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import { openLedger, type StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { ScriptedCatalog, type ScriptedDriver } from '../kit/scripted-driver.ts';
import { principal, terminal } from '../kit/world.ts';

export const USER = 'stamp';
export const PASSWORD = 'stampsoft';

export interface SoapServer {
  readonly url: string;
  readonly gateway: RunningGateway;
  readonly ledger: StoredLedger;
  readonly settings: MemorySettings;
  readonly log: QuietLog;
  readonly clock: Clock;
  /** Who is let in, by `name:secret`. */
  readonly keys: Map<string, Principal>;
  driver(id?: string): ScriptedDriver;
  close(): Promise<void>;
}

export async function startSoapServer(given: {
  readonly terminals?: readonly string[];
  readonly soap?: Record<string, unknown>;
}): Promise<SoapServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-soap-'));
  const clock = systemClock(() => true);
  const log = new QuietLog();
  const settings = new MemorySettings({
    terminals: (given.terminals ?? ['till-1']).map(terminal),
    soap: given.soap ?? {},
  });
  const catalog = new ScriptedCatalog(clock);
  const ledger = await openLedger({ folder, clock, log, onFailure });
  const gateway = await createGateway({ ledger, settings, catalog, clock, log });
  const keys = new Map([[`${USER}:${PASSWORD}`, { ...principal('till'), name: USER }]]);
  const guard = createGuard(
    { authenticate: (name, secret) => keys.get(`${name ?? ''}:${secret}`) ?? null },
    clock,
    log,
  );
  const facade = createSoapFacade({
    gateway,
    settings,
    authenticate: (...asked) => guard.admit(...asked),
    clock,
    log,
  });
  const handle = new Koa().use(facade).callback();
  const server = createServer((request, response) => {
    void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    gateway,
    ledger,
    settings,
    log,
    clock,
    keys,
    driver: (id = 'till-1') => catalog.drivers.get(id)!,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await gateway.stop(100);
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

export interface SoapAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** The text of `return`, null where there is none. */
  readonly code: number | null;
  readonly headers: Headers;
}

/** Sends bytes as they are. */
export async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<SoapAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { Authorization: BASIC, 'Content-Type': 'text/xml; charset=utf-8', ...headers },
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const code = /<return>(-?\d+)<\/return>/.exec(text)?.[1];
  const type = response.headers.get('content-type') ?? '';
  const { status } = response;
  return {
    status,
    type,
    text,
    code: code === undefined ? null : Number(code),
    headers: response.headers,
  };
}

/** An envelope in the form of 1C: `m` for the namespace, types on every value. */
export function envelope(call: string, content: string, soap = SOAP11): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<soap:Envelope xmlns:soap="${soap}"><soap:Header/><soap:Body>` +
    `<m:${call} xmlns:m="http://www.stampsoft.ru/pos" xmlns:xs="http://www.w3.org/2001/XMLSchema" ` +
    `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${content}</m:${call}>` +
    `</soap:Body></soap:Envelope>`
  );
}

export const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';

export function value(name: string, content: string | number, type = 'string'): string {
  return `<m:${name} xsi:type="xs:${type}">${content}</m:${name}>`;
}

export function pay(
  uid: string,
  amount: number | string,
  order = '<m:order xsi:nil="true"/>',
): string {
  return envelope('Pay', value('uid', uid) + value('amount', amount, 'int') + order);
}

export function payPoll(uid: string): string {
  return envelope('PayPoll', value('uid', uid));
}

/** The two lines of the seed's sample. */
export const SAMPLE_ORDER =
  '<m:order xsi:type="m:order">' +
  '<m:orderitem xsi:type="m:orderitem"><m:id>id0</m:id><m:name>name0</m:name>' +
  '<m:count>1</m:count><m:cost>100</m:cost></m:orderitem>' +
  '<m:orderitem xsi:type="m:orderitem"><m:id>id1</m:id><m:name>name1</m:name>' +
  '<m:count>2</m:count><m:cost>200</m:cost></m:orderitem></m:order>';

/** Polls until the payment is not in progress; throws after some seconds. */
export async function polled(url: string, uid: string): Promise<number | null> {
  for (let turn = 0; turn < 200; turn += 1) {
    const { code } = await post(url, payPoll(uid));
    if (code !== 1) return code;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${uid} stays in progress`);
}

function onFailure(error: Error): void {
  throw error;
}
