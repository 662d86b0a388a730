// Which of the three languages a person behind a request reads.
import { LANGUAGES, type Language } from '../operations/settings-schema.ts';

/** The best of our languages by `Accept-Language` (RFC 9110, 12.5.4), else the shop's own. */
export function chooseLanguage(header: string | undefined, shop: Language): Language {
  return bestOf(header, shop) ?? shop;
}

/** Whether the header itself asks for one of our languages; `*`, which programs send, does not. */
export function namesLanguage(header: string): boolean {
  return bestOf(header, null) !== null;
}

function bestOf(header: string | undefined, shop: Language | null): Language | null {
  let best: { language: Language; quality: number } | null = null;
  for (const part of (header ?? '').split(',')) {
    const [range = '', ...parameters] = part.split(';');
    const language = languageOf(range.trim(), shop);
    const quality = qualityOf(parameters);
    if (language === null || quality <= 0) continue;
    if (best === null || quality > best.quality) best = { language, quality };
  }
  return best?.language ?? null;
}

export function isLanguage(text: string): text is Language {
  return (LANGUAGES as readonly string[]).includes(text);
}

/** `any`: what `*` stands for. */
function languageOf(range: string, any: Language | null): Language | null {
  if (range === '*') return any;
  const primary = range.split('-')[0]?.toLowerCase() ?? '';
  return isLanguage(primary) ? primary : null;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const match = /^\s*q=(\d(?:\.\d{0,3})?)\s*$/i.exec(parameter);
    if (match !== null) return Number(match[1]);
  }
  return 1;
}
