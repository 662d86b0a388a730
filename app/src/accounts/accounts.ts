// Signing in and out, and the sessions that come of it.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import {
  SESSION_CODE_MS,
  SESSION_IDLE_MS,
  SESSION_LIFE_MS,
  SESSION_TOUCH_MS,
} from '../domain/limits.ts';
import type {
  AuditStore,
  OneTimeCode,
  PeopleStore,
  Person,
  Session,
  SessionStore,
} from '../ports/accounts.ts';
import type { Clock, Random } from '../ports/clock.ts';
import { Lockout } from './lockout.ts';
import { Passwords } from './passwords.ts';
import { matchingStep, recoveryHash } from './second-factor.ts';

export interface AccountParts {
  readonly people: PeopleStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly oneTimeCode: OneTimeCode;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Accounts extends AccountParts {
  readonly passwords: Passwords;
  readonly lockout: Lockout;
}

export interface Origin {
  readonly address: string;
  readonly agent: string;
}

export type SignIn =
  | { kind: 'signed-in'; token: string; person: Person }
  /** The password was right; the second factor is asked next. */
  | { kind: 'code'; token: string }
  | { kind: 'wrong' }
  | { kind: 'locked'; seconds: number };

export interface Visitor {
  readonly person: Person;
  readonly session: Session;
  readonly token: string;
}

/** As long as what it is hashed with. */
const TOKEN_BYTES = 32;
const AGENT_LENGTH = 200;

export function createAccounts(parts: AccountParts): Accounts {
  return { ...parts, passwords: new Passwords(parts.random), lockout: new Lockout(parts.clock) };
}

export async function signIn(
  accounts: Accounts,
  given: { readonly login: string; readonly password: string },
  origin: Origin,
): Promise<SignIn> {
  const login = given.login.trim().toLowerCase();
  const seconds = accounts.lockout.waitSeconds(login, origin.address);
  if (seconds > 0) return { kind: 'locked', seconds };
  if (accounts.passwords.full) return { kind: 'locked', seconds: 5 };
  // Counted before the computation: a hundred guesses at once are a hundred guesses.
  accounts.lockout.failed(login, origin.address);
  const person = accounts.people.person(login);
  const right = await accounts.passwords.verify(given.password, person?.passwordHash ?? null);
  if (!right || person === null || person.disabled) return { kind: 'wrong' };
  accounts.lockout.succeeded(login, origin.address);
  if (person.totpSecret !== null) {
    return { kind: 'code', token: open(accounts, person, 'code', origin) };
  }
  return { kind: 'signed-in', token: open(accounts, person, 'full', origin), person };
}

/** The second factor: a code of the app, or one of the recovery codes. */
export function giveCode(accounts: Accounts, token: string, code: string, origin: Origin): SignIn {
  const found = read(accounts, token, 'code');
  if (found === null) return { kind: 'wrong' };
  const { person, session } = found;
  const seconds = accounts.lockout.waitSeconds(`code ${person.login}`, origin.address);
  if (seconds > 0) return { kind: 'locked', seconds };
  const spent = spend(accounts, person, code);
  if (spent === null) {
    accounts.lockout.failed(`code ${person.login}`, origin.address);
    return { kind: 'wrong' };
  }
  accounts.people.putPerson(spent);
  accounts.sessions.endSession(session.id);
  accounts.lockout.succeeded(`code ${person.login}`, origin.address);
  return { kind: 'signed-in', token: open(accounts, spent, 'full', origin), person: spent };
}

export function visitorOf(accounts: Accounts, token: string): Visitor | null {
  return read(accounts, token, 'full');
}

export function codeIsAwaited(accounts: Accounts, token: string): boolean {
  return read(accounts, token, 'code') !== null;
}

/** A session of somebody who proved already who he is (first start). */
export function openSession(accounts: Accounts, person: Person, origin: Origin): string {
  return open(accounts, person, 'full', origin);
}

export function signOut(accounts: Accounts, token: string): void {
  accounts.sessions.endSession(idOf(token));
}

/** Bound to the session: a form of one session is worth nothing in another. */
export function formToken(token: string): string {
  return createHmac('sha256', token).update('form').digest('base64url');
}

export function sameText(a: string, b: string): boolean {
  const [left, right] = [sha256(a), sha256(b)];
  return timingSafeEqual(left, right);
}

function open(accounts: Accounts, person: Person, stage: Session['stage'], origin: Origin): string {
  const token = Buffer.from(accounts.random.bytes(TOKEN_BYTES)).toString('base64url');
  const now = accounts.clock.now();
  accounts.sessions.endOldSessions(now - SESSION_LIFE_MS, now - SESSION_IDLE_MS);
  accounts.sessions.putSession({
    id: idOf(token),
    login: person.login,
    stage,
    createdAt: now,
    lastSeenAt: now,
    address: origin.address,
    agent: origin.agent.slice(0, AGENT_LENGTH),
  });
  return token;
}

function read(accounts: Accounts, token: string, stage: Session['stage']): Visitor | null {
  const session = accounts.sessions.session(idOf(token));
  if (session === null || session.stage !== stage) return null;
  const now = accounts.clock.now();
  const life = stage === 'code' ? SESSION_CODE_MS : SESSION_LIFE_MS;
  const over = now - session.createdAt > life || now - session.lastSeenAt > SESSION_IDLE_MS;
  const person = accounts.people.person(session.login);
  if (over || person === null || person.disabled) {
    accounts.sessions.endSession(session.id);
    return null;
  }
  // Each touch is a write to the disk.
  if (now - session.lastSeenAt > SESSION_TOUCH_MS) accounts.sessions.touchSession(session.id, now);
  return { person, session, token };
}

/** The person after the code was used; null where it is wrong. */
function spend(accounts: Accounts, person: Person, code: string): Person | null {
  if (person.totpSecret === null) return null;
  const step = matchingStep(person.totpSecret, code, accounts.clock.now(), person.totpStep);
  if (step !== null) return { ...person, totpStep: step };
  const hash = recoveryHash(code);
  if (!person.recovery.includes(hash)) return null;
  return { ...person, recovery: person.recovery.filter((one) => one !== hash) };
}

function idOf(token: string): string {
  return sha256(token).toString('hex');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
