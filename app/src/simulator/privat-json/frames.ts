// The terminal's own reading and writing of frames; shares nothing with the driver's codec.
import { FRAME_BYTES_MAX } from '../../domain/limits.ts';

export type Params = Readonly<Record<string, unknown>>;

export type Incoming =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly params: Params;
      /** The whole object: some methods carry fields beside `params`. */
      readonly top: Params;
      /** An empty frame stood before it: the handshake form. */
      readonly leadingNul: boolean;
    }
  | { readonly kind: 'garbage'; readonly detail: string };

export interface Reply {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly error: boolean;
  readonly description: string;
  /** Some errors of the real firmware come with their keys in alphabetical order. */
  readonly alphabetical?: boolean;
}

export interface FrameStyle {
  /** Older firmware misspells the key. */
  readonly descriptionKey: 'errorDescription' | 'errorDescritption';
  readonly straySpaces: boolean;
}

/** INVARIANTS: holds at most FRAME_BYTES_MAX bytes; never throws on any input. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #held = 0;
  #overlong = false;
  #sawEmpty = false;

  push(chunk: Uint8Array): Incoming[] {
    const incoming: Incoming[] = [];
    let from = 0;
    for (let nul = chunk.indexOf(0); nul >= 0; nul = chunk.indexOf(0, from)) {
      this.#hold(chunk.subarray(from, nul));
      from = nul + 1;
      const frame = this.#takeFrame();
      if (frame !== null) incoming.push(frame);
    }
    this.#hold(chunk.subarray(from));
    return incoming;
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0 || this.#overlong) return;
    this.#held += part.length;
    if (this.#held > FRAME_BYTES_MAX) {
      this.#overlong = true;
      this.#chunks = [];
      return;
    }
    this.#chunks.push(Uint8Array.from(part));
  }

  #takeFrame(): Incoming | null {
    const { leadingNul, overlong, bytes } = {
      leadingNul: this.#sawEmpty,
      overlong: this.#overlong,
      bytes: Buffer.concat(this.#chunks),
    };
    this.#chunks = [];
    this.#held = 0;
    this.#overlong = false;
    if (overlong) return { kind: 'garbage', detail: 'frame too long' };
    this.#sawEmpty = bytes.length === 0;
    return bytes.length === 0 ? null : parseFrame(bytes, leadingNul);
  }
}

function parseFrame(bytes: Uint8Array, leadingNul: boolean): Incoming {
  let top: unknown;
  try {
    top = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return { kind: 'garbage', detail: cause instanceof Error ? cause.message : 'not JSON' };
  }
  if (!isObject(top)) return { kind: 'garbage', detail: 'not an object' };
  const { method, params } = { method: top['method'], params: top['params'] ?? {} };
  if (typeof method !== 'string') return { kind: 'garbage', detail: 'no method' };
  if (!isObject(params)) return { kind: 'garbage', detail: 'params is not an object' };
  return { kind: 'request', method, params, top, leadingNul };
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One frame with its closing NUL; compact, raw UTF-8, keys in the specification's order. */
export function encodeReply(reply: Reply, style: FrameStyle): Uint8Array {
  const object = orderedKeys(reply, style);
  const text = style.straySpaces ? JSON.stringify(object, null, 1) : JSON.stringify(object);
  return Buffer.from(`${text}\0`, 'utf8');
}

function orderedKeys(reply: Reply, style: FrameStyle): Record<string, unknown> {
  const { method, params, error, description } = reply;
  const key = style.descriptionKey;
  if (style.straySpaces) {
    const spaced = Object.entries(params).map(([name, value]) =>
      name === 'msgType' ? [name, ` ${value}`] : [name, value],
    );
    const strayed: unknown = Object.fromEntries(spaced);
    return { [key]: description, error, params: strayed, step: 0, method: ` ${method}` };
  }
  if (reply.alphabetical === true) return { error, [key]: description, method, params, step: 0 };
  return { method, step: 0, params, error, [key]: description };
}

/** The service lane's messages are replies of the method `ServiceMessage`. */
export function serviceReply(
  msgType: string,
  fields: Readonly<Record<string, string>> = {},
): Reply {
  return {
    method: 'ServiceMessage',
    params: { msgType, ...fields },
    error: false,
    description: '',
  };
}
