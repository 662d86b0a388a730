// Are these texts settings and secrets that this version can start with? Asked before a backup's
// documents take the place of those in use.
import type { z } from 'zod';
import { secretsSchema, settingsSchema } from './settings-schema.ts';

/** Null where the text is good; one English line otherwise. */
export const documentChecks = {
  settings: (text: string): string | null => faultOf(text, settingsSchema),
  secrets: (text: string): string | null => faultOf(text, secretsSchema),
};

function faultOf(text: string, schema: z.ZodType): string | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const [issue] = schema.safeParse(data).error?.issues ?? [];
  // Not the value: it may be a secret.
  return issue === undefined ? null : `${issue.path.join('.')}: ${issue.message}`;
}
