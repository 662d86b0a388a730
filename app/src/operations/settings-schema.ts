// The shape of the settings document: schema, defaults, and the types that come from them.
import { z } from 'zod';
import { TERMINAL_ID_PATTERN } from '../domain/ids.ts';
import { API_KEYS_MAX, TERMINALS_MAX, TEXT_FIELD_MAX } from '../domain/limits.ts';
import { CURRENCIES, type Currency } from '../domain/money.ts';
import { KINDS, type OperationKind } from '../domain/operation.ts';

const currencyNames = Object.keys(CURRENCIES) as [Currency, ...Currency[]]; // the keys, not empty
const kindNames = Object.keys(KINDS) as [OperationKind, ...OperationKind[]]; // the keys, not empty

export const LANGUAGES = ['uk', 'en', 'ru'] as const;
export const languageSchema = z.enum(LANGUAGES);
export type Language = z.infer<typeof languageSchema>;

export const merchantSchema = z.strictObject({
  /** Index on the terminal. */
  index: z.int().min(0).max(99),
  name: z.string().min(1).max(TEXT_FIELD_MAX.name),
  /** Tax code of the legal entity (ЄДРПОУ or РНОКПП). */
  taxCode: z.string().max(12).default(''),
});

export const terminalSchema = z.strictObject({
  id: z.string().regex(TERMINAL_ID_PATTERN),
  name: z.string().max(TEXT_FIELD_MAX.name).default(''),
  driver: z.string().min(1).max(32),
  address: z.string().min(1).max(200),
  currency: z.enum(currencyNames).default('UAH'),
  /** Index used where the till names none; the terminal's own default is 0. */
  defaultMerchant: z.int().min(0).max(99).default(0),
  merchants: z.array(merchantSchema).max(100).default([]),
  disabled: z.boolean().default(false),
  /** Who answers when the terminal asks for a corrected sum (Bonus+ and other loyalty cards). */
  loyalty: z
    .strictObject({
      answer: z.enum(['ask-till', 'keep-sum', 'percent']).default('ask-till'),
      /** Hundredths of a percent taken off the sum where `answer` is `percent`. */
      basisPoints: z.int().min(0).max(10_000).default(0),
    })
    .prefault({}),
  /** Options of the driver; each driver has a schema of its own. */
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});
export type TerminalSettings = z.infer<typeof terminalSchema>;

/** Roles of keys and people, from most to least. `till` may start operations, not decide. */
export const ROLES = ['administrator', 'supervisor', 'till', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Limits of a key: null means no limit. */
export const keyLimitsSchema = z.strictObject({
  terminals: z.array(z.string().regex(TERMINAL_ID_PATTERN)).nullable().default(null),
  kinds: z.array(z.enum(kindNames)).nullable().default(null),
  amountMax: z.int().min(0).nullable().default(null),
});
export type KeyLimits = z.infer<typeof keyLimitsSchema>;

export const settingsSchema = z.strictObject({
  version: z.literal(1).default(1),
  shop: z
    .strictObject({
      name: z.string().max(TEXT_FIELD_MAX.name).default(''),
      language: languageSchema.default('uk'),
      timeZone: z.string().max(64).default('Europe/Kyiv'),
    })
    .prefault({}),
  http: z
    .strictObject({
      /** Origins of tills that run in a browser, e.g. `https://pos.example`. */
      origins: z.array(z.string().max(200)).max(100).default([]),
    })
    .prefault({}),
  terminals: z.array(terminalSchema).max(TERMINALS_MAX).default([]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Secrets live in a file of their own, mode 0600. */
export const secretsSchema = z.strictObject({
  version: z.literal(1).default(1),
  keys: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
        role: z.enum(ROLES),
        limits: keyLimitsSchema.prefault({}),
        /** `scrypt$N$r$p$salt$hash` or, for random secrets of 256 bits, `sha256$hash`. */
        hash: z.string().max(300),
        createdAt: z.int(),
      }),
    )
    .max(API_KEYS_MAX)
    .default([]),
});
export type Secrets = z.infer<typeof secretsSchema>;
