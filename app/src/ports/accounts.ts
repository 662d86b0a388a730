// People who sign in to the pages, their sessions, and the chain of what they did.
import type { Instant } from '../domain/ids.ts';
import type { Language } from '../domain/texts/index.ts';

/** From most to least: a cashier and an auditor only look, and not at the same things. */
export const PERSON_ROLES = ['administrator', 'supervisor', 'cashier', 'auditor'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

export interface Person {
  /** Lower case; 1–32 of `a-z 0-9 . _ -`. */
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  /** `scrypt$N$r$p$salt$hash`. */
  readonly passwordHash: string;
  /** Null = the shop's. */
  readonly language: Language | null;
  readonly disabled: boolean;
  /** Base32 of the second factor; null = none. */
  readonly totpSecret: string | null;
  /** The last time step whose code was used: a code opens the door once. */
  readonly totpStep: number;
  /** SHA-256 (hex) of the recovery codes that are left. */
  readonly recovery: readonly string[];
  readonly createdAt: Instant;
}

export interface PeopleStore {
  /** By login. */
  people(): readonly Person[];
  person(login: string): Person | null;
  /** Adds or replaces. */
  putPerson(person: Person): void;
  removePerson(login: string): void;
}

export interface Session {
  /** SHA-256 (hex) of the token that the browser has. */
  readonly id: string;
  readonly login: string;
  /** `code`: the password was right, the second factor is still missing. */
  readonly stage: 'full' | 'code';
  readonly createdAt: Instant;
  readonly lastSeenAt: Instant;
  readonly address: string;
  readonly agent: string;
}

export interface SessionStore {
  session(id: string): Session | null;
  /** Newest use first. */
  sessions(): readonly Session[];
  putSession(session: Session): void;
  touchSession(id: string, at: Instant): void;
  endSession(id: string): void;
  /** All of a person, but not `except`. */
  endSessionsOf(login: string, except: string | null): void;
  /** Those that were made or last seen before these instants. */
  endOldSessions(createdBefore: Instant, seenBefore: Instant): void;
}

export type AuditValue = Readonly<Record<string, unknown>> | null;

/** One administrative act. No secrets: callers say that one was set, not which. */
export interface AuditAct {
  readonly at: Instant;
  readonly who: string;
  /** Network address. */
  readonly from: string;
  readonly act: string;
  /** What it was done to, e.g. `terminal till-1`. */
  readonly object: string;
  readonly before: AuditValue;
  readonly after: AuditValue;
}

export interface AuditEntry extends AuditAct {
  readonly seq: number;
  /** SHA-256 (hex) over the previous entry's hash and this entry. */
  readonly hash: string;
}

export interface AuditQuery {
  readonly who?: string | undefined;
  readonly act?: string | undefined;
  /** Older than this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export type AuditVerification =
  | { kind: 'whole'; entries: number; hash: string }
  | { kind: 'broken'; seq: number };

export interface AuditStore {
  append(act: AuditAct): AuditEntry;
  /** Newest first. */
  entries(query: AuditQuery): readonly AuditEntry[];
  /** Acts that occur, for a filter. */
  acts(): readonly string[];
  /** Whoever did them: logins, `key:name`, and programs. */
  authors(): readonly string[];
  verify(): AuditVerification;
}

/** Proves at the first start that somebody stands before the box. */
export interface OneTimeCode {
  /** Null where none is needed any more. */
  current(): string | null;
  forget(): Promise<void>;
}
