// Real processes for tests: the gateway and a simulated terminal, each started, watched and ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 20_000;

export interface Program {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** A line at or after `from` that the test accepts; rejects after START_MS or at the end. */
  line(accept: (line: string) => boolean, from?: number): Promise<string>;
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** kill -9, as a power cut does it; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface Gateway extends Program {
  readonly base: string;
  readonly key: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }>;
}

/** A JSON answer; tests read what they expect from it. */
// oxlint-disable-next-line typescript/no-explicit-any -- answers of another process, asserted on
export type Body = any;

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tillgate-process-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** How Node runs TypeScript. */
const FROM_SOURCES = ['--import', 'tsx'];

export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  node: readonly string[] = FROM_SOURCES,
): Program {
  const child = spawn(process.execPath, [...node, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    });
  }
  const gone = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  return {
    child,
    lines,
    ended: gone,
    line: (accept, from = 0) =>
      new Promise((resolve, reject) => {
        const finish = (action: () => void): void => {
          clearTimeout(bound);
          listeners.delete(look);
          action();
        };
        const look = (): void => {
          const found = lines.slice(from).find(accept);
          if (found !== undefined) finish(() => resolve(found));
        };
        const bound = setTimeout(
          () => finish(() => reject(new Error(`no such line in:\n${lines.join('\n')}`))),
          START_MS,
        );
        const atEnd = (): void => {
          look();
          finish(() => reject(new Error(`it ended:\n${lines.join('\n')}`)));
        };
        void gone.finally(atEnd);
        listeners.add(look);
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: () => {
      child.kill('SIGTERM');
      return gone;
    },
  };
}

/** Arguments of Node and the gateway's entry. */
export interface GatewayProgram {
  readonly node: readonly string[];
  readonly entry: string;
}

export const GATEWAY_FROM_SOURCES: GatewayProgram = {
  node: FROM_SOURCES,
  entry: 'app/src/main.ts',
};

/** The gateway, ready; `env` over the defaults of a demonstration on free ports. */
export async function startGateway(
  data: string,
  env: Readonly<Record<string, string>> = {},
  { node, entry }: GatewayProgram = GATEWAY_FROM_SOURCES,
): Promise<Gateway> {
  const key = env['TILLGATE_DEMO_KEY'] ?? 'test-key-0123456789';
  const program = start(
    [entry],
    {
      TILLGATE_DEMO: '1',
      TILLGATE_DEMO_KEY: key,
      TILLGATE_DATA: data,
      TILLGATE_HOST: '127.0.0.1',
      TILLGATE_PORT: '0',
      TILLGATE_TLS_PORT: 'off',
      ...env,
    },
    node,
  );
  const ready = await program.line((line) => line.includes('"event":"ready"'));
  const { port } = JSON.parse(ready) as { port: number };
  const base = `http://127.0.0.1:${port}`;
  return {
    ...program,
    base,
    key,
    call: async (method, path, body) => {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
  };
}

export interface Terminal extends Program {
  readonly address: string;
  command(line: string): void;
  /** What the terminal itself believes. */
  journal(): Promise<readonly Body[]>;
}

/** A simulated terminal in a process of its own, with its journal on disk. */
export async function startTerminal(
  journal: string,
  address = 'sim://privat-json',
  port = 0,
): Promise<Terminal> {
  const program = start(
    [
      'app/src/simulator/main.ts',
      '--port',
      String(port),
      '--journal',
      journal,
      '--address',
      address,
    ],
    {},
  );
  const tcp = await program.line((line) => line.startsWith('tcp://'));
  const command = (line: string): void => {
    program.child.stdin?.write(`${line}\n`);
  };
  return {
    ...program,
    address: tcp,
    command,
    journal: async () => {
      const from = program.lines.length;
      command('state');
      const line = await program.line((text) => text.startsWith('{"terminal"'), from);
      return (JSON.parse(line) as { journal: Body[] }).journal;
    },
  };
}

/** Tries until `done` or 30 s are over. */
export async function eventually<T>(
  look: () => Promise<T>,
  done: (value: T) => boolean,
): Promise<T> {
  const until = Date.now() + 30_000;
  for (;;) {
    const value = await look();
    if (done(value)) return value;
    if (Date.now() > until) throw new Error(`not within 30 s: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
