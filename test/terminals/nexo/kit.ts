// Shared by nexo tests: a simulated terminal behind a real port, a driver that talks to it, and a
// door by which it calls back.
import { createNexoListener, type NexoListener } from '../../../app/src/http/nexo/listener.ts';
import type { Operation } from '../../../app/src/domain/operation.ts';
import type { Outcome } from '../../../app/src/domain/outcome.ts';
import { judge } from '../../../app/src/domain/evidence.ts';
import type { Log } from '../../../app/src/ports/log.ts';
import type { TerminalDriver, TerminalSetup } from '../../../app/src/ports/terminal-driver.ts';
import {
  callTill,
  listenNexo,
  type NexoTerminalServer,
} from '../../../app/src/simulator/nexo/server.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { createNexoDriver } from '../../../app/src/terminals/nexo/driver.ts';
import { parseOptions } from '../../../app/src/terminals/nexo/options.ts';
import { createNexoSwitch, type NexoSwitch } from '../../../app/src/terminals/nexo/switch.ts';
import { createHttpClient } from '../../../app/src/transport/http.ts';
import {
  exchangeOf,
  operationOf,
  RANDOM,
  REAL_CLOCK,
  type TestExchange,
  uah,
  within,
} from '../kit.ts';

export const WAIT_MS = 5_000;

export interface LogLine {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const take = (event: string, fields: LogLine['fields'] = {}): void => {
    lines.push({ event, fields });
  };
  const log: Log = { debug: take, info: take, warn: take, error: take, with: () => log };
  return { log, lines };
}

export interface Bench {
  readonly terminal: NexoTerminal;
  readonly server: NexoTerminalServer;
  readonly driver: TerminalDriver;
  readonly nexo: NexoSwitch;
  readonly listener: NexoListener | null;
  readonly lines: readonly LogLine[];
  /** Another driver for the same terminal, as after a restart of the process. */
  again(options?: TerminalSetup['options']): TerminalDriver;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly style?: 'default' | 'light';
  readonly options?: TerminalSetup['options'];
  readonly prepare?: (terminal: NexoTerminal) => void;
  /** The door is not opened: the terminal cannot call. */
  readonly closed?: boolean;
  readonly started?: boolean;
}

const QUICK = {
  poiId: 'A-POIID',
  saleId: 'ECR1',
  loginRetryMs: 60,
  busyRetryMs: 30,
  queryTimeoutMs: 2_000,
  checkEveryMs: 60_000,
  probe: false,
  notFoundAfterMs: 0,
  maintenanceFrom: '',
};

export async function bench(given: BenchOptions = {}): Promise<Bench> {
  const style = given.style ?? 'light';
  const { log, lines } = recordingLog();
  const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A-POIID', stepMs: 2 });
  given.prepare?.(terminal);
  const server = await listenNexo(terminal);
  const nexo = createNexoSwitch(log);
  const listener =
    style === 'default' && given.closed !== true
      ? createNexoListener({ receiver: nexo, host: '127.0.0.1', port: 0, clock: REAL_CLOCK, log })
      : null;
  const http = createHttpClient();
  const drivers: TerminalDriver[] = [];
  const make = (more: TerminalSetup['options'] = {}): TerminalDriver => {
    const options = { ...QUICK, style, ...given.options, ...more };
    const driver = driverAt(server.address, options, nexo, http, log);
    drivers.push(driver);
    return driver;
  };
  const driver = make();
  if (given.started !== false) driver.start();
  if (listener !== null) {
    const port = await within(WAIT_MS, listener.opened);
    if (port === null) throw new Error('the door did not open');
    terminal.callBack = callTill(`http://127.0.0.1:${port}`);
  }
  const again = (more?: TerminalSetup['options']): TerminalDriver => {
    const next = make(more);
    next.start();
    return next;
  };
  const close = async (): Promise<void> => {
    for (const one of drivers) await one.stop();
    http.close();
    await listener?.close();
    await server.close();
  };
  return { terminal, server, driver, nexo, listener, lines, again, close };
}

export function driverAt(
  address: string,
  options: TerminalSetup['options'],
  nexo: NexoSwitch,
  http: ReturnType<typeof createHttpClient>,
  log: Log,
): TerminalDriver {
  const parsed = parseOptions(options);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed.issues));
  const setup: TerminalSetup = {
    id: 'till-1',
    driver: 'nexo',
    address,
    currency: 'SEK',
    defaultMerchant: 0,
    merchants: [],
    options,
  };
  return createNexoDriver({
    setup,
    options: parsed.options,
    http,
    nexo,
    clock: REAL_CLOCK,
    random: RANDOM,
    log,
    timeZone: 'Europe/Stockholm',
  });
}

let count = 0;

/** An operation of its own name. */
export function operation(
  body: Parameters<typeof operationOf>[0],
  change: Partial<Operation> = {},
): Operation {
  count += 1;
  const made = operationOf(body, {
    id: `op-${count}` as Operation['id'],
    createdAt: Date.now(),
    ...change,
  });
  return { ...made, request: { ...made.request, currency: 'SEK' } };
}

export const sale = (ore = 3_800): Operation =>
  operation({ kind: 'purchase', amount: uah(ore), discount: uah(0) });

export const voidOf = (original: Operation): Operation =>
  operation({ kind: 'void', of: original.id, invoice: null });

/** The operation as the ledger would hold it after this outcome. */
export function concluded(one: Operation, outcome: Outcome): Operation {
  return {
    ...one,
    state: outcome.kind,
    approvedAmount: outcome.kind === 'approved' ? outcome.approvedAmount : null,
    result: outcome.result,
  };
}

export async function perform(driver: TerminalDriver, exchange: TestExchange): Promise<Outcome> {
  const outcome = await within(10_000, driver.perform(exchange));
  if (outcome === null) throw new Error('the operation did not end');
  return outcome;
}

export async function run(
  driver: TerminalDriver,
  one: Operation,
  original: Operation | null = null,
): Promise<Outcome> {
  return perform(driver, exchangeOf(one, null, original));
}

/** Performs, and then looks the lost operation up as the lane does, until something is decided. */
export async function settle(
  driver: TerminalDriver,
  exchange: TestExchange,
  looks = 20,
): Promise<{ outcome: Outcome | null; code: string; asked: number }> {
  const lost = { ...exchange.operation, startedAt: Date.now(), watermark: exchange.watermark };
  return lookUp(driver, lost, exchange.original, looks);
}

export async function lookUp(
  driver: TerminalDriver,
  lost: Operation,
  original: Operation | null = null,
  looks = 20,
): Promise<{ outcome: Outcome | null; code: string; asked: number }> {
  const signal = AbortSignal.timeout(WAIT_MS);
  for (let asked = 1; asked <= looks; asked++) {
    const facts = await driver.lookUp(lost, signal, original);
    if (facts !== null) {
      const { outcome, record } = judge(driver.expectation(lost, original), lost.watermark, facts);
      return { outcome, code: record.code, asked };
    }
    await REAL_CLOCK.sleep(30);
  }
  return { outcome: null, code: 'not-yet', asked: looks };
}

export async function until(check: () => boolean, what: string, ms = WAIT_MS): Promise<void> {
  const end = Date.now() + ms;
  while (!check()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await REAL_CLOCK.sleep(5);
  }
}

/** How often the till sent a message of this category. */
export function sentCount(terminal: NexoTerminal, category: string): number {
  return terminal.received.filter((text) => text.includes(`<${category}Request`)).length;
}
