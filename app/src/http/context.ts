// What every request carries through the middleware.
import type { Context } from 'koa';
import type { Clock } from '../ports/clock.ts';
import type { Language, Settings } from '../operations/settings-schema.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { Log } from '../ports/log.ts';
import type { Guard } from './auth.ts';
import { type Problem, problemDocument, statusOf } from './errors.ts';

export interface RequestState {
  language: Language;
  /** In the log and in `X-Request-Id`. */
  requestId: string;
  /** Name of the key, once it is known. */
  key: string | null;
  /** The route's path, for the log. */
  route: string | null;
  /** Aborts when the client's connection is gone. */
  gone: AbortSignal;
  /** Aborts when the client is gone or the server stops. */
  hurry: AbortSignal;
}

/** What a façade that is mounted beside the API may use. */
export interface HttpShared {
  readonly guard: Guard;
  readonly settings: SettingsStore<Settings>;
  readonly clock: Clock;
  readonly log: Log;
  /** For uploads: bodies may take long from now on, until what it returns is called. */
  readonly holdBodyTimeout: () => () => void;
}

/** Sends a problem document in the language of the request. */
export function sendProblem(context: Context, from: Problem): void {
  const { language } = context.state as RequestState; // the first middleware sets it
  context.status = statusOf(from.code);
  context.body = JSON.stringify(problemDocument(from, language));
  context.type = 'application/problem+json; charset=utf-8';
  context.set('Content-Language', language);
  context.set('Cache-Control', 'no-store');
}

/** The address that a budget of failures belongs to. */
export function addressOf(context: Context): string {
  return context.req.socket.remoteAddress ?? 'unknown';
}

export function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address);
}
