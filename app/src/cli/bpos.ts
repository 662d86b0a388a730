// `tillgate bpos …`: the bank's terminal library. Running terminals take a new one when idle.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createLibraryRoom, type LibraryRoom } from '../bank-library/factory.ts';
import { WHAT_TO_ASK_FOR } from '../bank-library/inspection.ts';
import type { InstalledLibrary } from '../ports/bank-library.ts';
import type { ExitCode, Surroundings } from './program.ts';
import type { Options } from './run.ts';

export async function installLibraryCommand(
  around: Surroundings,
  _options: Options,
  file: string,
): Promise<ExitCode> {
  const installed = await roomOf(around).install(basename(file), await readFile(file));
  if (installed.kind === 'refused') {
    around.complain(`tillgate: not installed: ${installed.reason}`);
    return 1;
  }
  for (const line of describe(installed.library)) await around.print(line);
  const foreign = installed.needs.filter((name) => !SYSTEM_LIBRARIES.test(name));
  if (foreign.length > 0) around.complain(`tillgate: it also needs ${foreign.join(', ')}`);
  return 0;
}

export async function libraryStatusCommand(around: Surroundings): Promise<ExitCode> {
  const library = roomOf(around).current();
  if (library === null) {
    around.complain(`tillgate: the bank's library is not installed; ${WHAT_TO_ASK_FOR}`);
    return 1;
  }
  for (const line of describe(library)) await around.print(line);
  return 0;
}

export async function removeLibraryCommand(around: Surroundings): Promise<ExitCode> {
  const removed = await roomOf(around).remove();
  if (removed) await around.print("the bank's library is removed");
  else around.complain("tillgate: the bank's library is not installed");
  return removed ? 0 : 1;
}

/** Parts of glibc and the compiler's run time: on every system. */
const SYSTEM_LIBRARIES = /^(lib(c|m|pthread|dl|rt|gcc_s|stdc\+\+)\.so|ld-linux)/;

function roomOf({ dataFolder, clock }: Surroundings): LibraryRoom {
  return createLibraryRoom({ dataFolder, clock });
}

function describe(library: InstalledLibrary): string[] {
  const lacks = library.missing.length === 0 ? 'nothing' : library.missing.join(', ');
  return [
    `file: ${library.fileName} (${library.bytes} bytes)`,
    `version: ${library.version === '' ? 'it does not say' : library.version}`,
    `sha-256: ${library.fingerprint}`,
    `installed: ${new Date(library.installedAt).toISOString()}`,
    `optional functions that it lacks: ${lacks}`,
  ];
}
