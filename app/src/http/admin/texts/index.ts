// The words of the admin pages: each with its three languages side by side, so that a missing one
// does not compile.
import type { Language } from '../../../operations/settings-schema.ts';
import { APPLIANCE } from './appliance.ts';
import { COMMON } from './common.ts';
import { DAY } from './day.ts';
import { DRIVERS } from './drivers.ts';
import { INTEGRATION } from './integration.ts';
import { KEEPING } from './keeping.ts';
import { LIBRARY } from './library.ts';
import { NEXO } from './nexo.ts';
import { OPERATION } from './operation.ts';
import { PEOPLE } from './people.ts';
import { SCHEDULE } from './schedule.ts';
import { SYSTEM } from './system.ts';
import { TERMINAL } from './terminal.ts';
import { TRYING } from './trying.ts';
import { UPDATES } from './updates.ts';

/** Ukrainian, English, Russian. */
export type Triple = readonly [uk: string, en: string, ru: string];
export type TextTable = Readonly<Record<string, Triple>>;

export const TEXTS = {
  ...COMMON,
  ...DAY,
  ...OPERATION,
  ...TERMINAL,
  ...INTEGRATION,
  ...NEXO,
  ...PEOPLE,
  ...SYSTEM,
  ...KEEPING,
  ...LIBRARY,
  ...APPLIANCE,
  ...UPDATES,
  ...SCHEDULE,
  ...DRIVERS,
  ...TRYING,
} as const satisfies TextTable;

export type TextKey = keyof typeof TEXTS;
export type Texts = Readonly<Record<TextKey, string>>;

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  uk: 'Українська',
  en: 'English',
  ru: 'Русский',
};

const INDEX: Readonly<Record<Language, 0 | 1 | 2>> = { uk: 0, en: 1, ru: 2 };
const CATALOGS: Readonly<Record<Language, Texts>> = {
  uk: catalog('uk'),
  en: catalog('en'),
  ru: catalog('ru'),
};

export function textsFor(language: Language): Texts {
  return CATALOGS[language];
}

export function languageIndex(language: Language): 0 | 1 | 2 {
  return INDEX[language];
}

function catalog(language: Language): Texts {
  const entries = Object.entries(TEXTS).map(([key, triple]) => [key, triple[INDEX[language]]]);
  return Object.fromEntries(entries) as Texts; // the keys of the table
}
