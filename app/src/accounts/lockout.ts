// How often one may guess: by name and address together, and more patiently by address and by name.
import { SIGN_IN_FAILURES, SIGN_IN_BUCKETS_MAX } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';

interface Bucket {
  failures: number;
  at: number;
}

/**
 * A right password is refused too while a door is shut: otherwise guessing would go on unseen.
 * INVARIANT: at most SIGN_IN_BUCKETS_MAX doors are remembered; the oldest is forgotten first.
 */
export class Lockout {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds to wait before the next try; 0 where one may try. */
  waitSeconds(login: string, address: string): number {
    const waits = doors(login, address).map(({ name, burst, refillMs }) => {
      const over = this.#failures(name, refillMs) - burst + 1;
      return over <= 0 ? 0 : Math.ceil((over * refillMs) / 1_000);
    });
    return Math.max(...waits);
  }

  failed(login: string, address: string): void {
    const at = this.#clock.monotonic();
    for (const { name, refillMs } of doors(login, address)) {
      const failures = this.#failures(name, refillMs) + 1;
      this.#buckets.delete(name);
      this.#buckets.set(name, { failures, at });
    }
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size <= SIGN_IN_BUCKETS_MAX) break;
      this.#buckets.delete(name);
    }
  }

  /** Forgets the failures of this person from here; those of the address stay. */
  succeeded(login: string, address: string): void {
    this.#buckets.delete(`both ${login} ${address}`);
  }

  #failures(name: string, refillMs: number): number {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.failures - (this.#clock.monotonic() - bucket.at) / refillMs);
  }
}

function doors(login: string, address: string) {
  return [
    { name: `both ${login} ${address}`, ...SIGN_IN_FAILURES.both },
    { name: `address ${address}`, ...SIGN_IN_FAILURES.address },
    { name: `login ${login}`, ...SIGN_IN_FAILURES.login },
  ];
}
