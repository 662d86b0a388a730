// The demonstration's stand-in of the bank's library: our own C test double, compiled beforehand. It
// is kept apart from the place of the real library, so that nothing but a simulated address finds it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LibraryFactory, LibraryError } from '../ports/bank-library.ts';
import type { Clock } from '../ports/clock.ts';
import { createLibraryRoom, type LibraryRoom } from './factory.ts';
import { isMissing } from './store.ts';

export interface StandInParts {
  /** The compiled double. */
  readonly file: string;
  /** Of the demonstration's own; not the place of the bank's library. */
  readonly folder: string;
  /** Folder of a terminal's script and journal. */
  readonly terminalFolder: (owner: string) => string;
  readonly clock: Clock;
}

/** Null where the file is not there: no compiler, nothing to stand in. The rest is done beside the start: nobody waits for it. */
export async function openStandIn(parts: StandInParts): Promise<LibraryFactory | null> {
  const bytes = await readFile(parts.file).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return null;
  });
  if (bytes === null) return null;
  const room = createLibraryRoom({
    dataFolder: join(parts.folder, 'stand-in'),
    clock: parts.clock,
    environment: { TZ: 'UTC' },
    environmentOf: (owner) => ({ BPOS_DOUBLE: parts.terminalFolder(owner) }),
  });
  const fingerprint = createHash('sha256').update(bytes).digest('hex');
  const isThere = room.current()?.fingerprint === fingerprint;
  const installed = isThere ? Promise.resolve(null) : install(room, bytes);
  return {
    current: () => room.current(),
    start: async (owner, signal) => {
      const reason = await installed;
      if (reason !== null)
        throw new LibraryError('not-installed', `the stand-in: ${reason}`, false);
      return room.start(owner, signal);
    },
  };
}

/** Why it cannot be used; null where it can. */
async function install(room: LibraryRoom, bytes: Uint8Array): Promise<string | null> {
  const answer = await room.install('stand-in.so', bytes);
  return answer.kind === 'installed' ? null : answer.reason;
}
