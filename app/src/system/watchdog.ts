// Pings systemd's watchdog only while everything that must be alive answers. A timer that fires
// proves the event loop; the checks prove the rest (the ledger's writer).
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

export interface WatchdogCheck {
  readonly name: string;
  /** Resolves while alive; rejects, or does not answer until `signal` aborts, when not. */
  readonly alive: (signal: AbortSignal) => Promise<void>;
}

export interface WatchdogOptions {
  /** The value of WATCHDOG_USEC; null where systemd does not watch. */
  readonly watchdogUsec: number | null;
  readonly checks: readonly WatchdogCheck[];
  readonly ping: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to watch; the returned function ends it. Without `watchdogUsec` it does nothing. */
export function startWatchdog(options: WatchdogOptions): () => void {
  const { watchdogUsec } = options;
  if (watchdogUsec === null || !(watchdogUsec > 0)) return () => undefined;
  const end = new AbortController();
  // SPEC sd_watchdog_enabled(3): ping every half of the time. A check may take half of the half,
  // so that a slow ping still comes in time.
  void watch(options, watchdogUsec / 1_000 / 2, end.signal);
  return () => end.abort(new Error('watchdog ended'));
}

async function watch(
  options: WatchdogOptions,
  periodMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const begun = options.clock.monotonic();
    const failed = await firstFailure(options, periodMs / 2, signal);
    if (signal.aborted) return;
    if (failed === null) options.ping();
    else options.log.error('watchdog-withheld', { check: failed.name }, failed.error);
    await pause(options.clock, periodMs - (options.clock.monotonic() - begun), signal);
  }
}

/** Resolves after `ms` without keeping the process alive, or when `signal` aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const forget = clock.after(Math.max(ms, 0), done);
    function done(): void {
      forget();
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

async function firstFailure(
  { checks, clock }: WatchdogOptions,
  boundMs: number,
  signal: AbortSignal,
): Promise<{ name: string; error: unknown } | null> {
  const bound = new AbortController();
  const forget = clock.after(boundMs, () => bound.abort(new Error(`silent for ${boundMs} ms`)));
  const onEnd = (): void => bound.abort(signal.reason);
  signal.addEventListener('abort', onEnd, { once: true });
  const results = await Promise.all(
    checks.map(async ({ name, alive }) => {
      try {
        await Promise.race([alive(bound.signal), rejection(bound.signal)]);
        return null;
      } catch (error) {
        return { name, error };
      }
    }),
  );
  forget();
  signal.removeEventListener('abort', onEnd);
  return results.find((result) => result !== null) ?? null;
}

/** Rejects when the signal aborts: a check that ignores its signal must not hold up the next. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(new Error('no answer', { cause: signal.reason }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
