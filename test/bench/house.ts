// A gateway process with given terminals, and the load that tills make.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { type Gateway, start, startGateway } from '../process/programs.ts';

export interface House {
  readonly gateway: Gateway;
  readonly agent: Agent;
  close(): Promise<void>;
}

/** Options that take the pauses of the protocol out, so that the gateway itself is measured. */
export const NO_PAUSES = { sendGapMs: 0, handshake: 'single' } as const;

export async function terminals(
  count: number,
  answerMs: number,
): Promise<{ addresses: string[]; close(): Promise<void> }> {
  const program = start(['test/bench/terminals.ts', String(count), String(answerMs)], {});
  const line = await program.line((text) => text.startsWith('['));
  return { addresses: JSON.parse(line) as string[], close: () => program.kill() };
}

/** Starts a gateway on `data` whose settings name these terminals, and waits until all are ready. */
export async function openHouse(
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
  const house = await reopenHouse(data);
  for (;;) {
    const { body } = await house.gateway.call('GET', '/v1/terminals');
    const views: { link: string }[] = body.terminals ?? body;
    if (views.every(({ link }) => link === 'ready')) return house;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A gateway on a folder that has its settings, as soon as its door is open. */
export async function reopenHouse(data: string): Promise<House> {
  const gateway = await startGateway(data);
  const agent = new Agent({ keepAlive: true, maxSockets: 4_096 });
  return {
    gateway,
    agent,
    close: async () => {
      agent.destroy();
      await gateway.stop();
    },
  };
}

/** One call over a kept connection; resolves with the body. */
export function call(house: House, method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${house.gateway.base}${path}`,
      {
        method,
        agent: house.agent,
        headers: {
          authorization: `Bearer ${house.gateway.key}`,
          'content-type': 'application/json',
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

let sales = 0;

/** A purchase that must be approved; resolves with its milliseconds. */
export async function purchase(house: House, terminal: number): Promise<number> {
  sales += 1;
  const began = performance.now();
  const path = `/v1/operations/bench-${process.pid}-${sales}?wait=60`;
  const body = { kind: 'purchase', terminal: `t-${terminal}`, amount: 12_345 };
  const answer = await call(house, 'PUT', path, body);
  if (!answer.includes('"state":"approved"')) throw new Error(answer);
  return performance.now() - began;
}

/** Resident memory of the gateway's process, MiB. */
export function residentMib(house: House): number {
  const status = readFileSync(`/proc/${house.gateway.child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
