// A token bucket for each address that failed to sign in.
import type { Clock } from '../ports/clock.ts';

export interface ThrottleLimits {
  readonly burst: number;
  readonly refillMs: number;
  readonly addressesMax: number;
}

/**
 * INVARIANTS
 * - At most `addressesMax` buckets are kept; the one that failed longest ago goes first.
 * - An address without a bucket has its whole burst.
 */
export class FailureThrottle {
  readonly #limits: ThrottleLimits;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(limits: ThrottleLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes one failure; 0 where it is within the budget, else the milliseconds to wait. */
  failed(address: string): number {
    const { burst, refillMs, addressesMax } = this.#limits;
    const network = networkOf(address);
    const now = this.#clock.monotonic();
    const before = this.#buckets.get(network) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + (now - before.at) / refillMs);
    const enough = tokens >= 1;
    this.#buckets.delete(network);
    this.#buckets.set(network, { tokens: enough ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > addressesMax) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return enough ? 0 : Math.ceil((1 - tokens) * refillMs);
  }

  get size(): number {
    return this.#buckets.size;
  }
}

/** An IPv6 host may take any address of its /64, so the /64 counts as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('%');
  const [left = '', right] = head.split('::');
  const groups = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - tail.length) }, () => '0');
  const all = right === undefined ? groups : [...groups, ...zeros, ...tail];
  return all.slice(0, 4).join(':');
}
