// Frames ↔ messages. Reads what real terminals send, misspelt keys and stray spaces included;
// card data does not get past this file.
import { flag, type Params } from './fields.ts';
import { type Method, NOTICES, type Service } from './messages.ts';
import { redactedParams } from './redact.ts';

export interface Reply {
  readonly method: string;
  readonly params: Params;
  /** Null where the terminal gave no readable flag. */
  readonly error: boolean | null;
  readonly description: string | null;
}

export type Incoming =
  | { kind: 'reply'; reply: Reply }
  | { kind: 'service'; msgType: string; params: Params; error: boolean | null }
  | { kind: 'busy' }
  | { kind: 'not-implemented' }
  /** `begins`: the method it begins with; `names`: all methods that can be made out in it. */
  | { kind: 'unreadable'; begins: string | null; names: readonly string[] };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8');
const SERVICE_METHOD = 'ServiceMessage';

export function encodeMethod(method: Method, params: Params, top: object = {}): Uint8Array {
  const body = Object.keys(params).length === 0 ? {} : { params };
  return framed({ method, step: 0, ...body, ...top });
}

export function encodeService(msgType: Service, params: Params = {}): Uint8Array {
  return framed({ method: SERVICE_METHOD, step: 0, params: { msgType, ...params } });
}

/** SPEC 3.1: only the handshake's ping has a 0x00 in front as well. */
export function encodeHandshakePing(): Uint8Array {
  const frame = encodeMethod('PingDevice', {});
  const bytes = new Uint8Array(frame.length + 1);
  bytes.set(frame, 1);
  return bytes;
}

function framed(message: object): Uint8Array {
  return encoder.encode(`${JSON.stringify(message)}\0`);
}

/** One frame without its 0x00. Never throws. */
export function decode(bytes: Uint8Array): Incoming {
  const plain = decoder.decode(bytes);
  try {
    return read(JSON.parse(plain)) ?? unreadable(plain);
  } catch {
    return unreadable(plain); // not JSON, or nested beyond reason
  }
}

function read(message: unknown): Incoming | null {
  if (!isRecord(message) || typeof message['method'] !== 'string') return null;
  const method = message['method'].trim();
  const given = message['params'] ?? {};
  if (method === '' || !isRecord(given)) return null;
  const params = redactedParams(given);
  const error = flag(message['error']);
  if (method !== SERVICE_METHOD) {
    return { kind: 'reply', reply: { method, params, error, description: description(message) } };
  }
  const msgType = params['msgType']?.trim() ?? '';
  if (msgType === NOTICES.busy) return { kind: 'busy' };
  if (msgType === NOTICES.notImplemented) return { kind: 'not-implemented' };
  return msgType === ''
    ? null
    : { kind: 'service', msgType, params: flattened(given, params), error };
}

/** Older firmware spells it `errorDescritption` or `errorDecsription`. */
function description(message: Readonly<Record<string, unknown>>): string | null {
  const key = Object.keys(message).find((name) => /^errorDe/i.test(name.trim()));
  const value = key === undefined ? undefined : message[key];
  if (typeof value !== 'string' || value.trim() === '') return null;
  return redactedParams({ value })['value']?.trim() ?? null;
}

/** Lists of merchants may stand in `params` itself or one level deeper. */
function flattened(given: Readonly<Record<string, unknown>>, params: Params): Params {
  const nested = Object.values(given).filter(isRecord);
  return nested.length === 0
    ? params
    : { ...redactedParams(Object.assign({}, ...nested)), ...params };
}

function unreadable(plain: string): Incoming {
  const begins = /^\s*\{\s*"method"\s*:\s*"\s*([A-Za-z]{1,40})/.exec(plain)?.[1] ?? null;
  const names = [...plain.matchAll(/"method"\s*:\s*"\s*([A-Za-z]{1,40})/g)];
  return { kind: 'unreadable', begins, names: names.map((match) => match[1] ?? '') };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
