// JSON as money needs it: UTF-8 without faults, no member named twice, bounded depth.
import { JSON_DEPTH_MAX } from '../domain/limits.ts';

export type ParsedJson = { kind: 'value'; value: unknown } | { kind: 'fault'; detail: string };

/** A leading byte order mark is skipped, because 1C writes one. */
export function parseStrictJson(bytes: Uint8Array): ParsedJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'fault', detail: 'the body is not UTF-8' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'fault', detail: 'the body is not JSON' };
  }
  const detail = faultOf(text);
  return detail === null ? { kind: 'value', value } : { kind: 'fault', detail };
}

/**
 * Walks over text that is known to be JSON. `JSON.parse` takes the last of two members with one
 * name; another reader of the same bytes may take the first, and they would see two amounts.
 */
function faultOf(text: string): string | null {
  /** Names seen in each open object; null stands for an array. */
  const open: (Set<string> | null)[] = [];
  let expectsName = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[':
        expectsName = text[at] === '{';
        open.push(expectsName ? new Set() : null);
        if (open.length > JSON_DEPTH_MAX) return 'the body is nested too deeply';
        break;
      case '}':
      case ']':
        open.pop();
        expectsName = false;
        break;
      case ',':
        expectsName = open.at(-1) instanceof Set;
        break;
      case '"': {
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (expectsName && names instanceof Set) {
          const name = JSON.parse(text.slice(at, end + 1)) as string; // a JSON string is a string
          if (name === '__proto__') return 'the body has a member named __proto__';
          if (names.has(name)) return `the body names the member ${clip(name)} twice`;
          names.add(name);
          expectsName = false;
        }
        at = end;
        break;
      }
      default:
    }
  }
  return null;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function clip(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
