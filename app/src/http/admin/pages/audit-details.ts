// An entry of the audit chain in the language of the page: what it is about, and which fields
// changed. Names come from the catalogue; values stay as they were written.
import type { AuditEntry, AuditValue } from '../../../ports/accounts.ts';
import type { Language } from '../../../operations/settings-schema.ts';
import { FIELD_TEXTS, OBJECT_TEXTS } from '../texts/audit-words.ts';
import { languageIndex, type TextTable } from '../texts/index.ts';

/** Names of the shop's own, which may be any word: never translated. */
const NAMED = /^(terminal|key|person|till|webhook|operation|message) (.+)$/s;
/** Members of these are names that somebody gave, or a driver's own words. */
const FREE = new Set(['options', 'terminalIds', 'versions', 'secrets.webhooks']);

/** `words` of ours, and a name or id that is not. */
export function objectOf(object: string, language: Language): { words: string; name: string } {
  const [, kind, name = ''] = NAMED.exec(object) ?? [];
  if (kind !== undefined) return { words: textOf(OBJECT_TEXTS, kind, language) ?? kind, name };
  const whole = textOf(OBJECT_TEXTS, object, language);
  if (whole !== null) return { words: whole, name: '' };
  // A change of settings names its sections.
  const sections = object.split(' ').map((one) => textOf(OBJECT_TEXTS, one, language) ?? one);
  return { words: sections.join(', '), name: '' };
}

/** `name` is in words, the values are as they were written; a value is null where there is none. */
export interface Change {
  readonly name: string;
  readonly values: readonly (string | null)[];
}

/** Members that differ, each with what was and what is; one value where only one side has any. */
export function changesOf(
  { act, before, after }: Pick<AuditEntry, 'act' | 'before' | 'after'>,
  language: Language,
): readonly Change[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths.flatMap((path) => {
    const [old, fresh] = [was.get(path) ?? null, is.get(path) ?? null];
    if (old === fresh) return [];
    const name = fieldName(path.split('.'), act, language);
    if (before === null) return [{ name, values: [fresh] }];
    if (after === null) return [{ name, values: [old] }];
    return [{ name, values: [old, fresh] }];
  });
}

/** `settlement.at` → `scheduled settlement · time`; a name that nobody knows stays. */
function fieldName(path: readonly string[], act: string, language: Language): string {
  const free = path.findIndex(
    (name, at) => FREE.has(name) || FREE.has(path.slice(0, at + 1).join('.')),
  );
  const ours = free < 0 ? path : path.slice(0, free + 1);
  const names = ours.map(
    (name) =>
      textOf(FIELD_TEXTS, `${act} ${name}`, language) ??
      textOf(FIELD_TEXTS, name, language) ??
      name,
  );
  // What somebody named may have dots of its own.
  const theirs = path.slice(ours.length).join('.');
  return [...names, ...(theirs === '' ? [] : [theirs])].join(' · ');
}

/** `settlement.at` → `23:30`: what stands deep inside is named by its path, in lists by its place. */
function membersOf(value: AuditValue, prefix = ''): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const [key, one] of Object.entries(value ?? {})) {
    const name = `${prefix}${key}`;
    const inner = innerOf(one);
    if (inner !== null) {
      for (const [path, text] of membersOf(inner, `${name}.`)) members.set(path, text);
    } else if (one !== null && one !== undefined) {
      members.set(name, typeof one === 'string' ? one : JSON.stringify(one));
    }
  }
  return members;
}

/** What has members with names; a list of texts or numbers is one value. */
function innerOf(value: unknown): AuditValue {
  if (typeof value !== 'object' || value === null) return null;
  // Only plain objects and lists come out of JSON.
  if (!Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  if (value.length === 0 || !value.every((one) => innerOf(one) !== null)) return null;
  return Object.fromEntries(value.map((one: unknown, at) => [String(at + 1), one]));
}

function textOf(table: TextTable, key: string, language: Language): string | null {
  return Object.hasOwn(table, key) ? (table[key]?.[languageIndex(language)] ?? null) : null;
}
