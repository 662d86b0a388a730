// Installs the bank's library, and starts a process with it for each terminal. The library is never
// loaded into this process: not even to ask it for its version.
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIBRARY_LOG_BYTES_MAX, LIBRARY_START_MS } from '../domain/limits.ts';
import {
  type BankLibrary,
  type Installed,
  LibraryError,
  type LibraryFactory,
  type LibraryKeeper,
} from '../ports/bank-library.ts';
import type { Clock } from '../ports/clock.ts';
import { inspect } from './inspection.ts';
import { startLibrary } from './library-process.ts';
import { isMissing, LibraryStore } from './store.ts';

export interface FactoryParts {
  /** Of the appliance; the library lies in a folder below. */
  readonly dataFolder: string;
  readonly clock: Clock;
  /** Variables for the library's process; it is given no others. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Beside them, for the process of one terminal. */
  readonly environmentOf?: (owner: string) => Readonly<Record<string, string>>;
}

export interface LibraryRoom extends LibraryFactory, LibraryKeeper {}

export function createLibraryRoom(parts: FactoryParts): LibraryRoom {
  const store = new LibraryStore(parts.dataFolder);
  const environment = { LANG: 'C', ...parts.environment };
  return {
    current: () => store.current(),
    start: async (owner, signal) => {
      const { library, path } = await store.verified();
      const logFile = await freshLog(store.folder, owner);
      const { fingerprint } = library;
      const own = { ...environment, ...parts.environmentOf?.(owner) };
      const setup = { path, fingerprint, logFile, environment: own, clock: parts.clock };
      return startLibrary(setup, signal);
    },
    install: (fileName, bytes) => install(store, parts, environment, fileName, bytes),
    remove: () => store.remove(),
  };
}

async function install(
  store: LibraryStore,
  parts: FactoryParts,
  environment: Readonly<Record<string, string>>,
  fileName: string,
  bytes: Uint8Array,
): Promise<Installed> {
  const inspected = inspect(bytes, process.arch);
  if (inspected.kind === 'refused') return inspected;
  const { fingerprint, path } = await store.stage(bytes);
  try {
    const logFile = join(store.folder, 'probe.log');
    const setup = { path, fingerprint, logFile, environment, clock: parts.clock };
    const library = {
      fingerprint,
      fileName,
      bytes: bytes.length,
      version: await versionOf(await startLibrary(setup, new AbortController().signal)),
      missing: inspected.missing,
      installedAt: parts.clock.now(),
    };
    await store.adopt(library);
    return { kind: 'installed', library, needs: inspected.needs };
  } catch (error) {
    await store.discard();
    if (!(error instanceof LibraryError)) throw error;
    const reason = `the library does not run here: ${error.message}`;
    return { kind: 'refused', why: 'does-not-run', reason };
  }
}

async function versionOf(library: BankLibrary): Promise<string> {
  try {
    if (!library.has('LibraryVersion')) return '';
    await library.call('InitializeBPOS', [], LIBRARY_START_MS);
    return (await library.call('LibraryVersion', [], LIBRARY_START_MS)).trim();
  } finally {
    await library.close();
  }
}

/** The library appends to its log without end; a large one begins anew. */
async function freshLog(folder: string, owner: string): Promise<string> {
  const logs = join(folder, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const file = join(logs, `${owner}.log`);
  try {
    if ((await stat(file)).size > LIBRARY_LOG_BYTES_MAX) await rm(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return file;
}
