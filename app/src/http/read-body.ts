// Reads the body of a request: bounded, JSON only.
import type { IncomingMessage } from 'node:http';
import { BODY_BYTES_MAX, BODY_DRAIN_BYTES_MAX } from '../domain/limits.ts';
import { type Problem, problem } from './errors.ts';
import { parseStrictJson } from './strict-json.ts';

export type BodyRead =
  | { kind: 'value'; value: unknown }
  /** `close`: the rest of the body is still on its way, so the connection cannot be used again. */
  | { kind: 'refused'; problem: Problem; close: boolean }
  /** The peer went away, or did not finish in time. */
  | { kind: 'gone' };

export async function readJsonBody(request: IncomingMessage): Promise<BodyRead> {
  const wrongType = mediaTypeProblem(request);
  if (wrongType !== null) return { kind: 'refused', problem: wrongType, close: false };
  const read = await readBytes(request);
  if (read.kind !== 'bytes') return read;
  if (read.bytes.length === 0) return refused('the body is empty');
  const parsed = parseStrictJson(read.bytes);
  return parsed.kind === 'value' ? parsed : refused(parsed.detail);
}

/** The bytes of a body, for façades whose bodies are not JSON. */
export async function readBytes(
  request: IncomingMessage,
): Promise<{ kind: 'bytes'; bytes: Buffer } | Exclude<BodyRead, { kind: 'value' }>> {
  const declared = Number(request.headers['content-length'] ?? '0');
  if (declared > BODY_DRAIN_BYTES_MAX) return tooLarge(true);
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of request) {
      const bytes = chunk as Buffer; // no encoding is set on the request
      total += bytes.length;
      if (total > BODY_DRAIN_BYTES_MAX) return tooLarge(true);
      if (total <= BODY_BYTES_MAX) chunks.push(bytes);
      else chunks.length = 0;
    }
  } catch {
    return { kind: 'gone' };
  }
  return total > BODY_BYTES_MAX ? tooLarge(false) : { kind: 'bytes', bytes: Buffer.concat(chunks) };
}

function tooLarge(close: boolean): Extract<BodyRead, { kind: 'refused' }> {
  const detail = `the body is larger than ${BODY_BYTES_MAX} bytes`;
  const facts = { bytesMax: BODY_BYTES_MAX };
  return { kind: 'refused', problem: problem('too-large', detail, facts), close };
}

/** No `Content-Type` at all is taken for JSON: 1C sends none unless it is told to. */
function mediaTypeProblem(request: IncomingMessage): Problem | null {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    return problem('unsupported-media-type', `content encoding ${encoding} is not taken`);
  }
  const header = request.headers['content-type'];
  if (header === undefined) return null;
  const [type = '', ...parameters] = header.toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(parameter)?.[1])
    .find((name) => name !== undefined);
  const json = /^\s*application\/(?:[\w.-]+\+)?json\s*$/.test(type);
  if (json && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return null;
  return problem('unsupported-media-type', 'send application/json in UTF-8');
}

function refused(detail: string): BodyRead {
  return { kind: 'refused', problem: problem('invalid-request', detail), close: false };
}
