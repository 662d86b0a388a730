// Who asks: a key as Bearer token or as HTTP Basic, and how fast one may guess wrong.
import { refuse } from '../domain/failures.ts';
import { AUTH_FAILURES } from '../domain/limits.ts';
import type { Principal } from '../operations/gateway.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Problem } from './errors.ts';
import { FailureThrottle } from './failure-throttle.ts';

/** Verifies a key. `name` is null where the client sent the secret alone (Bearer). */
export interface Authenticator {
  authenticate(name: string | null, secret: string): Principal | null | Promise<Principal | null>;
}

export type Admission =
  | { kind: 'admitted'; who: Principal }
  | { kind: 'refused'; problem: Problem; headers: Readonly<Record<string, string | string[]>> };

/** The door of every façade that takes keys. */
export interface Guard {
  admit(authorization: string | undefined, address: string): Promise<Admission>;
}

interface Credentials {
  readonly name: string | null;
  readonly secret: string;
}

const CHALLENGE = {
  'WWW-Authenticate': ['Bearer realm="Tillgate"', 'Basic realm="Tillgate", charset="UTF-8"'],
};

/**
 * A good key is let in however many bad ones came from the same address: a shop sits behind one
 * NAT. Only failures take from the address's budget, and only failures are told to wait.
 */
export function createGuard(authenticator: Authenticator, clock: Clock, log?: Log): Guard {
  const throttle = new FailureThrottle(AUTH_FAILURES, clock);
  return {
    async admit(authorization, address) {
      if (authorization === undefined || authorization === '') {
        return unauthenticated('send a key as Bearer token or as HTTP Basic');
      }
      const credentials = credentialsOf(authorization);
      const who =
        credentials === null
          ? null
          : await authenticator.authenticate(credentials.name, credentials.secret);
      if (who !== null) return { kind: 'admitted', who };
      const waitMs = throttle.failed(address);
      if (waitMs === 0) {
        // Within the budget only: a guesser must not fill the log.
        log?.warn('key-refused', { address, name: credentials?.name });
        return unauthenticated('the key is not known');
      }
      const seconds = Math.ceil(waitMs / 1_000);
      return {
        kind: 'refused',
        problem: refuse('too-many-requests', 'too many wrong keys from this address', {
          retryAfterSeconds: seconds,
        }),
        headers: { 'Retry-After': String(seconds) },
      };
    },
  };
}

/** Null where the header is neither `Bearer token` nor `Basic base64(name:secret)`. */
export function credentialsOf(authorization: string): Credentials | null {
  const match = /^([A-Za-z]+) +([A-Za-z0-9._~+/-]{1,2000}={0,2})$/.exec(authorization.trim());
  const [scheme, token] = [match?.[1]?.toLowerCase(), match?.[2] ?? ''];
  if (scheme === 'bearer') return { name: null, secret: token };
  if (scheme !== 'basic') return null;
  const text = decodeBase64(token);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 1 || colon === text.length - 1) return null;
  return { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function decodeBase64(token: string): string | null {
  const bytes = Buffer.from(token, 'base64');
  // `Buffer.from` skips what is not base64; what does not come back the same was not base64.
  if (bytes.toString('base64').replace(/=+$/, '') !== token.replace(/=+$/, '')) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function unauthenticated(detail: string): Admission {
  return { kind: 'refused', problem: refuse('unauthenticated', detail), headers: CHALLENGE };
}
