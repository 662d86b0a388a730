// A gateway of the bundle on a data folder, and the calls of its API.
import { join } from 'node:path';
import { run } from '../../image/run.ts';
import { type Body, type Program, start } from '../process/programs.ts';

export interface Reply {
  readonly status: number;
  readonly body: Body;
}
export type Call = (method: string, path: string, body?: unknown, key?: string) => Promise<Reply>;

export interface PowerGateway {
  readonly program: Program;
  readonly call: Call;
}

const CALL_MS = 60_000;

/** A shop's gateway, not a demonstration; ready when it resolves. */
export async function startPowerGateway(
  bundle: string,
  data: string,
  key: string,
): Promise<PowerGateway> {
  const environment = {
    TILLGATE_DATA: data,
    TILLGATE_HOST: '127.0.0.1',
    TILLGATE_PORT: '0',
    TILLGATE_TLS_PORT: 'off',
  };
  const program = start([join(bundle, 'main.js')], environment, []);
  const ready = await program.line((line) => line.includes('"event":"ready"'));
  const { port } = JSON.parse(ready) as { port: number };
  const call: Call = async (method, path, body, as = key) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };
  return { program, call };
}

/** Of an administrator, made before the first start as an installer does it. */
export function firstKey(bundle: string, data: string): string {
  const words = ['key', 'add', 'boss', '--role', 'administrator', '--data', data];
  return run(process.execPath, [join(bundle, 'cli.js'), ...words]).trim();
}
