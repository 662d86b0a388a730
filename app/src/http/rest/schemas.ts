// What the API answers and takes, as schemas with names: types, OpenAPI and tests come from them.
import { z } from 'zod';
import { MESSAGES, type MessageCode } from '../../domain/failures.ts';
import { TERMINAL_ID_PATTERN } from '../../domain/ids.ts';
import { TEXT_FIELD_MAX } from '../../domain/limits.ts';
import { AMOUNT_MAX, CURRENCIES, type Currency } from '../../domain/money.ts';
import {
  FINAL_STATES,
  KINDS,
  type OperationKind,
  type OperationState,
  STATES,
} from '../../domain/operation.ts';
import { operationBodySchema, operationIdSchema } from '../../operations/request-schema.ts';
import { settingsPatchSchema, settingsViewSchema } from '../../operations/settings-patch.ts';
import { terminalSchema } from '../../operations/settings-schema.ts';
import { PROBLEM_CODES, type ProblemCode } from '../errors.ts';
import { keyMade, keyView, newKeyBody } from './key-schemas.ts';
import { registrationTestBody, registrationTested } from './registration-schemas.ts';
import {
  cardBody,
  faultBody,
  pinBody,
  powerCutBody,
  simulatorSettingsBody,
  simulatorView,
  standaloneSaleBody,
} from './simulator-schemas.ts';

const keysOf = <K extends string>(table: Record<K, unknown>): [K, ...K[]] =>
  Object.keys(table) as [K, ...K[]]; // our tables are not empty
const text = z.string().nullable();
const time = z.iso.datetime().meta({ description: 'RFC 3339 in UTC' });
const timeOrNull = time.nullable();
const money = z.int().min(0).max(AMOUNT_MAX).meta({ description: 'Minor units (kopecks)' });
const moneyOrNull = money.nullable();

const result = z.object({
  rrn: text,
  authCode: text,
  invoice: text,
  batch: text,
  responseCode: text,
  card: z.object({ mask: text, brand: text, issuer: text, entry: text }).nullable(),
  acquirer: text,
  merchantId: text,
  terminalId: text,
  terminalTime: text.meta({ description: "The terminal's own local time, without a zone" }),
  signatureRequired: z.boolean().nullable(),
  receipt: z.object({ merchant: text, customer: text }).nullable(),
  agreement: text,
  extra: z.record(z.string(), z.string()),
});

const question = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('adjust'),
    askedAt: time,
    deadline: time,
    loyalty: text,
    cardMask: text,
    entry: text,
  }),
  z.object({ kind: z.literal('confirm'), askedAt: time, deadline: time, text: z.string() }),
]);

const resolution = z.discriminatedUnion('by', [
  z.object({ by: z.literal('evidence'), at: time }),
  z.object({
    by: z.literal('person'),
    at: time,
    name: z.string(),
    reason: z.string(),
    key: z.string(),
  }),
  z.object({ by: z.literal('operation'), at: time, operation: z.string() }),
]);

const evidence = z.object({
  at: time,
  decided: z.boolean(),
  code: z.enum(keysOf(MESSAGES)),
  watermark: z
    .object({
      readAt: time,
      terminalId: text,
      batch: text,
      lastInvoice: text,
      clockSkewMs: z.number().nullable(),
    })
    .nullable(),
  facts: z.object({
    readAt: time,
    idle: z.boolean(),
    terminalId: text,
    batch: text,
    lastInvoice: text,
    complete: z.boolean(),
  }),
  entries: z.array(
    z.object({
      invoice: text,
      status: z.string(),
      matches: z.boolean(),
      fields: z.array(
        z.object({
          field: z.string(),
          ours: text,
          theirs: text,
          verdict: z.enum(['equal', 'different', 'not-compared']),
        }),
      ),
    }),
  ),
});

const message = z.object({
  code: z.enum(keysOf<MessageCode>(MESSAGES)),
  text: z.string().meta({ description: 'For the cashier, by Accept-Language' }),
  remedy: text.meta({ description: 'What to do about it' }),
  terminalText: text.meta({ description: "The terminal's own words" }),
});

export const operationView = z.object({
  id: z.string(),
  kind: z.enum(keysOf<OperationKind>(KINDS)),
  terminal: z.string(),
  state: z.enum(STATES as unknown as [OperationState, ...OperationState[]]), // a tuple of them
  final: z.boolean(),
  amount: moneyOrNull,
  approvedAmount: moneyOrNull,
  discount: moneyOrNull,
  bonus: moneyOrNull,
  currency: z.enum(keysOf<Currency>(CURRENCIES)),
  merchant: z.int().nullable(),
  createdAt: time,
  startedAt: timeOrNull,
  finishedAt: timeOrNull,
  cancelRequestedAt: timeOrNull,
  reference: text,
  cashier: text,
  askedBy: z.string().meta({ description: 'Name of the key that started it' }),
  request: z
    .record(z.string(), z.unknown())
    .meta({ description: "The kind's own fields, as the till sent them" }),
  order: z
    .array(z.object({ id: z.string(), name: z.string(), count: z.number(), cost: z.int() }))
    .nullable(),
  adjusted: z.object({ amount: money, discount: money }).nullable(),
  queuePosition: z.int().min(1).nullable(),
  question: question.nullable(),
  result: result.nullable(),
  message,
  resolution: resolution.nullable(),
  evidence: evidence.nullable(),
});
export type OperationView = z.infer<typeof operationView>;

const displayEvent = z.object({ at: time, status: z.string(), text: z.string() });
const operationEvent = z.object({
  at: time,
  event: z.string().meta({ description: 'What happened, e.g. started, asked, concluded' }),
  state: operationView.shape.state,
  final: z.boolean(),
  message,
  question: question.nullable(),
  operation: operationView.nullable().meta({ description: 'The whole operation, once final' }),
});
export type OperationEventView = z.infer<typeof operationEvent>;

export const terminalView = z.object({
  id: z.string(),
  name: z.string(),
  driver: z.string(),
  link: z.enum(['connecting', 'ready', 'busy', 'unresolved', 'offline', 'disabled']),
  since: time,
  reason: text,
  current: text.meta({ description: 'The operation that holds the terminal' }),
  unresolved: text.meta({ description: 'The operation that closes the gate' }),
  queued: z.int().min(0),
  currency: z.enum(keysOf<Currency>(CURRENCIES)),
  defaultMerchant: z.int(),
  merchants: z.array(
    z.object({ index: z.int(), name: z.string(), taxCode: z.string(), terminalId: text }),
  ),
  capabilities: z.object({
    kinds: z.array(z.enum(keysOf<OperationKind>(KINDS))),
    instalments: z.array(z.string()),
    services: z.array(z.string()),
    cancel: z.boolean(),
    adjust: z.boolean(),
  }),
  lastSeen: timeOrNull,
  clockSkewMs: z.number().nullable(),
  vendor: text,
  model: text,
  firmware: text,
  terminalId: text,
  settings: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'As PUT takes them; for administrators only' }),
});
export type TerminalViewBody = z.infer<typeof terminalView>;

const faultsOfFields = z.array(z.object({ path: z.string(), message: z.string() }));

export const terminalBody = terminalSchema.extend({ id: terminalSchema.shape.id.optional() });
export const adjustBody = z.strictObject({ amount: money, discount: money.default(0) });
export const answerBody = z.strictObject({ confirmed: z.boolean() });
export const resolveBody = z.strictObject({
  verdict: z.enum(FINAL_STATES),
  name: z.string().trim().min(1).max(TEXT_FIELD_MAX.name),
  reason: z.string().trim().min(1).max(TEXT_FIELD_MAX.reason),
  amount: money
    .optional()
    .meta({ description: 'What was really taken, where the slip shows another sum' }),
});

export const outboxItemView = z.object({
  id: z.int(),
  topic: z.enum(['registration', 'webhook']),
  lane: z.string().meta({ description: 'Messages of one lane are delivered in order' }),
  operation: z.string(),
  state: z.enum(['waiting', 'parked', 'delivered']),
  attempts: z.int(),
  createdAt: time,
  nextAt: timeOrNull.meta({ description: 'When a waiting message is tried again' }),
  lastError: text.meta({ description: 'What the receiver said the last time' }),
  payload: z.unknown(),
});
export type OutboxItemView = Omit<z.infer<typeof outboxItemView>, 'topic'> & { topic: string };

export const registrationProbeBody = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
  user: z.string().max(128).optional(),
  password: z.string().max(256).optional(),
  authority: z.string().max(20_000).optional().meta({ description: 'PEM of a private authority' }),
});

const nexoPort = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('off') }),
  z.object({ kind: z.literal('idle'), port: z.int() }),
  z.object({ kind: z.literal('open'), port: z.int() }),
  z.object({ kind: z.literal('failed'), port: z.int(), reason: z.string() }),
]);

/** POST takes the id in the body too; the rest is checked as for PUT. */
export const createBody = z.looseObject({ id: operationIdSchema.optional() });

/** Every schema of the document. `takes`: the shape of what is sent, else of what is answered. */
export const SCHEMAS = {
  OperationRequest: { takes: true, schema: operationBodySchema },
  OperationCreate: { takes: true, schema: createBody },
  Adjustment: { takes: true, schema: adjustBody },
  Confirmation: { takes: true, schema: answerBody },
  Verdict: { takes: true, schema: resolveBody },
  TerminalSettings: { takes: true, schema: terminalBody },
  SimulatorFault: { takes: true, schema: faultBody },
  SimulatorCard: { takes: true, schema: cardBody },
  SimulatorPin: { takes: true, schema: pinBody },
  StandaloneSale: { takes: true, schema: standaloneSaleBody },
  PowerCut: { takes: true, schema: powerCutBody },
  SimulatorSettings: { takes: true, schema: simulatorSettingsBody },
  SettingsPatch: { takes: true, schema: settingsPatchSchema },
  NewKey: { takes: true, schema: newKeyBody },
  RegistrationTest: { takes: true, schema: registrationTestBody },
  RegistrationProbe: { takes: true, schema: registrationProbeBody },
  Operation: { takes: false, schema: operationView },
  OperationList: {
    takes: false,
    schema: z.object({
      operations: z.array(operationView),
      next: text.meta({ description: 'The cursor of the next page; null on the last' }),
    }),
  },
  DisplayEvent: { takes: false, schema: displayEvent },
  OperationEvent: { takes: false, schema: operationEvent },
  Terminal: { takes: false, schema: terminalView },
  TerminalList: { takes: false, schema: z.object({ terminals: z.array(terminalView) }) },
  TerminalTest: {
    takes: false,
    schema: z.object({
      ok: z.boolean(),
      steps: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    }),
  },
  Simulator: { takes: false, schema: simulatorView },
  SimulatorList: {
    takes: false,
    schema: z.object({
      simulators: z.array(simulatorView),
      faults: z.array(z.object({ name: z.string(), description: z.string() })),
      cards: z.array(z.object({ name: z.string(), description: z.string() })),
    }),
  },
  Nexo: {
    takes: false,
    schema: z.object({
      listener: nexoPort.meta({ description: 'The port that terminals call' }),
      facade: nexoPort.meta({ description: 'The port on which tills take us for a terminal' }),
      tills: z.array(
        z.object({ saleId: z.string(), poiId: z.string(), style: z.enum(['default', 'light']) }),
      ),
      announced: z.array(z.object({ terminal: z.string(), address: z.string() })).meta({
        description: 'Terminals that say that they have moved; nobody has agreed yet',
      }),
    }),
  },
  Health: {
    takes: false,
    schema: z.object({
      ok: z.boolean(),
      parts: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: text })),
    }),
  },
  Settings: { takes: false, schema: settingsViewSchema },
  Key: { takes: false, schema: keyView },
  KeyMade: { takes: false, schema: keyMade },
  KeyList: { takes: false, schema: z.object({ keys: z.array(keyView) }) },
  OutboxList: {
    takes: false,
    schema: z.object({
      items: z.array(outboxItemView),
      counts: z.array(z.object({ topic: z.string(), state: z.string(), count: z.int() })),
    }),
  },
  Replay: { takes: false, schema: z.object({ id: z.int(), state: z.literal('waiting') }) },
  RegistrationTested: { takes: false, schema: registrationTested },
  ProbedService: {
    takes: false,
    schema: z.object({
      ok: z.boolean(),
      url: z.string(),
      detail: z.string().optional().meta({ description: 'Why there is no service' }),
      namespace: z.string().optional(),
      orderNamespace: text.optional(),
      priceElement: z.enum(['cost', 'price']).nullable().optional(),
      ports: z
        .array(
          z.object({
            name: z.string(),
            soap: z.enum(['1.1', '1.2']),
            address: z.string(),
            soapAction: z.string(),
          }),
        )
        .optional(),
      parameters: z.array(z.string()).optional(),
      problems: z.array(z.string()).optional(),
    }),
  },
  OpenApi: { takes: false, schema: z.looseObject({ openapi: z.string() }) },
  Problem: {
    takes: false,
    schema: z.looseObject({
      type: z.string(),
      title: z.string().meta({ description: 'For people, by Accept-Language' }),
      status: z.int().min(400).max(599),
      detail: z.string().meta({ description: 'For the programmer at the till, in English' }),
      code: z.enum(PROBLEM_CODES as [ProblemCode, ...ProblemCode[]]), // the table is not empty
      remedy: text,
      errors: faultsOfFields.optional().meta({ description: 'Each field that is not valid' }),
    }),
  },
} as const satisfies Record<string, { takes: boolean; schema: z.ZodType }>;
export type SchemaName = keyof typeof SCHEMAS;

export const operationPath = z.strictObject({ id: operationIdSchema });
export const terminalPath = z.strictObject({
  id: z
    .string()
    .regex(TERMINAL_ID_PATTERN)
    .meta({ description: '1–32 of a-z 0-9 -, beginning with a letter or digit' }),
});
export const nothing = z.strictObject({});

/** Digits of a query as a number, so that a schema of integers can judge it. */
export function wholeNumber<T extends z.ZodType>(schema: T) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    schema,
  );
}
