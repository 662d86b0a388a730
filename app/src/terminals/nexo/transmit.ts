// SPEC 4.12: a terminal announces its address: base64 of a JSON document behind a magic marker.
import { at, textOf, value } from '../../xml/nexo/envelope.ts';
import type { XmlElement } from '../../xml/read.ts';

/** Not an address, a sign that the message is one of these. */
const MARKER = '127.0.0.1:15022';

/** `http://host:port`, or null where the message is no such announcement. */
export function movedTo(body: XmlElement | null): string | null {
  if (value(body, 'DestinationAddress') !== MARKER) return null;
  const point = endPoint(textOf(at(body, 'Message')) ?? '');
  if (point === null) return null;
  const host = /^\d{1,3}(?:\.\d{1,3}){3}$/.exec(point.host)?.[0];
  const port = Number(point.port);
  if (host === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  return `http://${host}:${port}`;
}

function endPoint(base64: string): { host: string; port: string } | null {
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(base64)) return null;
  try {
    const parsed = JSON.parse(atob(base64.replace(/\s+/g, ''))) as unknown;
    const point = step(step(parsed, 'saleTerminalconfiguration'), 'ipEndPoint');
    const [host, port] = [step(point, 'ipV4Address'), step(point, 'ipPort')];
    const readable =
      typeof host === 'string' && (typeof port === 'string' || typeof port === 'number');
    return readable ? { host, port: String(port) } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return null;
    throw error;
  }
}

function step(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null || !Object.hasOwn(from, name)) return undefined;
  return (from as Record<string, unknown>)[name]; // an object that has it
}
