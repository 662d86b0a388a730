// The OpenAPI document as a page: the same facts, in an order for people.
import { MESSAGES, type MessageCode } from '../../domain/failures.ts';
import { textOf } from '../../domain/texts/index.ts';
import { ROLE_WORDS } from '../../domain/texts/states.ts';
import { may } from '../../operations/access.ts';
import { type Language, ROLES } from '../../operations/settings-schema.ts';
import { PROBLEM_CODES, statusOf, titleOf } from '../errors.ts';
import type { Access } from '../rest/route.ts';
import type {
  JsonSchema,
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
} from '../rest/openapi.ts';

export interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly meaning: string;
}

export interface Variant {
  readonly name: string;
  readonly fields: readonly FieldRow[];
}

interface Described {
  readonly fields: readonly FieldRow[];
  readonly variants: readonly Variant[];
}

export interface DocsModel {
  readonly version: string;
  readonly description: string;
  readonly tags: readonly {
    readonly name: string;
    readonly operations: readonly ReturnType<typeof operationModel>[];
  }[];
  readonly schemas: readonly (Described & { readonly name: string })[];
  readonly problems: readonly {
    readonly code: string;
    readonly status: number;
    readonly text: string;
    readonly remedy: string;
  }[];
  readonly messages: readonly {
    readonly code: string;
    readonly text: string;
    readonly remedy: string;
  }[];
}

export function docsModel(document: OpenApiDocument, language: Language): DocsModel {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      operationModel(path, method, operation, language),
    ),
  );
  return {
    version: document.info.version,
    description: document.info.description,
    tags: document.tags.map(({ name }) => ({
      name,
      operations: operations.filter(({ tag }) => tag === name),
    })),
    schemas: Object.entries(document.components.schemas).map(([name, schema]) => ({
      name,
      ...describe(schema),
    })),
    problems: PROBLEM_CODES.map((code) => {
      const { title, remedy } = titleOf(code, language);
      return { code, status: statusOf(code), text: title, remedy: remedy ?? '' };
    }),
    messages: (Object.keys(MESSAGES) as MessageCode[]) // the keys of the closed table
      .filter((code) => MESSAGES[code].http === null)
      .map((code) => {
        const { text, remedy } = textOf(code, language);
        return { code, text, remedy: remedy ?? '' };
      }),
  };
}

/** Roles by name; everybody, or everybody on the box itself, by a word of the page. */
function accessModel(access: Access, language: Language) {
  const right = access === 'watch' || access === 'open' ? 'read' : access;
  const limits = { terminals: null, kinds: null, amountMax: null };
  const roles = ROLES.filter((role) => may({ name: '', role, limits }, right));
  return {
    open: access === 'open',
    local: access === 'watch',
    roles: roles.map((role) => ROLE_WORDS[language][role]).join(', '),
  };
}

function operationModel(
  path: string,
  method: string,
  operation: OpenApiOperation,
  language: Language,
) {
  const body = operation.requestBody?.content['application/json'];
  const replies = Object.entries(operation.responses).map(([status, reply]) => ({
    status,
    description: reply.description,
    types: Object.entries(reply.content ?? {}).map(([type, content]) => ({
      type,
      schema: schemaName(content.schema),
    })),
  }));
  return {
    id: operation.operationId,
    tag: operation.tags[0] ?? '',
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description ?? '',
    access: accessModel(operation['x-access'], language),
    parameters: operation.parameters.map((parameter) => ({
      name: parameter.name,
      place: parameter.in,
      required: parameter.required,
      type: typeText(parameter.schema),
      meaning: parameter.description ?? '',
    })),
    body: body === undefined ? null : { schema: schemaName(body.schema), example: jsonText(body) },
    answers: replies.filter(({ status }) => status < '400' || path === '/health'),
    refusals: replies
      .filter(({ status }) => status >= '400' && path !== '/health')
      .map(({ status, description }) => ({ status, codes: description.split(' · ') })),
    example: exampleOf(operation),
  };
}

function exampleOf(operation: OpenApiOperation): string | null {
  for (const status of ['200', '201']) {
    const content = operation.responses[status]?.content?.['application/json'];
    if (content?.example !== undefined) return jsonText(content);
  }
  return null;
}

function jsonText({ example }: OpenApiContent): string {
  return JSON.stringify(example, null, 2);
}

function schemaName(schema: JsonSchema): string | null {
  return schema.$ref?.split('/').at(-1) ?? null;
}

/** A union becomes the fields that all of its variants share, and the rest of each. */
function describe(schema: JsonSchema): Described {
  const union = unionOf(schema);
  if (union === null) return { fields: rowsOf(schema, ''), variants: [] };
  const all = union.map((variant) => ({ name: variantName(variant), rows: rowsOf(variant, '') }));
  const typesOf = (name: string): Set<string> =>
    new Set(all.map(({ rows }) => rows.find((row) => row.name === name)?.type ?? ''));
  const shared = (row: FieldRow): boolean => !typesOf(row.name).has('');
  return {
    fields: (all[0]?.rows ?? [])
      .filter((row) => shared(row))
      // What names the variant has another value in each; the variants are listed below.
      .map((row) => (typesOf(row.name).size > 1 ? { ...row, type: 'string' } : row)),
    variants: all.map(({ name, rows }) => ({ name, fields: rows.filter((row) => !shared(row)) })),
  };
}

function unionOf(schema: JsonSchema): readonly JsonSchema[] | null {
  return schema.oneOf ?? schema.anyOf ?? null;
}

function variantName({ properties }: JsonSchema): string {
  return String(properties?.['kind']?.const ?? '');
}

function rowsOf(schema: JsonSchema, prefix: string): FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const inner = withoutNull(property);
    const full = `${prefix}${name}`;
    const row = {
      name: full,
      type: typeText(property),
      required: schema.required?.includes(name) ?? false,
      meaning: property.description ?? inner.description ?? '',
    };
    const items = withoutNull(inner.items ?? {});
    return [row, ...rowsOf(inner, `${full}.`), ...rowsOf(items, `${full}[].`)];
  });
}

function withoutNull(schema: JsonSchema): JsonSchema {
  const rest = unionOf(schema)?.filter(({ type }) => type !== 'null');
  return rest?.length === 1 ? (rest[0] ?? schema) : schema;
}

function typeText(schema: JsonSchema): string {
  const union = unionOf(schema);
  if (union !== null) return [...new Set(union.map((member) => typeText(member)))].join(' | ');
  if (schema.enum !== undefined) return enumText(schema.enum);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [schema.type ?? 'any'].flat().join(' | ');
  if (type === 'array') return `${typeText(schema.items ?? {})}[]`;
  const format = schema.format === 'date-time' ? '(RFC 3339)' : '';
  return [type, format, boundsText(schema)].filter((part) => part !== '').join(' ');
}

/** Long lists are told in the tables below the structures. */
function enumText(values: readonly unknown[]): string {
  return values.length > 24 ? 'string (code)' : values.map(String).join(' | ');
}

function boundsText({ minimum, maximum, minLength, maxLength, pattern }: JsonSchema): string {
  // Bounds of safe integers are those of JSON itself.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (most !== undefined) return `${least ?? ''}…${most}`;
  if (least !== undefined) return `≥ ${least}`;
  if (pattern !== undefined) return pattern;
  return maxLength === undefined ? '' : `${minLength ?? 0}…${maxLength}`;
}
