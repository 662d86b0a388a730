// A text by key and language, with its values put in.
import type { Language } from '../../domain/texts/index.ts';
import { en, type TextKey, type Texts } from './en.ts';
import { ru } from './ru.ts';
import { uk } from './uk.ts';

export type { TextKey } from './en.ts';

export const TEXTS: Readonly<Record<Language, Texts>> = { uk, en, ru };

/** In the order of the choice. */
export const LANGUAGES = Object.keys(TEXTS) as readonly Language[]; // the keys are the languages

export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export function sayIn(language: Language): Say {
  return (key, values = {}) =>
    TEXTS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      String(values[name] ?? whole),
    );
}
