// One holder at a time, first come, first served; a wait for the turn has an end.
import type { Clock } from '../../ports/clock.ts';

export type Release = () => void;

export interface Mutex {
  /** Resolves with the release, or with null when the turn did not come within `ms`. */
  acquire(ms: number): Promise<Release | null>;
  /** The release, or null where somebody holds it or waits for it. */
  tryAcquire(): Release | null;
}

export function createMutex(clock: Clock): Mutex {
  let held = false;
  const waiting: (() => void)[] = [];

  const releaseOnce = (): Release => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      held = false;
      waiting.shift()?.();
    };
  };
  const tryAcquire = (): Release | null => {
    if (held || waiting.length > 0) return null;
    held = true;
    return releaseOnce();
  };
  return {
    tryAcquire,
    acquire: (ms) => {
      const free = tryAcquire();
      if (free !== null) return Promise.resolve(free);
      return new Promise((resolve) => {
        const turn = (): void => {
          forget();
          held = true;
          resolve(releaseOnce());
        };
        const forget = clock.after(ms, () => {
          waiting.splice(waiting.indexOf(turn), 1);
          resolve(null);
        });
        waiting.push(turn);
      });
    },
  };
}
