// OpenAPI 3.1, made from the same table and schemas that serve the requests.
import { z } from 'zod';
import { PROBLEM_CODES, type ProblemCode, problem, problemDocument, statusOf } from '../errors.ts';
import type { Access, Content, RouteInfo } from './route.ts';
import { SCHEMAS, type SchemaName } from './schemas.ts';

/** The part of JSON Schema (2020-12) that our schemas become. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean | null;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly description?: string;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiContent {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface OpenApiReply {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, OpenApiContent>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, OpenApiContent>>;
  };
  readonly responses: Readonly<Record<string, OpenApiReply>>;
  /** Who may: roles of keys. */
  readonly 'x-access': Access;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary: string;
    readonly description: string;
    readonly license: Readonly<Record<string, string>>;
  };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

const CSV: OpenApiContent = { schema: { type: 'string' } };

export function openApiOf(routes: readonly RouteInfo[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const info of routes) {
    const methods = (paths[info.path] ??= {});
    methods[info.method.toLowerCase()] = operationOf(info);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tillgate',
      version,
      summary: 'Payments between tills and bank card terminals',
      description:
        'JSON in UTF-8. Amounts are integers of minor units. Times are RFC 3339 in UTC. ' +
        'Texts for people follow Accept-Language (uk, en, ru). An operation that ended badly for ' +
        'the customer is not an HTTP error: read its state.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        (Object.keys(SCHEMAS) as SchemaName[]).map((name) => [name, componentOf(name)]), // own keys
      ),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'The key' },
        nameAndKey: { type: 'http', scheme: 'basic', description: 'Name of the key, and the key' },
      },
    },
  };
}

function operationOf(info: RouteInfo): OpenApiOperation {
  const { body } = info;
  return {
    operationId: info.name,
    tags: [info.tag],
    summary: info.summary,
    ...(info.description === undefined ? {} : { description: info.description }),
    security: securityOf(info.access),
    parameters: [
      ...parametersOf(info.params, 'path'),
      ...parametersOf(info.query, 'query'),
      ...Object.entries(info.headers ?? {}).map(([name, description]) => ({
        name,
        in: 'header' as const,
        required: false,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: true as const,
            content: { 'application/json': { schema: ref(body.name), example: body.example } },
          },
        }),
    responses: { ...repliesOf(info), ...problemsOf(info) },
    'x-access': info.access,
  };
}

function securityOf(access: Access): OpenApiOperation['security'] {
  if (access === 'open') return [];
  const keys = [{ key: [] }, { nameAndKey: [] }];
  return access === 'watch' ? [...keys, {}] : keys;
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): OpenApiParameter[] {
  const { properties, required } = jsonSchemaOf(schema, true);
  return Object.entries(properties ?? {}).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || (required?.includes(name) ?? false),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function repliesOf({ replies }: RouteInfo): Record<string, OpenApiReply> {
  const entries = Object.entries(replies).map(([status, content]): [string, OpenApiReply] => [
    status,
    {
      description: content.description,
      ...(content.headers === undefined ? {} : { headers: headersOf(content.headers) }),
      ...(content.schema === null ? {} : { content: contentOf(content) }),
    },
  ]);
  return Object.fromEntries(entries);
}

function headersOf(headers: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  );
}

function contentOf(content: Content): Record<string, OpenApiContent> {
  switch (content.schema) {
    case null:
      return {};
    case 'text':
      return { 'text/plain': { schema: { type: 'string' } } };
    case 'csv':
      return { 'text/csv': CSV };
    case 'events':
      return { 'text/event-stream': { schema: { type: 'string' } } };
    default:
      return {
        'application/json': {
          schema: ref(content.schema),
          ...(content.example === undefined ? {} : { example: content.example }),
        },
        ...(content.also === 'csv' ? { 'text/csv': CSV } : {}),
      };
  }
}

/** One response a status, with each of its codes as an example. */
function problemsOf(info: RouteInfo): Record<string, OpenApiReply> {
  const codes = problemCodesOf(info);
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status): [string, OpenApiReply] => {
      const own = codes.filter((code) => statusOf(code) === status);
      const examples = own.map((code) => [
        code,
        { value: problemDocument(problem(code, 'what was wrong, for the programmer'), 'en') },
      ]);
      const content = { schema: ref('Problem'), examples: Object.fromEntries(examples) };
      return [
        String(status),
        { description: own.join(' · '), content: { 'application/problem+json': content } },
      ];
    }),
  );
}

/** What the route itself may refuse, and what every route of its kind may. */
export function problemCodesOf(info: RouteInfo): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>(info.problems);
  if (info.access !== 'open') {
    for (const code of ['unauthenticated', 'too-many-requests', 'forbidden'] as const)
      codes.add(code);
  }
  codes.add('invalid-request').add('internal-error');
  if (info.body !== null) codes.add('too-large').add('unsupported-media-type');
  return PROBLEM_CODES.filter((code) => codes.has(code));
}

function componentOf(name: SchemaName): JsonSchema {
  const { takes, schema } = SCHEMAS[name];
  if (name !== 'OperationCreate') return jsonSchemaOf(schema, takes);
  const id = jsonSchemaOf(schema, takes).properties?.['id'] ?? {};
  const whole = jsonSchemaOf(SCHEMAS.OperationRequest.schema, true);
  const variants = whole.oneOf ?? [];
  return {
    oneOf: variants.map((one) => ({ ...one, properties: { id, ...one.properties } })),
  };
}

export function jsonSchemaOf(schema: z.ZodType, takes: boolean): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: takes ? 'input' : 'output',
    target: 'draft-2020-12',
    // A time's whole grammar as a pattern helps nobody; its format says the same.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return rest as JsonSchema; // our schemas become no other keywords; a test holds that
}

function ref(name: SchemaName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
