// Installs the bank's library, and starts a process with it for each terminal. The library is never
// loaded into this process: not even to ask it for its version.
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIBRARY_LOG_BYTES_MAX, LIBRARY_START_MS } from '../domain/limits.ts';
import {
  type BankLibrary,
  type InstalledLibrary,
  LibraryError,
  type LibraryFactory,
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
}

export type Installed =
  | { kind: 'installed'; library: InstalledLibrary; needs: readonly string[] }
  /** Nothing was changed; one English sentence for the administrator. */
  | { kind: 'refused'; reason: string };

export interface LibraryRoom extends LibraryFactory {
  /** Checks the file, asks it for its version in a process of its own, and makes it the one in use. */
  install(fileName: string, bytes: Uint8Array): Promise<Installed>;
  /** False where none was installed. Terminals that have it loaded keep it until they are idle. */
  remove(): Promise<boolean>;
}

export function createLibraryRoom(parts: FactoryParts): LibraryRoom {
  const store = new LibraryStore(parts.dataFolder);
  const environment = { LANG: 'C', ...parts.environment };
  return {
    current: () => store.current(),
    start: async (owner, signal) => {
      const { library, path } = await store.verified();
      const logFile = await freshLog(store.folder, owner);
      const { fingerprint } = library;
      return startLibrary({ path, fingerprint, logFile, environment, clock: parts.clock }, signal);
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
    return { kind: 'refused', reason: `the library does not run here: ${error.message}` };
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
