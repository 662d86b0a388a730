// Are these texts settings and secrets that this version can start with? Asked before a backup's
// documents take the place of those in use.
import type { z } from 'zod';
import type { DocumentForm } from '../ports/settings-store.ts';
import { secretsForm, settingsForm } from './document-forms.ts';
import { secretsSchema, settingsSchema } from './settings-schema.ts';

/** What keeps a start from using the document, as the store reads it; null where nothing does. */
export type FaultOf = (data: unknown, schema: z.ZodType, form: DocumentForm) => string | null;

/** Null where the text is good; one English line otherwise. */
export function documentChecks(faultOf: FaultOf) {
  const check = (text: string, schema: z.ZodType, form: DocumentForm): string | null => {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      return 'is no JSON';
    }
    return faultOf(data, schema, form);
  };
  return {
    settings: (text: string): string | null => check(text, settingsSchema, settingsForm),
    secrets: (text: string): string | null => check(text, secretsSchema, secretsForm),
  };
}
