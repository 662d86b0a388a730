// What a till may send to start an operation: the one schema behind validation and OpenAPI.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { OPERATION_ID_PATTERN, type OperationId, TERMINAL_ID_PATTERN } from '../domain/ids.ts';
import { ORDER_ITEMS_MAX, SERVICE_PARAMETERS_MAX, TEXT_FIELD_MAX } from '../domain/limits.ts';
import { AMOUNT_MAX, CURRENCIES, type Currency, type MinorUnits } from '../domain/money.ts';

const currencyNames = Object.keys(CURRENCIES) as [Currency, ...Currency[]]; // the keys, not empty

/** A positive sum in minor units. */
const amount = z
  .int()
  .min(1)
  .max(AMOUNT_MAX)
  .transform((value) => value as MinorUnits) // the bounds are the brand
  .meta({ description: 'Minor units (kopecks), a positive integer' });
const amountOrZero = z
  .int()
  .min(0)
  .max(AMOUNT_MAX)
  .transform((value) => value as MinorUnits) // the bounds are the brand
  .meta({ description: 'Minor units (kopecks), zero or more' });

export const operationIdSchema = z
  .string()
  .regex(OPERATION_ID_PATTERN)
  .transform((value) => value as OperationId) // the pattern is the brand
  .meta({ description: '1–64 of A-Z a-z 0-9 . _ ~ -, chosen by the till' });

const rrn = z.string().regex(/^[0-9A-Za-z]{1,16}$/);
const invoice = z.string().regex(/^\d{1,12}$/);
const authCode = z.string().regex(/^[0-9A-Za-z]{1,12}$/);

const head = {
  terminal: z.string().regex(TERMINAL_ID_PATTERN).optional(),
  currency: z.enum(currencyNames).optional(),
  merchant: z.int().min(0).max(99).optional(),
  reference: z.string().max(TEXT_FIELD_MAX.reference).optional(),
  cashier: z.string().max(TEXT_FIELD_MAX.cashier).optional(),
  order: z
    .array(
      z.strictObject({
        id: z.string().max(128),
        name: z.string().max(512),
        count: z.number().min(0),
        cost: z.int(),
      }),
    )
    .max(ORDER_ITEMS_MAX)
    .optional(),
  busy: z.enum(['refuse', 'wait']).optional(),
};

const kindOnly = <K extends string>(kind: K) => z.strictObject({ kind: z.literal(kind), ...head });

export const operationBodySchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('purchase'),
      amount,
      discount: amountOrZero.optional(),
      ...head,
    }),
    z.strictObject({
      kind: z.literal('refund'),
      amount,
      of: operationIdSchema.optional(),
      rrn: rrn.optional(),
      ...head,
    }),
    z.strictObject({
      kind: z.literal('void'),
      of: operationIdSchema.optional(),
      invoice: invoice.optional(),
      ...head,
    }),
    z.strictObject({ kind: z.literal('preauthorization'), amount, ...head }),
    z.strictObject({
      kind: z.literal('completion'),
      amount,
      of: operationIdSchema.optional(),
      rrn: rrn.optional(),
      authCode: authCode.optional(),
      held: amount.optional(),
      ...head,
    }),
    z.strictObject({ kind: z.literal('cashback'), amount, cash: amount, ...head }),
    z.strictObject({ kind: z.literal('deposit'), amount, ...head }),
    z.strictObject({ kind: z.literal('cash-advance'), amount, ...head }),
    z.strictObject({
      kind: z.literal('cash'),
      amount,
      paid: amount,
      change: amountOrZero.default(0 as MinorUnits),
      rest: amountOrZero.default(0 as MinorUnits),
      ...head,
    }),
    z.strictObject({
      kind: z.literal('instalment'),
      product: z.string().min(1).max(64),
      parts: z.int().min(1).max(99),
      amount,
      ...head,
    }),
    z.strictObject({
      kind: z.literal('instalment-refund'),
      amount,
      product: z.string().min(1).max(64).optional(),
      agreement: z
        .string()
        .regex(/^[0-9A-Za-z]{1,32}$/)
        .optional(),
      of: operationIdSchema.optional(),
      ...head,
    }),
    z.strictObject({
      kind: z.literal('service'),
      service: z.string().min(1).max(64),
      amount: amount.optional(),
      parameters: z
        .record(z.string().max(64), z.string().max(256))
        .refine((value) => Object.keys(value).length <= SERVICE_PARAMETERS_MAX)
        .optional(),
      ...head,
    }),
    kindOnly('settlement'),
    kindOnly('totals'),
    kindOnly('settlement-copy'),
    kindOnly('journal'),
    z.strictObject({ kind: z.literal('receipt-copy'), invoice: invoice.optional(), ...head }),
    kindOnly('balance'),
    kindOnly('identify'),
    kindOnly('read-card'),
    kindOnly('check-host'),
    kindOnly('info'),
  ])
  .superRefine((body, context) => {
    const needs = missingReference(body);
    if (needs !== null) context.addIssue({ code: 'custom', path: [needs], message: 'required' });
    if (body.kind === 'cash' && body.paid !== body.amount + body.change + body.rest) {
      const message = 'paid is not amount + change + rest';
      context.addIssue({ code: 'custom', path: ['paid'], message });
    }
  });

/** A validated body, before defaults from the settings are filled in. */
export type OperationBody = z.infer<typeof operationBodySchema>;

/** The field that a follow-up operation lacks to name what it follows, or null. */
function missingReference(body: {
  kind: string;
  of?: unknown;
  rrn?: unknown;
  invoice?: unknown;
  authCode?: unknown;
  held?: unknown;
  agreement?: unknown;
}): string | null {
  if (body.of !== undefined) return null;
  switch (body.kind) {
    case 'refund':
      return body.rrn === undefined ? 'rrn' : null;
    case 'void':
      return body.invoice === undefined ? 'invoice' : null;
    case 'completion':
      return body.authCode === undefined ? 'authCode' : null;
    case 'instalment-refund':
      return body.agreement === undefined ? 'agreement' : null;
    default:
      return null;
  }
}

/**
 * SHA-256 (hex) of a validated body with sorted keys. `busy` is how the till waits, not what it
 * asks, so it does not count: a till may repeat its request with another patience.
 */
export function bodyHash(body: OperationBody): string {
  const { busy: _patience, ...asked } = body;
  return createHash('sha256').update(canonicalJson(asked)).digest('hex');
}

/** JSON with keys in code-unit order and no undefined members. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}
