// Starting and reading operations.
import { z } from 'zod';
import { knownZone } from '../../domain/days.ts';
import type { Instant, OperationId, TerminalId } from '../../domain/ids.ts';
import { TERMINAL_ID_PATTERN } from '../../domain/ids.ts';
import {
  PAGE_SIZE,
  RETRY_AFTER_SECONDS,
  TEXT_FIELD_MAX,
  WAIT_SECONDS_MAX,
} from '../../domain/limits.ts';
import {
  isFinal,
  KINDS,
  type Operation,
  type OperationKind,
  type OperationState,
  STATES,
} from '../../domain/operation.ts';
import {
  type OperationBody,
  operationBodySchema,
  operationIdSchema,
} from '../../operations/request-schema.ts';
import type { OperationPage, OperationQuery } from '../../ports/ledger.ts';
import { type Problem, problem } from '../errors.ts';
import { namesLanguage } from '../language.ts';
import { invalid, validate } from '../validation.ts';
import { csvOf, type TableForm } from './csv.ts';
import { OPERATION_EXAMPLE, REQUEST_EXAMPLE } from './examples.ts';
import { presentOperation } from './present.ts';
import { type Call, type Content, refusalReply, type Reply, type Route, route } from './route.ts';
import { createBody, nothing, operationPath, wholeNumber } from './schemas.ts';
import type { Services } from './services.ts';

export const waitQuery = z.strictObject({
  wait: wholeNumber(z.int().min(0).max(WAIT_SECONDS_MAX))
    .optional()
    .meta({ description: 'Seconds to hold the answer until the operation is final' }),
});
type WaitQuery = z.infer<typeof waitQuery>;

const instant = z.iso
  .datetime({ offset: true })
  .transform((value): Instant => Date.parse(value))
  .optional();

const listQuery = z.strictObject({
  terminal: z
    .string()
    .regex(TERMINAL_ID_PATTERN)
    .transform((value) => value as TerminalId) // the pattern is the brand
    .optional(),
  state: z.enum(STATES as unknown as [OperationState, ...OperationState[]]).optional(), // a tuple
  kind: z.enum(Object.keys(KINDS) as [OperationKind, ...OperationKind[]]).optional(), // not empty
  reference: z.string().max(TEXT_FIELD_MAX.reference).optional(),
  rrn: z
    .string()
    .regex(/^[0-9A-Za-z]{1,16}$/)
    .optional(),
  from: instant.meta({ description: 'Created at or after' }),
  to: instant.meta({ description: 'Created before' }),
  cursor: z
    .string()
    .regex(/^[\w.~:=-]{1,256}$/)
    .optional(),
  limit: wholeNumber(z.int().min(1).max(PAGE_SIZE.largest)).optional(),
  table: z
    .enum(['codes', 'words'])
    .optional()
    .meta({
      description:
        'Of text/csv. `codes`: the columns by names that stay, comma, minor units, UTC. `words`: in ' +
        'the language of the request, with its separator, decimal sign and the shop’s time. Without ' +
        'it: words where Accept-Language names uk, en or ru, else codes',
    }),
});

const answers = {
  200: { description: 'The operation is final', schema: 'Operation', example: OPERATION_EXAMPLE },
  202: {
    description: 'The operation is not final: ask again',
    schema: 'Operation',
    headers: { 'Retry-After': 'Seconds', Location: 'Where to ask' },
  },
} as const satisfies Record<number, Content>;

const startProblems = [
  'unknown-operation',
  'id-reused',
  'unknown-terminal',
  'unsupported-by-terminal',
  'terminal-unresolved',
  'terminal-busy',
  'ledger-unavailable',
] as const;

export function operationRoutes(services: Services): Route[] {
  return [startRoute(services), createRoute(services), listRoute(services), readRoute(services)];
}

function startRoute(services: Services): Route {
  return route({
    method: 'PUT',
    path: '/v1/operations/{id}',
    name: 'startOperation',
    tag: 'Operations',
    summary: 'Start an operation, or get the one with this id',
    description:
      'The same id with the same body never runs twice: it returns what is stored, for ever. ' +
      'A refusal leaves nothing behind, so the same id may be sent again.',
    access: 'start',
    params: operationPath,
    query: waitQuery,
    body: { schema: operationBodySchema, name: 'OperationRequest', example: REQUEST_EXAMPLE },
    replies: answers,
    problems: startProblems,
    handle: (call) => start(services, call, call.params.id, call.body),
  });
}

function createRoute(services: Services): Route {
  return route({
    method: 'POST',
    path: '/v1/operations',
    name: 'createOperation',
    tag: 'Operations',
    summary: 'The same for clients that cannot PUT: the id is in the body or in a header',
    access: 'start',
    params: nothing,
    query: waitQuery,
    headers: { 'Idempotency-Key': 'The id of the operation, where the body has none' },
    body: {
      schema: createBody,
      name: 'OperationCreate',
      example: { id: OPERATION_EXAMPLE.id, ...REQUEST_EXAMPLE },
    },
    replies: answers,
    problems: startProblems,
    handle: async (call) => {
      const { id: named, ...rest } = call.body;
      const body = validate(operationBodySchema, rest, call.language, 'body');
      if (body.kind === 'refused') return { kind: 'problem', problem: body.problem };
      const id = idOf(named, call.header('Idempotency-Key'));
      return typeof id === 'string'
        ? start(services, call, id, body.value)
        : { kind: 'problem', problem: id };
    },
  });
}

function listRoute(services: Services): Route {
  return route({
    method: 'GET',
    path: '/v1/operations',
    name: 'listOperations',
    tag: 'Operations',
    summary: 'Operations, newest first; with Accept: text/csv all pages as one table',
    access: 'read',
    params: nothing,
    query: listQuery,
    body: null,
    replies: {
      200: {
        description: 'One page; next is the cursor of the following one',
        schema: 'OperationList',
        also: 'csv',
      },
    },
    problems: [],
    handle: (call) => {
      const { table, limit = PAGE_SIZE.default, ...wanted } = call.query;
      const query: OperationQuery = { ...wanted, limit };
      const page = firstPage(services, call, query);
      if (page === null) {
        const fault = { path: 'query.cursor', message: 'not a cursor of this list' };
        return { kind: 'problem', problem: invalid([fault]) };
      }
      if (call.prefers('application/json', 'text/csv') === 'text/csv') {
        return {
          kind: 'stream',
          type: 'text/csv; charset=utf-8',
          chunks: csvOf(services, call.who, query, tableForm(services, call, table)),
          headers: { 'Content-Disposition': 'attachment; filename="operations.csv"' },
        };
      }
      const operations = page.operations.map((operation) =>
        presentOperation(operation, call.language, positionOf(services, operation)),
      );
      return { kind: 'json', status: 200, body: { operations, next: page.next } };
    },
  });
}

/** A program that asks for no language gets the same table whatever the shop's language is. */
function tableForm(
  { settings }: Services,
  { language, header }: Pick<Call<unknown, unknown, unknown>, 'language' | 'header'>,
  asked: 'codes' | 'words' | undefined,
): TableForm {
  const kind = asked ?? (namesLanguage(header('Accept-Language')) ? 'words' : 'codes');
  if (kind === 'codes') return { kind };
  return { kind, language, zone: knownZone(settings.current().shop.timeZone) };
}

/** Null where the cursor is not one of the ledger's: only the ledger can read it. */
function firstPage(
  { gateway }: Services,
  { who }: Pick<Call<unknown, unknown, unknown>, 'who'>,
  query: OperationQuery,
): OperationPage | null {
  try {
    return gateway.list(who, query);
  } catch (error) {
    if (query.cursor !== undefined && error instanceof RangeError) return null;
    throw error;
  }
}

function readRoute(services: Services): Route {
  return route({
    method: 'GET',
    path: '/v1/operations/{id}',
    name: 'readOperation',
    tag: 'Operations',
    summary: 'The operation as it stands, or once it is final',
    access: 'read',
    params: operationPath,
    query: waitQuery,
    body: null,
    replies: answers,
    problems: ['unknown-operation'],
    handle: async (call) => {
      const operation = await hold(services, call, call.params.id, false);
      return operation === null
        ? unknownOperation(call.params.id)
        : operationReply(services, operation, call);
    },
  });
}

async function start(
  services: Services,
  call: Call<unknown, WaitQuery, unknown>,
  id: OperationId,
  body: OperationBody,
): Promise<Reply> {
  const started = await services.gateway.start(call.who, id, body);
  if (started.kind === 'refused') return refusalReply(started.refusal);
  const operation = (await hold(services, call, id, true)) ?? started.operation;
  return operationReply(services, operation, call);
}

function hold(
  { waiting }: Services,
  call: Call<unknown, WaitQuery, unknown>,
  id: OperationId,
  starts: boolean,
): Promise<Operation | null> {
  const { who, gone, hurry } = call;
  return waiting.hold({ who, id, waitSeconds: call.query.wait ?? 0, gone, hurry, starts });
}

/** 200 where it is final; else 202, and when to ask again. A business outcome is no HTTP error. */
export function operationReply(
  services: Services,
  operation: Operation,
  call: Pick<Call<unknown, unknown, unknown>, 'language'>,
): Reply {
  const final = isFinal(operation.state);
  const seconds =
    operation.state === 'unknown' ? RETRY_AFTER_SECONDS.unknown : RETRY_AFTER_SECONDS.open;
  return {
    kind: 'json',
    status: final ? 200 : 202,
    body: presentOperation(operation, call.language, positionOf(services, operation)),
    headers: {
      Location: `/v1/operations/${encodeURIComponent(operation.id)}`,
      ...(final ? {} : { 'Retry-After': String(seconds) }),
    },
  };
}

function positionOf({ gateway }: Services, { id, state }: Operation): number | null {
  return state === 'queued' ? gateway.queuePosition(id) : null;
}

export function unknownOperation(id: OperationId): Reply {
  return { kind: 'problem', problem: problem('unknown-operation', `no operation ${id}`) };
}

/** The id in the body or in `Idempotency-Key` (quoted as in its draft, or bare); both must agree. */
function idOf(named: OperationId | undefined, header: string) {
  if (header === '') return named ?? invalid([{ path: 'id', message: 'id or Idempotency-Key' }]);
  const parsed = operationIdSchema.safeParse(header.replace(/^"(.*)"$/, '$1'));
  if (!parsed.success) return headerFault('1–64 of A-Z a-z 0-9 . _ ~ -');
  return named === undefined || named === parsed.data
    ? parsed.data
    : headerFault('not the id of the body');
}

function headerFault(message: string): Problem {
  return invalid([{ path: 'header.Idempotency-Key', message }]);
}
