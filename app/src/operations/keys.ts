// Keys of tills, pages and programs: made here, shown once, kept as hashes.
import { createHash, timingSafeEqual } from 'node:crypto';
import { API_KEYS_MAX } from '../domain/limits.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { Principal } from './gateway.ts';
import { SCHEDULE_NAME } from './schedule-plan.ts';
import type { KeyLimits, Role, Secrets } from './settings-schema.ts';

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly limits: KeyLimits;
}

export type KeyAdded =
  /** `secret` exists nowhere else: whoever asked must show it now. */
  { kind: 'added'; secret: string } | { kind: 'name-taken' } | { kind: 'too-many' };

export type StoredKey = Secrets['keys'][number];

/** Whoever asks under it in the ledger is no key. */
const RESERVED_NAMES: readonly string[] = [SCHEDULE_NAME];

/** As long as what it is hashed with: guessing it is guessing SHA-256. */
const SECRET_BYTES = 32;

/** Makes a random secret; rejects with SettingsError where name or limits are not valid. */
export async function addKey(
  store: SettingsStore<Secrets>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  key: NewKey,
): Promise<KeyAdded> {
  if (RESERVED_NAMES.includes(key.name)) return { kind: 'name-taken' };
  const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url');
  let added: KeyAdded = { kind: 'added', secret };
  await store.change((draft) => {
    if (draft.keys.some(({ name }) => name === key.name)) added = { kind: 'name-taken' };
    else if (draft.keys.length >= API_KEYS_MAX) added = { kind: 'too-many' };
    else draft.keys.push(stored(key, secret, clock));
  });
  return added;
}

/** Sets a key whose secret is chosen elsewhere, in place of one with that name. */
export async function putKey(
  store: SettingsStore<Secrets>,
  clock: Clock,
  key: NewKey & { readonly secret: string },
): Promise<void> {
  const present = findByName(store.current(), key.name);
  if (present?.hash === hashOf(key.secret) && present.role === key.role) return;
  await store.change((draft) => {
    draft.keys = draft.keys.filter(({ name }) => name !== key.name);
    draft.keys.push(stored(key, key.secret, clock));
  });
}

/** False where there is no such key. */
export async function revokeKey(store: SettingsStore<Secrets>, name: string): Promise<boolean> {
  let revoked = false;
  await store.change((draft) => {
    const kept = draft.keys.filter((key) => key.name !== name);
    revoked = kept.length < draft.keys.length;
    draft.keys = kept;
  });
  return revoked;
}

export type KeyRemoved = 'removed' | 'unknown' | 'last-administrator';

/**
 * As `revokeKey`, but the last administrator's key stays: after it nobody could make another one
 * the way that it was asked for. A key may remove itself.
 */
export async function removeKey(store: SettingsStore<Secrets>, name: string): Promise<KeyRemoved> {
  let removed: KeyRemoved = 'unknown';
  await store.change((draft) => {
    const key = draft.keys.find((one) => one.name === name);
    const kept = draft.keys.filter((one) => one.name !== name);
    if (key === undefined) return;
    const last = key.role === 'administrator' && !kept.some(({ role }) => role === key.role);
    removed = last ? 'last-administrator' : 'removed';
    if (!last) draft.keys = kept;
  });
  return removed;
}

/** Names of keys that are gone, or are not what they were: what they opened must be closed. */
export function keysEnded(next: Secrets, before: Secrets): ReadonlySet<string> {
  const kept = new Set(next.keys.map((key) => JSON.stringify(key)));
  return new Set(
    before.keys.filter((key) => !kept.has(JSON.stringify(key))).map(({ name }) => name),
  );
}

/**
 * The key that this secret opens, or null; with a `name`, only the key of that name. Every hash
 * is compared in constant time and to the end, so an answer's duration tells nothing.
 */
export function findKey(secrets: Secrets, name: string | null, secret: string): StoredKey | null {
  const presented = Buffer.from(hashOf(secret));
  let found: StoredKey | null = null;
  for (const key of secrets.keys) {
    const kept = Buffer.from(key.hash);
    // Other forms of hash have other lengths and match nothing here.
    const same = kept.length === presented.length && timingSafeEqual(kept, presented);
    if (same && (name === null || name === key.name)) found = key;
  }
  return found;
}

/** Who a presented key is; follows every change of the secrets. */
export function keyring(store: Pick<SettingsStore<Secrets>, 'current'>): {
  authenticate(name: string | null, secret: string): Principal | null;
} {
  return {
    authenticate: (name, secret) => {
      const key = findKey(store.current(), name, secret);
      return key === null ? null : { name: key.name, role: key.role, limits: key.limits };
    },
  };
}

function findByName(secrets: Secrets, name: string): StoredKey | undefined {
  return secrets.keys.find((key) => key.name === name);
}

function stored({ name, role, limits }: NewKey, secret: string, clock: Clock): StoredKey {
  return { name, role, limits: mutable(limits), hash: hashOf(secret), createdAt: clock.now() };
}

/** What a key may, for the audit chain. */
export function rightsOf({ role, limits }: Pick<NewKey, 'role' | 'limits'>): Omit<NewKey, 'name'> {
  return { role, limits };
}

/** A copy: what the store validates and freezes is nobody else's object. */
function mutable(limits: KeyLimits): KeyLimits {
  return structuredClone(limits);
}

function hashOf(secret: string): string {
  return `sha256$${createHash('sha256').update(secret, 'utf8').digest('hex')}`;
}
