// Tills that run in a browser: a list of origins, empty by default.
import type { Middleware } from 'koa';
import { type Problem, problem } from './errors.ts';

const METHODS = 'GET, HEAD, PUT, POST, PATCH, DELETE';
const HEADERS =
  'Authorization, Content-Type, Idempotency-Key, Accept, Accept-Language, Last-Event-ID';
const EXPOSED = 'Location, Retry-After, X-Request-Id, WWW-Authenticate';
/** Short, so that an origin that is taken off the list stops working soon. */
const PREFLIGHT_SECONDS = '600';

/**
 * Answers preflights (also Chrome's for private networks), and refuses changes that a page of
 * another origin sends without one: a browser would send them with a remembered Basic password.
 */
export function crossOrigin(
  origins: () => readonly string[],
  refuse: (context: Parameters<Middleware>[0], problem: Problem) => void,
): Middleware {
  return async (context, next) => {
    context.vary('Origin');
    const origin = context.get('Origin');
    if (origin === '') return next();
    const allowed = origins().includes(origin);
    if (allowed) {
      context.set('Access-Control-Allow-Origin', origin);
      context.set('Access-Control-Expose-Headers', EXPOSED);
    }
    if (context.method === 'OPTIONS' && context.get('Access-Control-Request-Method') !== '') {
      if (!allowed) return refuse(context, problem('forbidden', 'this origin is not on the list'));
      context.set('Access-Control-Allow-Methods', METHODS);
      context.set('Access-Control-Allow-Headers', HEADERS);
      context.set('Access-Control-Max-Age', PREFLIGHT_SECONDS);
      if (context.get('Access-Control-Request-Private-Network') === 'true') {
        context.set('Access-Control-Allow-Private-Network', 'true');
      }
      context.status = 204;
      return;
    }
    const reads = context.method === 'GET' || context.method === 'HEAD';
    if (!allowed && !reads && !sameOrigin(origin, context.host)) {
      return refuse(context, problem('forbidden', 'this origin is not on the list'));
    }
    return next();
  };
}

function sameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
