// Routes → koa: who asks, what for, and the reply on the wire.
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { Router } from 'koa-router';
import { EVENT_STREAM_BUFFER_BYTES_MAX } from '../../domain/limits.ts';
import { forbidden, may } from '../../operations/access.ts';
import type { Principal } from '../../operations/gateway.ts';
import type { AuditTrail } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Guard } from '../auth.ts';
import { addressOf, isLoopback, type RequestState, sendProblem } from '../context.ts';
import { type Problem, problem } from '../errors.ts';
import { readJsonBody } from '../read-body.ts';
import { WATCHER } from './machines.ts';
import type { EventSink, Headers, RawCall, Reply, Route } from './route.ts';

type Admitted =
  | { kind: 'admitted'; who: Principal }
  | {
      kind: 'refused';
      problem: Problem;
      headers: Readonly<Record<string, string | string[]>>;
    };

export interface Door {
  readonly guard: Guard;
  /** Null where nobody keeps what administrators do. */
  readonly audit: AuditTrail | null;
  readonly clock: Clock;
  readonly log: Log;
}

export function createRouter(routes: readonly Route[], door: Door): Router {
  const { guard, log } = door;
  // Rights hang on paths: `/V1/Operations/` must not be another spelling of `/v1/operations`.
  const router = new Router({ sensitive: true, strict: true });
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    router.register(path, [route.method], async (context: Koa.Context) => {
      const state = context.state as RequestState; // the first middleware sets it
      state.route = `${route.method} ${route.path}`;
      const admitted = await admit(context, route, guard);
      if (admitted.kind === 'refused') {
        context.set(admitted.headers);
        return sendProblem(context, admitted.problem);
      }
      state.key = admitted.who.name;
      const reply = await route.run(callOf(context, admitted.who));
      keep(door, context, admitted.who, reply);
      return send(context, reply, log);
    });
  }
  return router;
}

/** Before the answer: an act that cannot be written down must not look like one that was. */
function keep({ audit, clock }: Door, context: Koa.Context, who: Principal, reply: Reply): void {
  const deed = reply.kind === 'json' || reply.kind === 'empty' ? reply.deed : undefined;
  if (deed === undefined) return;
  const { act, object, before, after } = deed;
  const from = addressOf(context);
  audit?.append({ at: clock.now(), who: `key:${who.name}`, from, act, object, before, after });
}

/** Authenticated, then allowed: before anything of the request is read. */
async function admit(context: Koa.Context, route: Route, guard: Guard): Promise<Admitted> {
  const authorization = context.get('Authorization');
  const address = addressOf(context);
  if (route.access === 'open') return { kind: 'admitted', who: WATCHER };
  if (route.access === 'watch' && authorization === '' && isLoopback(address)) {
    return { kind: 'admitted', who: WATCHER };
  }
  const admission = await guard.admit(authorization, address);
  if (admission.kind === 'refused') return admission;
  const right = route.access === 'watch' ? 'read' : route.access;
  if (may(admission.who, right)) return admission;
  return { kind: 'refused', problem: forbidden(right), headers: {} };
}

function callOf(context: Koa.Context, who: Principal): RawCall {
  const state = context.state as RequestState; // the first middleware sets it
  return {
    who,
    language: state.language,
    params: context['params'] as Record<string, string>, // koa-router sets it
    query: { ...context.query },
    header: (name) => context.get(name),
    prefers: (...types) => context.accepts(...types) || null,
    readBody: () => readJsonBody(context.req),
    gone: state.gone,
    hurry: state.hurry,
  };
}

async function send(context: Koa.Context, reply: Reply, log: Log): Promise<void> {
  const { language } = context.state as RequestState; // as above
  if (reply.kind !== 'events' && reply.kind !== 'nobody') context.set('Cache-Control', 'no-store');
  switch (reply.kind) {
    case 'json':
      context.status = reply.status;
      context.body = JSON.stringify(reply.body);
      context.type = 'application/json; charset=utf-8';
      context.set('Content-Language', language);
      setHeaders(context, reply.headers);
      return;
    case 'text':
      context.status = reply.status;
      context.body = reply.body;
      context.type = reply.type;
      setHeaders(context, reply.headers);
      return;
    case 'stream':
      context.status = 200;
      context.type = reply.type;
      setHeaders(context, reply.headers);
      context.body = Readable.from(reply.chunks);
      return;
    case 'empty':
      context.status = reply.status;
      context.body = null;
      context.status = reply.status;
      return;
    case 'problem':
      sendProblem(context, reply.problem);
      setHeaders(context, reply.headers);
      if (reply.close === true) context.set('Connection', 'close');
      return;
    case 'events':
      return stream(context, reply.run, log);
    case 'nobody':
      context.respond = false;
      context.res.destroy();
  }
}

function setHeaders(context: Koa.Context, headers: Headers | undefined): void {
  if (headers !== undefined) context.set({ ...headers });
}

/** Holds the response until the stream is over, so that a stopping server can wait for it. */
async function stream(
  context: Koa.Context,
  run: (sink: EventSink) => Promise<void>,
  log: Log,
): Promise<void> {
  context.status = 200;
  context.set('Content-Type', 'text/event-stream; charset=utf-8');
  context.set('Cache-Control', 'no-store');
  // Proxies that collect a response before they pass it on would hold the events back.
  context.set('X-Accel-Buffering', 'no');
  if (context.method === 'HEAD') {
    context.body = null;
    context.status = 200;
    return;
  }
  context.respond = false;
  context.res.flushHeaders();
  const sink = sinkOf(context.res);
  try {
    await run(sink);
  } catch (error) {
    log.error('event-stream-failed', {}, error);
  } finally {
    sink.end();
  }
}

function sinkOf(response: ServerResponse): EventSink {
  let over = false;
  const closed = new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.once('finish', resolve);
  });
  const end = (): void => {
    if (over) return;
    over = true;
    response.end();
  };
  return {
    closed,
    end,
    send: (text) => {
      if (over || response.destroyed) return false;
      if (response.writableLength > EVENT_STREAM_BUFFER_BYTES_MAX) {
        // A client that does not read would fill our memory; it resumes where it was.
        over = true;
        response.destroy();
        return false;
      }
      response.write(text);
      return true;
    },
  };
}

/** 404 and 405 of the paths that belong to the API, as problem documents. */
export function unknownPaths(router: Router, prefix: string): Koa.Middleware {
  return async (context, next) => {
    const { path, route } = router.match(context.path, context.method);
    if (route) return next();
    const allowed = [...new Set(path.flatMap(({ methods }) => methods))].join(', ');
    if (allowed !== '') {
      context.set('Allow', allowed);
      if (context.method === 'OPTIONS') context.status = 204;
      else sendProblem(context, problem('method-not-allowed', `this address takes ${allowed}`));
      return;
    }
    if (context.path !== prefix && !context.path.startsWith(`${prefix}/`)) return next();
    sendProblem(context, problem('unknown-path', 'nothing is at this address; see /docs'));
  };
}
