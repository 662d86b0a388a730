// Asks the gateway on this box how it is, over loopback. Plain HTTP and no schema library: the
// console asks as long as the box runs, and memory is for payments.
import { get } from 'node:http';
import { OWN_HEALTH_BYTES_MAX, OWN_HEALTH_TIMEOUT_MS } from '../domain/limits.ts';

export interface HealthPart {
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string | null;
}

export interface OwnHealth {
  readonly ok: boolean;
  readonly parts: readonly HealthPart[];
}

/** Null where the gateway does not answer, or not in time. */
export async function askHealth(port: number): Promise<OwnHealth | null> {
  const text = await textOf(port);
  return text === null ? null : parseHealth(text);
}

function textOf(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/health', agent: false };
    const signal = AbortSignal.timeout(OWN_HEALTH_TIMEOUT_MS);
    const request = get({ ...options, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > OWN_HEALTH_BYTES_MAX) request.destroy();
      });
      response.on('end', () => resolve(text));
      response.on('error', () => resolve(null));
    });
    // Not listening, or no answer in time: to the one who asks it is all the same.
    request.on('error', () => resolve(null));
  });
}

/** Null where it is not what `/health` answers. */
export function parseHealth(text: string): OwnHealth | null {
  const value = parsed(text);
  if (!isRecord(value) || typeof value['ok'] !== 'boolean' || !Array.isArray(value['parts'])) {
    return null;
  }
  const parts: HealthPart[] = [];
  for (const part of value['parts'] as unknown[]) {
    if (!isRecord(part)) return null;
    const { name, ok, reason } = part;
    if (typeof name !== 'string' || typeof ok !== 'boolean') return null;
    parts.push({ name, ok, reason: typeof reason === 'string' ? reason : null });
  }
  return { ok: value['ok'], parts };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
