// What a test of the processing server takes and answers.
import { z } from 'zod';
import { TERMINAL_ID_PATTERN } from '../../domain/ids.ts';
import { REGISTRATION_CHECKS } from '../../ports/outbound.ts';

export const registrationTestBody = z.strictObject({
  terminal: z
    .string()
    .regex(TERMINAL_ID_PATTERN)
    .optional()
    .meta({ description: 'Whose id the message has; the first terminal where it is not given' }),
});

export const registrationTested = z.object({
  answer: z.enum(['accepted', 'refused', 'fault', 'no-answer']).meta({
    description: '`no-answer`: the service itself said nothing; it may have the message',
  }),
  uid: z.string(),
  terminal: z.string(),
  url: z.string(),
  status: z.int().nullable().meta({ description: 'Of HTTP; null where no answer came' }),
  words: z.string().meta({ description: "The server's words, or why there is no answer" }),
  check: z.enum(REGISTRATION_CHECKS).meta({ description: 'What to look at' }),
  tookMs: z.int(),
});
