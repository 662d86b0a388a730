// A gateway process with given terminals, and the load that tills make.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { bundle } from '../../image/bundle.ts';
import { PATHS, REPOSITORY } from '../../image/paths.ts';
import {
  type Gateway,
  GATEWAY_FROM_SOURCES,
  type GatewayProgram,
  type Program,
  start,
  startGateway,
} from '../process/programs.ts';

export interface House {
  readonly gateway: Gateway;
  readonly agent: Agent;
  close(): Promise<void>;
  /** kill -9, while tills wait. */
  kill(): Promise<void>;
}

/** Options that take the pauses of the protocol out, so that the gateway itself is measured. */
export const NO_PAUSES = { sendGapMs: 0, handshake: 'single' } as const;

/** As the appliance runs it: the bundle, with the arguments of its unit. */
export async function applianceProgram(): Promise<GatewayProgram> {
  await bundle();
  const unit = join(REPOSITORY, 'overlay/usr/lib/systemd/system/tillgate.service');
  const line = /^ExecStart=\S+\/node (.*) \S+\/main\.cjs$/m.exec(readFileSync(unit, 'utf8'));
  if (line?.[1] === undefined) throw new Error(`${unit} starts the gateway another way`);
  return { node: line[1].split(' '), entry: join(PATHS.app, 'main.cjs') };
}

export const DEVELOPMENT_PROGRAM = GATEWAY_FROM_SOURCES;

export async function terminals(
  count: number,
  answerMs: number,
): Promise<{ addresses: string[]; close(): Promise<void> }> {
  const program = start(['test/bench/terminals.ts', String(count), String(answerMs)], {});
  const line = await program.line((text) => text.startsWith('['));
  const expected = tellOfEnd('the terminals', program);
  const close = (): Promise<void> => {
    expected();
    return program.kill();
  };
  return { addresses: JSON.parse(line) as string[], close };
}

/** Starts a gateway on `data` whose settings name these terminals, and waits until all are ready. */
export async function openHouse(
  program: GatewayProgram,
  data: string,
  addresses: readonly string[],
  options: Readonly<Record<string, string | number | boolean>>,
): Promise<House> {
  mkdirSync(data, { recursive: true });
  const list = addresses.map((address, at) => ({
    id: `t-${at}`,
    driver: 'privat-json',
    address,
    options,
  }));
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ version: 1, terminals: list }));
  const house = await reopenHouse(program, data);
  for (;;) {
    const { body } = await house.gateway.call('GET', '/v1/terminals');
    const views: { link: string }[] = body.terminals ?? body;
    if (views.every(({ link }) => link === 'ready')) return house;
    await pause(100);
  }
}

/** A gateway on a folder that has its settings, as soon as its door is open. */
export async function reopenHouse(program: GatewayProgram, data: string): Promise<House> {
  const gateway = await startGateway(data, { NODE_ENV: 'production' }, program);
  // Tills keep their connections. Node takes in one new connection a turn of its loop, so where a
  // thousand come while it is busy they would measure that and not the lanes.
  const agent = new Agent({ keepAlive: true, maxSockets: 4_096, maxFreeSockets: 4_096 });
  const expected = tellOfEnd('the gateway', gateway);
  const leave = (): void => {
    expected();
    agent.destroy();
  };
  return {
    gateway,
    agent,
    close: async () => {
      leave();
      await gateway.stop();
    },
    kill: async () => {
      leave();
      await gateway.kill();
    },
  };
}

/** A process that ends by itself is named with its last words, until the returned call. */
function tellOfEnd(name: string, { ended, lines }: Program): () => void {
  let isExpected = false;
  const tell = async (): Promise<void> => {
    const code = await ended;
    if (isExpected) return;
    process.stderr.write(`${name} ended with ${code}:\n${lines.slice(-20).join('\n')}\n`);
  };
  void tell();
  return () => {
    isExpected = true;
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly accept?: string;
}

/** One call over a kept connection; resolves with the body. */
export function call(house: House, path: string, asked: Asked = {}): Promise<string> {
  const { method = 'GET', body, accept = 'application/json' } = asked;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${house.gateway.base}${path}`,
      {
        method,
        agent: house.agent,
        headers: {
          authorization: `Bearer ${house.gateway.key}`,
          'content-type': 'application/json',
          accept,
        },
      },
      (response) => {
        const parts: string[] = [];
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => parts.push(chunk));
        response.on('end', () => resolve(parts.join('')));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

let sales = 0;

/** A purchase that must be approved; resolves with its milliseconds. */
export async function purchase(house: House, terminal: number): Promise<number> {
  sales += 1;
  const began = performance.now();
  const path = `/v1/operations/bench-${process.pid}-${sales}?wait=60`;
  const body = { kind: 'purchase', terminal: `t-${terminal}`, amount: 12_345 };
  const answer = await call(house, path, { method: 'PUT', body });
  if (!answer.includes('"state":"approved"')) throw new Error(answer);
  return performance.now() - began;
}

/** The same by a till that holds no request: it asks once a second. */
export async function polledPurchase(house: House, terminal: number): Promise<number> {
  sales += 1;
  const began = performance.now();
  const path = `/v1/operations/bench-${process.pid}-${sales}`;
  const body = { kind: 'purchase', terminal: `t-${terminal}`, amount: 12_345 };
  let answer = await call(house, path, { method: 'PUT', body });
  while (answer.includes('"final":false')) {
    await pause(1_000);
    answer = await call(house, path);
  }
  if (!answer.includes('"state":"approved"')) throw new Error(answer);
  return performance.now() - began;
}

/** Resident memory of the gateway's process, MiB: at this moment, and the most it ever had. */
export function memoryMib(house: House): { now: number; peak: number } {
  const status = readFileSync(`/proc/${house.gateway.child.pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** SPEC proc(5): fields 14 and 15, in ticks of 10 ms. */
export function cpuMs(house: House): number {
  const stat = readFileSync(`/proc/${house.gateway.child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
