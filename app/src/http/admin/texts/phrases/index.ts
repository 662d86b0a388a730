// What the code says in English, in the language of the page. Drivers, the link and the settings
// speak one language, that of the log and the API; here the English sentence is the key to the
// others. Nobody decides anything by these texts.
import type { Language } from '../../../../operations/settings-schema.ts';
import { DELIVERY } from './delivery.ts';
import { DESKS } from './desks.ts';
import { DISPLAYS } from './displays.ts';
import { LINKS } from './links.ts';
import { OPTIONS } from './options.ts';
import { SETTINGS } from './settings.ts';
import { SIMULATOR } from './simulator.ts';
import type { PhraseTable } from './table.ts';

export const PHRASES: PhraseTable = {
  ...LINKS,
  ...OPTIONS,
  ...SETTINGS,
  ...SIMULATOR,
  ...DESKS,
  ...DISPLAYS,
  ...DELIVERY,
};

interface Pattern {
  readonly shape: RegExp;
  readonly key: string;
}

const HOLE = /\{(\w+)\}/g;
/** The longest first: it says more of the sentence. */
const PATTERNS: readonly Pattern[] = Object.keys(PHRASES)
  .filter((key) => key.includes('{'))
  .sort((a, b) => b.length - a.length)
  .map((key) => ({ key, shape: shapeOf(key) }));

/** A sentence that nobody translated stays as it is: a terminal's own words, a name, a code. */
export function phrase(text: string, language: Language): string {
  if (language === 'en') return text;
  const known = wordsOf(text, language);
  if (known !== null) return known;
  for (const { shape, key } of PATTERNS) {
    const values = shape.exec(text)?.groups;
    if (values === undefined) continue;
    // What stands in a hole may be a sentence of ours itself.
    return (wordsOf(key, language) ?? text).replaceAll(HOLE, (hole, name: string) => {
      const value = values[name];
      return value === undefined ? hole : phrase(value, language);
    });
  }
  return text;
}

function wordsOf(key: string, language: 'uk' | 'ru'): string | null {
  if (!Object.hasOwn(PHRASES, key)) return null;
  const [uk, ru] = PHRASES[key] ?? [key, key];
  return language === 'uk' ? uk : ru;
}

function shapeOf(key: string): RegExp {
  const parts = key.split(HOLE).map((part, at) =>
    // The odd parts are the names of the holes.
    at % 2 === 1 ? `(?<${part}>[^]{1,400}?)` : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${parts.join('')}$`);
}
