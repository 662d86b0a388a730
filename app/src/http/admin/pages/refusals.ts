// A refusal of the gateway, for somebody who reads a page.
import type { Refusal } from '../../../domain/failures.ts';
import { textOf } from '../../../domain/texts/index.ts';
import type { Visit } from '../parts.ts';
import { phrase } from '../texts/phrases/index.ts';

export function refusalText(refusal: Refusal, visit: Visit): string {
  const { text, remedy } = textOf(refusal.code, visit.language);
  return remedy === null ? text : `${text} ${remedy}`;
}

/** Faults by field where the refusal names fields; `all` otherwise. */
export function refusalFaults(refusal: Refusal, visit: Visit): Record<string, string> {
  const errors = refusal.facts['errors'];
  if (!Array.isArray(errors) || errors.length === 0) return { all: refusalText(refusal, visit) };
  const named = errors.filter(
    (one): one is { path: string; message: string } =>
      typeof one === 'object' && one !== null && 'path' in one && 'message' in one,
  );
  const { language, t } = visit;
  return Object.fromEntries(
    named.map(({ path, message }) => {
      const said = phrase(message, language);
      // Better nothing than a sentence in another language.
      return [path, language !== 'en' && said === message ? t.notValid : said];
    }),
  );
}
