// A server on a loopback socket with the gateway in memory, and a key for each role.
import { request as httpRequest } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { createHttpServer, type HttpServerParts } from '../../app/src/http/server.ts';
import {
  type KeyLimits,
  keyLimitsSchema,
  ROLES,
  type Role,
} from '../../app/src/operations/settings-schema.ts';
import { addKey } from '../../app/src/operations/keys.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import type { SimulatorControl, SimulatorState } from '../../app/src/ports/simulators.ts';
import { systemClock, systemRandom } from '../../app/src/system/clock.ts';
import { MemorySecrets } from '../kit/memory-secrets.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { FakeGateway } from './fake-gateway.ts';

export interface TestServer {
  readonly gateway: FakeGateway;
  readonly settings: MemorySettings;
  readonly secrets: MemorySecrets;
  readonly log: QuietLog;
  readonly parts: HttpServerParts;
  readonly port: number;
  readonly base: string;
  readonly keys: Record<Role, string>;
  readonly listener: ReturnType<typeof createHttpServer>['listener'];
  addKey(name: string, role: Role, limits: Partial<KeyLimits>): Promise<string>;
  /** `fetch` with a role's key. */
  call(role: Role | null, path: string, init?: RequestInit): Promise<Response>;
  send(method: string, role: Role | null, path: string, body?: unknown): Promise<Response>;
  close(graceMs?: number): Promise<void>;
}

export interface TestServerOptions {
  readonly clock?: Clock;
  readonly settings?: unknown;
  readonly simulators?: boolean;
  readonly parts?: Partial<HttpServerParts>;
}

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = options.clock ?? systemClock(() => true);
  const gateway = new FakeGateway(clock);
  const settings = new MemorySettings(options.settings);
  const secrets = new MemorySecrets();
  const log = new QuietLog();
  const simulators = fakeSimulators();
  const parts: HttpServerParts = {
    gateway,
    settings,
    secrets,
    simulators: () => (options.simulators === true ? simulators : null),
    clock,
    random: systemRandom,
    log,
    tls: null,
    version: '1.2.3',
    mode: 'appliance',
    ...options.parts,
  };
  const server = createHttpServer(parts);
  const port = await server.listen(0, '127.0.0.1');
  const base = `http://127.0.0.1:${port}`;
  const make = async (name: string, role: Role, limits: Partial<KeyLimits>): Promise<string> => {
    const key = { name, role, limits: keyLimitsSchema.parse(limits) };
    const added = await addKey(secrets, { clock, random: systemRandom }, key);
    if (added.kind !== 'added') throw new Error(added.kind);
    return added.secret;
  };
  const keys = {} as Record<Role, string>;
  for (const role of ROLES) keys[role] = await make(`${role}-key`, role, {});
  const call: TestServer['call'] = (role, path, init = {}) => {
    const headers = new Headers(init.headers);
    if (role !== null) headers.set('Authorization', `Bearer ${keys[role]}`);
    return fetch(`${base}${path}`, {
      signal: AbortSignal.timeout(10_000),
      ...init,
      headers,
    });
  };
  return {
    gateway,
    settings,
    secrets,
    log,
    port,
    base,
    keys,
    listener: server.listener,
    parts,
    addKey: make,
    call,
    send: (method, role, path, body) =>
      call(
        role,
        path,
        body === undefined
          ? { method }
          : {
              method,
              body: JSON.stringify(body),
              headers: { 'Content-Type': 'application/json' },
            },
      ),
    close: (graceMs = 200) => server.close(graceMs),
  };
}

export function fakeSimulators(): SimulatorControl {
  const state: SimulatorState = {
    terminal: 'till-1' as SimulatorState['terminal'],
    address: 'tcp://127.0.0.1:1',
    screen: 'READY',
    busy: false,
    card: null,
    settings: { answerAfterMs: 100, autoCard: true },
    journal: [{ invoice: '1', amount: 100 }],
    faults: [],
  };
  return {
    list: () => [state],
    find: (terminal) => (terminal === state.terminal ? state : null),
    faults: () => [{ name: 'silence', description: 'Never answers' }],
    fault: (_terminal, name) => name === 'silence',
    cards: () => [{ name: 'good', description: 'Approved' }],
    reset: () => true,
    clearFaults: () => true,
    presentCard: () => true,
    enterPin: (_terminal, pin) => pin === '1234',
    pressCancel: () => true,
    standaloneSale: () => true,
    powerCut: () => true,
    configure: () => true,
  };
}

/** Waits until something is true, at most two seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 2_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not in two seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A request by hand, so that a test can break it off. */
export function openRequest(
  server: TestServer,
  role: Role,
  method: string,
  path: string,
  body?: unknown,
): { abort(): void; readonly status: Promise<number | null> } {
  const request = httpRequest({
    port: server.port,
    host: '127.0.0.1',
    method,
    path,
    agent: false,
    headers: {
      Authorization: `Bearer ${server.keys[role]}`,
      'Content-Type': 'application/json',
    },
  });
  const status = new Promise<number | null>((resolve) => {
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.once('error', () => resolve(null));
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  return { abort: () => request.destroy(), status };
}

/** Writes raw bytes and collects what comes back until the server closes, at most `ms`. */
export function rawExchange(port: number, parts: (string | Buffer)[], ms = 5_000): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = createConnection({ port, host: '127.0.0.1' });
    let text = '';
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, ms);
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    socket.on('close', done);
    socket.on('error', done);
    for (const part of parts) socket.write(part);
  });
}

export interface SseEvent {
  readonly id: number;
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** Reads an event stream until it ends or `until` says so. */
export async function readEvents(
  response: Response,
  until: (events: readonly SseEvent[]) => boolean = () => false,
): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('utf8');
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string | undefined =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field('data');
      if (data === undefined) continue;
      events.push({ id: Number(field('id')), name: field('event') ?? '', data: JSON.parse(data) });
    }
    if (until(events)) break;
  }
  return events;
}
