// What people read: the text and the remedy of every message code, in each language.
import type { MessageCode } from '../failures.ts';
import { EN } from './en.ts';
import { RU } from './ru.ts';
import { UK } from './uk.ts';

export type Language = 'uk' | 'en' | 'ru';

/** What happened, and what to do about it; null where there is nothing to do. */
export type Entry = readonly [text: string, remedy: string | null];
export type Catalog = Readonly<Record<MessageCode, Entry>>;

export const CATALOGS = { uk: UK, en: EN, ru: RU } as const satisfies Record<Language, Catalog>;

export interface MessageText {
  readonly text: string;
  readonly remedy: string | null;
}

/** Written for the cashier at the till. Looked up by code; nobody matches on the text. */
export function textOf(code: MessageCode, language: Language): MessageText {
  const [text, remedy] = CATALOGS[language][code];
  return { text, remedy };
}
