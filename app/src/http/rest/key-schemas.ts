// What the routes of keys take and answer. A secret is in one answer only.
import { z } from 'zod';
import { keyLimitsSchema, keyNameSchema, ROLES } from '../../operations/settings-schema.ts';

export const keyPath = z.strictObject({ name: keyNameSchema });

export const newKeyBody = z.strictObject({
  name: keyNameSchema,
  role: z.enum(ROLES),
  limits: keyLimitsSchema
    .prefault({})
    .meta({ description: 'What is null or left out has no limit; `amountMax` in minor units' }),
});

export const keyView = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  limits: keyLimitsSchema,
  createdAt: z.iso.datetime(),
  own: z.boolean().meta({ description: 'The key that this request was made with' }),
});
export type KeyView = z.infer<typeof keyView>;

export const keyMade = keyView.extend({
  secret: z.string().meta({ description: 'Shown only now: Bearer token, or password of the name' }),
});
