// The real clock and real chance: the one place that knows `Date.now`, timers and randomness.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Instant } from '../domain/ids.ts';
import type { Clock, Random } from '../ports/clock.ts';

/** The longest delay that a timer of the runtime can hold; longer ones would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** systemd-timesyncd makes this file when it has set the clock for the first time after boot. */
const SYNCHRONISED_FILE = '/run/systemd/timesync/synchronized';

/** `trusted` tells whether NTP, an RTC or a person has confirmed the time of day. */
export function systemClock(trusted: () => boolean): Clock {
  return {
    now: (): Instant => Date.now(),
    monotonic: () => performance.now(),
    sleep,
    after,
    trusted,
  };
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => randomBytes(count),
};

/**
 * For `systemClock`. An appliance may start with a clock that lost its battery and trusts it once
 * NTP has set it; elsewhere the machine's clock is somebody else's care.
 */
export function timeOfDayTrust(onAppliance: boolean, file = SYNCHRONISED_FILE): () => boolean {
  let trusted = !onAppliance;
  return () => {
    trusted ||= existsSync(file);
    return trusted;
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, Math.min(ms, TIMER_MS_MAX));
    function done(): void {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }
    function aborted(): void {
      clearTimeout(timer);
      // The port promises the signal's own reason, whatever its type.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal?.reason);
    }
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, TIMER_MS_MAX));
  timer.unref();
  return () => clearTimeout(timer);
}
