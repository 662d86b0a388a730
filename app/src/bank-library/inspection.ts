// Is this upload the bank's library, for this machine, with the functions that a payment needs?
import { LIBRARY_FILE_BYTES_MAX } from '../domain/limits.ts';
import { FUNCTION_NAMES, type FunctionName, NEEDED_FUNCTIONS } from '../ports/bank-library.ts';
import { elfMachine, MACHINES, readSharedLibrary } from './elf.ts';

/** As in binding.ts, which is loaded only by the library's own process. */
const SYMBOL_PREFIX = 'BPOSLib_';

export type Inspection =
  | { kind: 'library'; missing: readonly FunctionName[]; needs: readonly string[] }
  /** One English sentence for the administrator. */
  | { kind: 'refused'; reason: string };

/** What to ask the bank for; shown wherever the library is missing or wrong. */
export const WHAT_TO_ASK_FOR =
  'ask the bank, or its supplier of the terminal’s program, for the ECR library B-POS1 for Linux ' +
  'x86-64 with the plain C interface (libcBPOSLib.so, functions BPOSLib_…)';

export function inspect(bytes: Uint8Array, architecture: string): Inspection {
  if (bytes.length > LIBRARY_FILE_BYTES_MAX) return refused('the file is too large for a library');
  const machine = elfMachine(bytes);
  if (machine === null) {
    const windows = bytes[0] === 0x4d && bytes[1] === 0x5a;
    return refused(
      windows
        ? `this is a library for Windows (ECRCommX.dll?); ${WHAT_TO_ASK_FOR}`
        : `this is no Linux library; ${WHAT_TO_ASK_FOR}`,
    );
  }
  if (machine !== MACHINES[architecture]) {
    const name = Object.entries(MACHINES).find(([, number]) => number === machine)?.[0];
    return refused(`the library is for ${name ?? `machine ${machine}`}, not for ${architecture}`);
  }
  const library = readSharedLibrary(bytes);
  if (library === null) return refused('the file is damaged, or no shared library');
  const missing = FUNCTION_NAMES.filter((name) => !library.exports.has(SYMBOL_PREFIX + name));
  const lacking = missing.filter((name) => NEEDED_FUNCTIONS.includes(name));
  if (missing.length === FUNCTION_NAMES.length) return refused(flavour(library.exports));
  if (lacking.length > 0) {
    return refused(`the library lacks ${lacking.join(', ')}, which a payment needs`);
  }
  return { kind: 'library', missing, needs: library.needs };
}

/** The vendor's other Linux libraries carry nearly the same names. */
function flavour(exported: ReadonlySet<string>): string {
  if ([...exported].some((name) => name.startsWith('Java_'))) {
    return `this is the flavour for Java (libjBPOSLib.so); ${WHAT_TO_ASK_FOR}`;
  }
  if (exported.has('create') && exported.has('destroy')) {
    return `this is the flavour for C++ (libBPOSLib.so); ${WHAT_TO_ASK_FOR}`;
  }
  return `this library exports no function of B-POS1; ${WHAT_TO_ASK_FOR}`;
}

function refused(reason: string): Inspection {
  return { kind: 'refused', reason };
}
