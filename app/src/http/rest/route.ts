// One route of the API as data: the router, the OpenAPI document and the docs are made from it.
import type { z } from 'zod';
import type { Refusal } from '../../domain/failures.ts';
import type { Right } from '../../operations/access.ts';
import type { Principal } from '../../operations/gateway.ts';
import type { Language } from '../../operations/settings-schema.ts';
import type { Deed } from '../../ports/audit.ts';
import type { Problem, ProblemCode } from '../errors.ts';
import type { BodyRead } from '../read-body.ts';
import { validate } from '../validation.ts';
import type { SchemaName } from './schemas.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** `open`: no key. `watch`: a key that may read, or no key from this machine itself. */
export type Access = Right | 'open' | 'watch';

export type Headers = Readonly<Record<string, string>>;

export interface EventSink {
  /** False where the client does not read fast enough and the stream was ended. */
  send(text: string): boolean;
  end(): void;
  /** Resolves when the stream is over, whoever ended it. */
  readonly closed: Promise<void>;
}

/** `deed`: what an administrator did by it, for the audit chain. */
export type Reply =
  | { kind: 'json'; status: number; body: unknown; headers?: Headers; deed?: Deed }
  | { kind: 'text'; status: number; type: string; body: string; headers?: Headers }
  | { kind: 'stream'; type: string; chunks: AsyncIterable<string>; headers?: Headers }
  | { kind: 'events'; run: (sink: EventSink) => Promise<void> }
  | { kind: 'empty'; status: number; deed?: Deed }
  | { kind: 'problem'; problem: Problem; headers?: Headers; close?: boolean }
  /** The client went away; nobody is there to answer. */
  | { kind: 'nobody' };

/** What HTTP knows of a request, before it is validated. */
export interface RawCall {
  readonly who: Principal;
  readonly language: Language;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly header: (name: string) => string;
  /** The best of these media types for the client, or null. */
  readonly prefers: (...types: string[]) => string | null;
  readonly readBody: () => Promise<BodyRead>;
  /** Aborts when the client's connection is gone. */
  readonly gone: AbortSignal;
  /** Aborts when the client is gone or the server stops. */
  readonly hurry: AbortSignal;
}

export interface Call<P, Q, B> extends Omit<RawCall, 'params' | 'query' | 'readBody'> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

export interface Content {
  readonly description: string;
  /** Null where the answer has no body. */
  readonly schema: SchemaName | 'text' | 'csv' | 'events' | null;
  readonly example?: unknown;
  /** Other media types of the same answer. */
  readonly also?: 'csv';
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteInfo {
  readonly method: Method;
  /** As in OpenAPI: `/v1/operations/{id}`. */
  readonly path: string;
  /** `operationId` of the document. */
  readonly name: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request's body by name; `schema` may be wider where the handler checks the rest. */
  readonly body: { readonly schema: z.ZodType; readonly name: SchemaName; example: unknown } | null;
  readonly replies: Readonly<Record<number, Content>>;
  /** Besides those that every route of its access has. */
  readonly problems: readonly ProblemCode[];
}

export interface Route extends RouteInfo {
  readonly run: (call: RawCall) => Promise<Reply>;
}

export interface RouteSpec<P, Q, B> extends RouteInfo {
  readonly params: z.ZodType<P>;
  readonly query: z.ZodType<Q>;
  readonly body: {
    readonly schema: z.ZodType<B>;
    readonly name: SchemaName;
    example: unknown;
  } | null;
  readonly handle: (call: Call<P, Q, B>) => Promise<Reply> | Reply;
}

/** Binds the schemas of a route to its handler: nothing reaches the handler unvalidated. */
export function route<P, Q, B = null>(spec: RouteSpec<P, Q, B>): Route {
  const { handle, ...info } = spec;
  const run = async (raw: RawCall): Promise<Reply> => {
    const params = validate(spec.params, raw.params, raw.language, 'path');
    if (params.kind === 'refused') return said(params);
    const query = validate(spec.query, raw.query, raw.language, 'query');
    if (query.kind === 'refused') return said(query);
    const call = { ...raw, params: params.value, query: query.value };
    // Without a schema the body is not read at all, and its type is null.
    if (spec.body === null) return handle({ ...call, body: null as B });
    const read = await raw.readBody();
    if (read.kind === 'gone') return nobody;
    if (read.kind === 'refused') {
      return { kind: 'problem', problem: read.problem, close: read.close };
    }
    const body = validate(spec.body.schema, read.value, raw.language, 'body');
    if (body.kind === 'refused') return said(body);
    return handle({ ...call, body: body.value });
  };
  return { ...info, run };
}

const nobody: Reply = { kind: 'nobody' };

function said(refused: { problem: Problem }): Reply {
  return { kind: 'problem', problem: refused.problem };
}

export function refusalReply(refusal: Refusal, headers: Headers = {}): Reply {
  return { kind: 'problem', problem: refusal, headers };
}
