// What simulated terminals answer and take.
import { z } from 'zod';
import { OPERATION_DEADLINE_MS } from '../../domain/limits.ts';
import { AMOUNT_MAX } from '../../domain/money.ts';

export const simulatorView = z.object({
  terminal: z.string(),
  address: z.string(),
  screen: z.string(),
  busy: z.boolean(),
  powered: z.boolean().optional(),
  awaitsPin: z
    .boolean()
    .optional()
    .meta({ description: 'It waits for `POST /v1/simulators/{id}/pin`' }),
  card: z
    .object({
      name: z.string().nullable().optional(),
      pan: z.string(),
      brand: z.string(),
      hostCode: z.string(),
    })
    .nullable(),
  settings: z.object({
    answerAfterMs: z.number(),
    autoCard: z.boolean(),
    defaultCard: z.string().optional(),
    adjust: z.boolean().optional(),
    askPin: z.boolean().optional(),
  }),
  journal: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  faults: z.array(z.string()),
  remarks: z
    .array(z.object({ text: z.string(), count: z.int() }))
    .optional()
    .meta({ description: 'What the till did against the specification' }),
});

export const faultBody = z.strictObject({
  name: z.string().min(1).max(64),
  times: z.int().min(1).max(100).default(1),
});
export const cardBody = z.strictObject({
  card: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .meta({ description: 'One of the cards of GET /v1/simulators' }),
      // A masked number: whoever sends a full one is told so, not obeyed.
      pan: z
        .string()
        .regex(/^\d{0,6}[*X]{2,13}\d{0,4}$/)
        .optional(),
      brand: z.string().min(1).max(32).optional(),
      hostCode: z
        .string()
        .regex(/^[0-9A-Z]{1,4}$/)
        .optional(),
    })
    .nullable()
    .default(null),
});
export const pinBody = z.strictObject({
  // Never kept, logged or answered; `0000` is wrong on every card.
  pin: z
    .string()
    .regex(/^\d{4,12}$/)
    .meta({ description: 'Invented. `0000` is wrong on every card, the third time it is blocked' }),
});
export const standaloneSaleBody = z.strictObject({ amount: z.int().min(1).max(AMOUNT_MAX) });
export const powerCutBody = z.strictObject({
  offMs: z.int().min(0).max(OPERATION_DEADLINE_MS).default(3_000),
});
export const simulatorSettingsBody = z.strictObject({
  answerAfterMs: z.int().min(0).max(OPERATION_DEADLINE_MS).optional(),
  autoCard: z.boolean().optional(),
  defaultCard: z.string().min(1).max(64).optional(),
  adjust: z
    .boolean()
    .optional()
    .meta({ description: 'Ask the till for a corrected sum on every purchase' }),
  askPin: z.boolean().optional().meta({
    description: 'Wait for a PIN after the card of a payment, where its protocol has that step',
  }),
});
