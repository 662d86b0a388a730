// The shape of the settings document: schema, defaults, and the types that come from them.
import { z } from 'zod';
import { TERMINAL_ID_PATTERN } from '../domain/ids.ts';
import { API_KEYS_MAX, TERMINALS_MAX, TEXT_FIELD_MAX, WEBHOOKS_MAX } from '../domain/limits.ts';
import { CURRENCIES, type Currency } from '../domain/money.ts';
import { KINDS, type OperationKind, STATES } from '../domain/operation.ts';

const currencyNames = Object.keys(CURRENCIES) as [Currency, ...Currency[]]; // the keys, not empty
const kindNames = Object.keys(KINDS) as [OperationKind, ...OperationKind[]]; // the keys, not empty

const httpAddress = z.url({ protocol: /^https?$/ }).max(500);

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

/** Calls of 1C: Pay, PayPoll and the rest. */
export const soapSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** «Требовать и проверять логин и пароль»: off, anybody on the network may start payments. */
  authentication: z.boolean().default(true),
  /** The terminal of calls to `/`; without it there must be one terminal only. */
  defaultTerminal: z.string().regex(TERMINAL_ID_PATTERN).optional(),
  /** Written into the WSDL instead of the address that the caller used, for use behind a proxy. */
  publicAddress: httpAddress.optional(),
});

/** The 1C processing server that is told of payments. */
export const registrationSchema = z.strictObject({
  enabled: z.boolean().default(false),
  /** A server's address without a path means `/ws/pos.1cws` there. */
  url: httpAddress.optional(),
  soap: z.enum(['1.1', '1.2']).default('1.1'),
  /** Of the web service: its parameters are named in it. */
  namespace: z.string().min(1).max(200).default('http://www.stampsoft.ru/pos'),
  /** Of the XDTO package with `order` and `orderitem`. */
  orderNamespace: z.string().min(1).max(200).default('http://www.stampsoft.ru/pos'),
  /** What the package calls the price of an order's line. */
  priceElement: z.enum(['cost', 'price']).default('cost'),
  /** As 1C names it, unless given. */
  soapAction: z.string().max(300).optional(),
  /** Empty = no authentication. The password is among the secrets. */
  user: z.string().max(128).default(''),
  /** PEM of the authority that signed the server's certificate, where it is not a public one. */
  authority: z.string().max(20_000).optional(),
  timeoutMs: z.int().min(1_000).max(300_000).default(30_000),
  /** Our terminal → its «ID терминала» on the processing server; the same name unless given. */
  terminalIds: z.record(z.string().regex(TERMINAL_ID_PATTERN), z.string().max(128)).default({}),
  /** Refunds, voids and reversals are told too, as negative sums. */
  corrections: z.boolean().default(true),
});
export type RegistrationSettings = z.infer<typeof registrationSchema>;

/** A server that is told of every change of an operation's state. */
export const webhookSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  url: httpAddress,
  /** Only these states; all of them unless given. */
  states: z.array(z.enum(STATES)).min(1).optional(),
  authority: z.string().max(20_000).optional(),
  timeoutMs: z.int().min(1_000).max(60_000).default(10_000),
  disabled: z.boolean().default(false),
});
export type WebhookSettings = z.infer<typeof webhookSchema>;

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

/** A till that speaks nexo, and the terminal that it takes us for. */
export const nexoPairingSchema = z
  .strictObject({
    /** As the till calls itself and its terminal, letter by letter. */
    saleId: z.string().min(1).max(32),
    poiId: z.string().min(1).max(32),
    terminal: z.string().regex(TERMINAL_ID_PATTERN),
    /** IP address that the till calls from; any, where a key is asked for. */
    address: z.union([z.ipv4(), z.ipv6()]).optional(),
    /** Name of the key that the till has to send; its limits hold. */
    key: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .optional(),
    /** `http://host:port` where the till listens, for tills of the default style. */
    callBack: httpAddress.optional(),
    /** What an unfinished transaction is called: by Swedbank’s terminals, or by the standard. */
    unfinished: z.enum(['Busy', 'InProgress']).default('Busy'),
  })
  .refine(
    ({ address, key }) => address !== undefined || key !== undefined,
    'an address or a key must be given',
  );
export type NexoPairing = z.infer<typeof nexoPairingSchema>;

/** nexo: the port that terminals call, and the one on which we are a terminal ourselves. */
export const nexoSchema = z.strictObject({
  /** Opened when a terminal of the default style needs it; null = they cannot call. */
  listenPort: z.int().min(1).max(65_535).nullable().default(11_000),
  facade: z
    .strictObject({
      enabled: z.boolean().default(false),
      port: z.int().min(1).max(65_535).default(11_001),
      pairings: z.array(nexoPairingSchema).max(TERMINALS_MAX).default([]),
    })
    .prefault({}),
});

/** The settlement (Z) that the box starts by itself, once a day of the shop's zone. */
export const settlementSchema = z.strictObject({
  enabled: z.boolean().default(false),
  /** `HH:MM` on the shop's clocks; after the shop closed, before it opens again. */
  at: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
    .default('23:30'),
  /** Null = every terminal that can. */
  terminals: z
    .array(z.string().regex(TERMINAL_ID_PATTERN))
    .min(1)
    .max(TERMINALS_MAX)
    .nullable()
    .default(null),
  /** Each merchant of a terminal gets a settlement of its own, not all of them one. */
  perMerchant: z.boolean().default(false),
});

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
      /** The terminal of requests that name none; without it there must be one terminal only. */
      defaultTerminal: z.string().regex(TERMINAL_ID_PATTERN).optional(),
    })
    .prefault({}),
  /** Simulated terminals may be set up and driven over HTTP: for integrators, never for a shop. */
  certification: z.boolean().default(false),
  terminals: z.array(terminalSchema).max(TERMINALS_MAX).default([]),
  soap: soapSchema.prefault({}),
  registration: registrationSchema.prefault({}),
  nexo: nexoSchema.prefault({}),
  settlement: settlementSchema.prefault({}),
  webhooks: z
    .array(webhookSchema)
    .max(WEBHOOKS_MAX)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'names must differ')
    .default([]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Also the user of HTTP Basic, which cannot have a colon. */
export const keyNameSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

/** Secrets live in a file of their own, mode 0600. */
export const secretsSchema = z.strictObject({
  version: z.literal(1).default(1),
  keys: z
    .array(
      z.strictObject({
        name: keyNameSchema,
        role: z.enum(ROLES),
        limits: keyLimitsSchema.prefault({}),
        /** `scrypt$N$r$p$salt$hash` or, for random secrets of 256 bits, `sha256$hash`. */
        hash: z.string().max(300),
        createdAt: z.int(),
      }),
    )
    .max(API_KEYS_MAX)
    .default([]),
  registration: z.strictObject({ password: z.string().max(256).default('') }).prefault({}),
  /** Name of a webhook → the secret that its messages are signed with. */
  webhooks: z.record(webhookSchema.shape.name, z.string().min(16).max(256)).default({}),
  /** Token that stands in a terminal's options → the value; see terminal-secrets.ts. */
  driverOptions: z
    .record(z.string().regex(/^secret:[0-9a-f]{16}$/), z.string().min(1).max(512))
    .default({}),
});
export type Secrets = z.infer<typeof secretsSchema>;
