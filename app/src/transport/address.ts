// Addresses of terminals: URLs, read strictly; two spellings of one peer have one form.
import { TransportError } from '../ports/transport.ts';

export type Address =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'serial'; path: string; baud: number };

/** Privat's terminals, Telium and most others use this speed; 8N1 always. */
const BAUD_DEFAULT = 115_200;
const BAUD_MAX = 4_000_000;

/** Reads an address; throws TransportError `bad-address`. */
export function parseAddress(address: string): Address {
  const text = address.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'tcp':
      return parseTcp(text);
    case 'serial':
      return parseSerial(text);
    default:
      throw bad(address, 'the address must begin with tcp:// or serial://');
  }
}

/**
 * One form for addresses that mean the same peer. An address that this room does not know
 * (`sim://…`, `http://…`) is only trimmed and lowered in scheme and host.
 */
export function normaliseAddress(address: string): string {
  const text = address.trim();
  if (/^(tcp|serial):/i.test(text)) {
    const parsed = parseAddress(text);
    switch (parsed.kind) {
      case 'tcp':
        return `tcp://${parsed.host.includes(':') ? `[${parsed.host}]` : parsed.host}:${parsed.port}`;
      case 'serial':
        // The speed is how we talk, not to whom.
        return `serial://${parsed.path}`;
    }
  }
  const match = /^([^:]+:\/\/[^/?#]*)(.*)$/.exec(text);
  return match ? `${(match[1] ?? '').toLowerCase()}${match[2]?.replace(/\/$/, '') ?? ''}` : text;
}

/** `http:` lends its host parser: `tcp:` hosts would stay as they were typed. */
function parseTcp(text: string): Address {
  const url = tryUrl(text.replace(/^tcp:/i, 'http:'), text);
  if (url.username !== '' || url.password !== '') throw bad(text, 'no user name belongs here');
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '') {
    throw bad(text, 'nothing may follow the port');
  }
  // The parser drops the default port of its scheme.
  const port = url.port === '' && /:80\/?$/.test(text) ? 80 : Number(url.port);
  if (!Number.isInteger(port) || port < 1) throw bad(text, 'the port is missing');
  if (url.hostname === '') throw bad(text, 'the host is missing');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return { kind: 'tcp', host: host === 'localhost' ? '127.0.0.1' : host, port };
}

function parseSerial(text: string): Address {
  const url = tryUrl(text, text);
  if (url.host !== '') throw bad(text, 'a serial address has three slashes: serial:///dev/…');
  const path = decode(url.pathname, text).replace(/\/{2,}/g, '/');
  if (!/^\/dev\/[^/\0][^\0]*$/.test(path)) throw bad(text, 'the device must be below /dev');
  for (const key of url.searchParams.keys()) {
    if (key !== 'baud') throw bad(text, `unknown setting ${key}`);
  }
  const given = url.searchParams.get('baud');
  const baud = given === null ? BAUD_DEFAULT : Number(given);
  if (!Number.isInteger(baud) || baud < 300 || baud > BAUD_MAX) throw bad(text, 'bad baud rate');
  return { kind: 'serial', path, baud };
}

function tryUrl(text: string, shown: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw bad(shown, 'not a URL', error);
  }
}

function decode(pathname: string, shown: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch (error) {
    throw bad(shown, 'bad escape in the path', error);
  }
}

function bad(address: string, why: string, cause?: unknown): TransportError {
  return new TransportError('bad-address', `${address}: ${why}`, cause);
}
