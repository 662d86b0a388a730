// Passwords: scrypt, at most two computations at a time, and rules without nonsense.
import { scrypt, timingSafeEqual } from 'node:crypto';
import {
  PASSWORD_COST,
  PASSWORD_LENGTH,
  PASSWORDS_AT_ONCE,
  PASSWORDS_WAITING_MAX,
} from '../domain/limits.ts';
import type { Random } from '../ports/clock.ts';

export type PasswordFault = 'short' | 'long' | 'guessable';

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Nothing but what is tried first by everybody who guesses. */
const COMMON = [
  '1234567890',
  '0123456789',
  'qwertyuiop',
  'passwordpassword',
  'administrator',
  'password123',
  'password1234',
  'йцукенгшщз',
  'tillgate123',
  'adminadmin',
];

/** Null where the password may be used: length, and not the first thing that anybody tries. */
export function passwordFault(password: string, login: string): PasswordFault | null {
  const { length } = Array.from(password);
  if (length < PASSWORD_LENGTH.min) return 'short';
  if (length > PASSWORD_LENGTH.max) return 'long';
  const low = password.toLowerCase();
  const one = new Set(low).size <= 2;
  if (one || COMMON.includes(low) || low.replaceAll(login.toLowerCase(), '').length < 4)
    return 'guessable';
  return null;
}

/**
 * INVARIANT: at most PASSWORDS_AT_ONCE computations run; each takes 32 MiB and a quarter of a
 * second, and payments share the machine with them.
 */
export class Passwords {
  readonly #random: Random;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** True where too many wait: the caller answers «try again». */
  get full(): boolean {
    return this.#waiting.length >= PASSWORDS_WAITING_MAX;
  }

  async hash(password: string): Promise<string> {
    const salt = Buffer.from(this.#random.bytes(SALT_BYTES));
    const { N, r, p } = PASSWORD_COST;
    const hash = await this.#compute(password, salt, PASSWORD_COST);
    return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  /** With `stored` null the same time is spent, so that nobody learns who has an account. */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const [name, N, r, p, salt, hash] = (stored ?? '').split('$');
    if (name !== 'scrypt' || salt === undefined || hash === undefined) {
      await this.#compute(password, Buffer.alloc(SALT_BYTES), PASSWORD_COST);
      return false;
    }
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const computed = await this.#compute(password, Buffer.from(salt, 'base64url'), cost);
    const kept = Buffer.from(hash, 'base64url');
    return kept.length === computed.length && timingSafeEqual(kept, computed);
  }

  async #compute(
    password: string,
    salt: Buffer,
    cost: { readonly N: number; readonly r: number; readonly p: number },
  ): Promise<Buffer> {
    if (this.#running >= PASSWORDS_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await derive(password.normalize('NFC'), salt, cost);
    } finally {
      // Whoever waits takes over the place, so the count stays.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function derive(
  password: string,
  salt: Buffer,
  { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  // The memory that these costs need, and a little.
  const options = { N, r, p, maxmem: 160 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
