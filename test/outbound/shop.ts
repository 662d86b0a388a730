// A gateway with a real ledger that tells others, time running faster than outside, and a server
// of ours that plays the others on a real socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { presentOperation } from '../../app/src/http/rest/present.ts';
import { createGateway, type RunningGateway } from '../../app/src/operations/create-gateway.ts';
import { operationBodySchema } from '../../app/src/operations/request-schema.ts';
import { createOutbound, type Outbound } from '../../app/src/outbound/outbound.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import type { OutboxItem } from '../../app/src/ports/outbox.ts';
import { openLedger, type StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { systemClock, systemRandom } from '../../app/src/system/clock.ts';
import { MemorySecrets } from '../kit/memory-secrets.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { approvesAfter, ScriptedCatalog, type ScriptedDriver } from '../kit/scripted-driver.ts';
import { oid, terminal, TILL, word } from '../kit/world.ts';

/** Time that runs `speed` times as fast. */
export function fastClock(speed: number): Clock {
  const clock = systemClock(() => true);
  const [wall, start] = [clock.now(), clock.monotonic()];
  const elapsed = (): number => (clock.monotonic() - start) * speed;
  return {
    now: () => Math.floor(wall + elapsed()),
    monotonic: elapsed,
    sleep: (ms, signal) => clock.sleep(ms / speed, signal),
    after: (ms, callback) => clock.after(ms / speed, callback),
    trusted: () => true,
  };
}

export interface ShopOptions {
  readonly terminals?: readonly string[];
  readonly registration?: Record<string, unknown>;
  readonly webhooks?: readonly Record<string, unknown>[];
  readonly secrets?: Record<string, unknown>;
  readonly folder?: string;
  readonly speed?: number;
}

export interface Shop {
  readonly folder: string;
  readonly gateway: RunningGateway;
  readonly ledger: StoredLedger;
  readonly outbound: Outbound;
  readonly settings: MemorySettings;
  readonly secrets: MemorySecrets;
  readonly log: QuietLog;
  readonly clock: Clock;
  driver(id?: string): ScriptedDriver;
  /** Starts and waits for the end; returns the state or the refusal. */
  run(id: string, body: Record<string, unknown>): Promise<string>;
  items(state?: OutboxItem['state']): readonly OutboxItem[];
  /** Keeps the folder, as a process that ends. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'tillgate-outbound-'));
  const clock = fastClock(options.speed ?? 100);
  const log = new QuietLog();
  const settings = new MemorySettings({
    terminals: (options.terminals ?? ['till-1']).map(terminal),
    registration: options.registration ?? {},
    webhooks: options.webhooks ?? [],
  });
  const secrets = new MemorySecrets(options.secrets ?? {});
  const catalog = new ScriptedCatalog(clock);
  catalog.prepare = (driver) => {
    driver.scripts = [approvesAfter(1)];
  };
  const ledger = await openLedger({ folder, clock, log, onFailure });
  const outbound = createOutbound({
    outbox: ledger.outbox,
    settings,
    secrets,
    present: (operation) => presentOperation(operation, settings.current().shop.language, null),
    clock,
    random: systemRandom,
    log,
  });
  const { outboxOf } = outbound;
  const gateway = await createGateway({ ledger, settings, catalog, clock, log, outboxOf });
  gateway.subscribeAll(() => outbound.wake());
  outbound.start();
  const stop = async (): Promise<void> => {
    await gateway.stop(100);
    await outbound.stop();
    await ledger.close();
  };
  return {
    folder,
    gateway,
    ledger,
    outbound,
    settings,
    secrets,
    log,
    clock,
    driver: (id = 'till-1') => catalog.drivers.get(id)!,
    run: async (id, body) => {
      // A till's next request comes after the lane has seen that the last one is over.
      await new Promise((resolve) => setImmediate(resolve));
      const started = await gateway.start(TILL, oid(id), operationBodySchema.parse(body));
      if (started.kind === 'refused') return word(started);
      const patience = AbortSignal.timeout(5_000);
      return (await gateway.wait(TILL, oid(id), 320_000, patience))?.state ?? 'gone';
    },
    items: (state) => outbound.list({ limit: 500, ...(state === undefined ? {} : { state }) }),
    stop,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What the other side does with a request; the last script stays. */
export type Reply = (response: ServerResponse, heard: Heard) => void;

export interface OtherSide {
  readonly url: string;
  readonly heard: Heard[];
  replies: Reply[];
  close(): Promise<void>;
}

export async function openOtherSide(...replies: Reply[]): Promise<OtherSide> {
  const heard: Heard[] = [];
  const side: { replies: Reply[] } = { replies };
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body };
      heard.push(one);
      const reply = side.replies.length > 1 ? side.replies.shift() : side.replies[0];
      reply?.(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(side, {
    url: `http://127.0.0.1:${port}/`,
    heard,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';

export function says(value: string): Reply {
  return answers(
    200,
    'text/xml; charset=utf-8',
    `<soap:Envelope xmlns:soap="${SOAP11}"><soap:Header/><soap:Body><m:RegisterResponse ` +
      `xmlns:m="http://www.stampsoft.ru/pos"><m:return xmlns:xs="http://www.w3.org/2001/XMLSchema" ` +
      `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${value}</m:return>` +
      `</m:RegisterResponse></soap:Body></soap:Envelope>`,
  );
}

export function faults(code: string, text: string): Reply {
  return answers(
    500,
    'text/xml; charset=utf-8',
    `<soap:Envelope xmlns:soap="${SOAP11}"><soap:Body><soap:Fault><faultcode>soap:${code}` +
      `</faultcode><faultstring>${text}</faultstring></soap:Fault></soap:Body></soap:Envelope>`,
  );
}

export function answers(status: number, type: string, body: string): Reply {
  return (response) => {
    response.writeHead(status, { 'Content-Type': type });
    response.end(body);
  };
}

export const cuts: Reply = (response) => {
  response.socket?.destroy();
};

export const hangs: Reply = () => undefined;

/** The text of an element of a request. */
export function field(body: string, name: string): string | null {
  return new RegExp(`<(?:\\w+:)?${name}>([^<]*)<`).exec(body)?.[1] ?? null;
}

/** Waits for a condition in real time; throws after five seconds. */
export async function until(condition: () => boolean, name: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`in vain: ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function onFailure(error: Error): void {
  throw error;
}
