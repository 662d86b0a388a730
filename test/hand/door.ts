// A hand behind a real socket, for the tests of what knocks there.
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createHandServer } from '../../app/src/hand/server.ts';
import type { Bench } from './kit.ts';

export interface Door {
  readonly path: string;
  /** How often it would have ended for want of work. */
  readonly idle: () => number;
}

export async function doorOf(t: TestContext, bench: Bench): Promise<Door> {
  let idle = 0;
  const { clock, log, folders } = bench.machine;
  const onIdle = (): void => void (idle += 1);
  const server = createHandServer({ hand: await bench.hand(), clock, log, onIdle });
  const path = join(folders.state, 'hand.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return { path, idle: () => idle };
}
