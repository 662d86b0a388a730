// A text by key and language, with its values put in.
import type { Language } from '../../operations/settings-schema.ts';
import { en, type TextKey, type Texts } from './en.ts';
import { ru } from './ru.ts';
import { uk } from './uk.ts';

export type { TextKey } from './en.ts';

export const TEXTS: Readonly<Record<Language, Texts>> = { uk, en, ru };

export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export function sayIn(language: Language): Say {
  return (key, values = {}) =>
    TEXTS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      String(values[name] ?? whole),
    );
}
