// Unknown data → schema → domain types, with every fault named in the till's language.
import { z } from 'zod';
import { VALIDATION_ERRORS_MAX } from '../domain/limits.ts';
import type { Language } from '../operations/settings-schema.ts';
import { type Problem, problem } from './errors.ts';

export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export type Validated<T> = { kind: 'value'; value: T } | { kind: 'refused'; problem: Problem };

const ERROR_MAPS = {
  uk: z.locales.uk().localeError,
  en: z.locales.en().localeError,
  ru: z.locales.ru().localeError,
};

const REQUIRED: Record<Language, string> = {
  uk: "Обов'язкове поле",
  en: 'Required',
  ru: 'Обязательное поле',
};

/** Texts of our own schemas for which zod has no locale. */
const CUSTOM: Record<string, Record<Language, string>> = { required: REQUIRED };

/** Where the data came from goes before the paths: `query.wait`, but `amount` for the body. */
export function validate<T>(
  schema: z.ZodType<T>,
  data: unknown,
  language: Language,
  place: 'body' | 'query' | 'path',
): Validated<T> {
  const parsed = schema.safeParse(data, { error: ERROR_MAPS[language] });
  if (parsed.success) return { kind: 'value', value: parsed.data };
  const prefix = place === 'query' ? 'query.' : '';
  const faults = faultsOf(parsed.error.issues, data, language, prefix);
  return { kind: 'refused', problem: invalid(faults) };
}

export function invalid(faults: readonly FieldFault[]): Problem {
  const named = [...new Set(faults.map(({ path }) => path))].slice(0, 5).join(', ');
  return problem('invalid-request', `not valid: ${named}`, { errors: faults });
}

function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
  language: Language,
  prefix: string,
): FieldFault[] {
  const faults = issues.flatMap((issue): FieldFault[] => {
    const path = issue.path.map(String).join('.');
    // Each unknown field is named by its own path, so that a till can show it where it stands.
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: prefix + clip(path === '' ? key : `${path}.${key}`),
        message: issue.message,
      }));
    }
    const where = prefix + (path === '' ? 'body' : path);
    return [{ path: clip(where), message: messageOf(issue, data, language) }];
  });
  return faults.slice(0, VALIDATION_ERRORS_MAX).map(({ path, message }) => ({
    path,
    message: message.length > 400 ? `${message.slice(0, 400)}…` : message,
  }));
}

function messageOf(issue: z.core.$ZodIssue, data: unknown, language: Language): string {
  if (issue.code === 'custom') return CUSTOM[issue.message]?.[language] ?? issue.message;
  const missing = issue.path.length > 0 && valueAt(data, issue.path) === undefined;
  return missing ? REQUIRED[language] : issue.message;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return value;
}

function clip(path: string): string {
  return path.length > 120 ? `${path.slice(0, 120)}…` : path;
}
