// Is this upload the bank's library, for this machine, with the functions that a payment needs?
import { LIBRARY_FILE_BYTES_MAX } from '../domain/limits.ts';
import {
  FUNCTION_NAMES,
  type FunctionName,
  type LibraryRefusal,
  NEEDED_FUNCTIONS,
} from '../ports/bank-library.ts';
import { elfMachine, MACHINES, readSharedLibrary } from './elf.ts';

/** As in binding.ts, which is loaded only by the library's own process. */
const SYMBOL_PREFIX = 'BPOSLib_';

export type Inspection =
  | { kind: 'library'; missing: readonly FunctionName[]; needs: readonly string[] }
  /** One English sentence for the administrator. */
  | Refused;
type Refused = { kind: 'refused'; why: LibraryRefusal; reason: string };

/** What to ask the bank for; shown wherever the library is missing or wrong. */
export const WHAT_TO_ASK_FOR =
  'ask the bank, or its supplier of the terminal’s program, for the ECR library B-POS1 for Linux ' +
  'x86-64 with the plain C interface (libcBPOSLib.so, functions BPOSLib_…)';

export function inspect(bytes: Uint8Array, architecture: string): Inspection {
  if (bytes.length > LIBRARY_FILE_BYTES_MAX) {
    return refused('too-large', 'the file is too large for a library');
  }
  const machine = elfMachine(bytes);
  if (machine === null) {
    const windows = bytes[0] === 0x4d && bytes[1] === 0x5a;
    return refused(
      windows ? 'for-windows' : 'no-library',
      windows
        ? `this is a library for Windows (ECRCommX.dll?); ${WHAT_TO_ASK_FOR}`
        : `this is no Linux library; ${WHAT_TO_ASK_FOR}`,
    );
  }
  if (machine !== MACHINES[architecture]) {
    const name = Object.entries(MACHINES).find(([, number]) => number === machine)?.[0];
    const what = name ?? `machine ${machine}`;
    return refused('other-machine', `the library is for ${what}, not for ${architecture}`);
  }
  const library = readSharedLibrary(bytes);
  if (library === null) {
    return refused('damaged', 'the file is damaged, or no shared library');
  }
  const missing = FUNCTION_NAMES.filter((name) => !library.exports.has(SYMBOL_PREFIX + name));
  const lacking = missing.filter((name) => NEEDED_FUNCTIONS.includes(name));
  if (missing.length === FUNCTION_NAMES.length) return flavour(library.exports);
  if (lacking.length > 0) {
    const reason = `the library lacks ${lacking.join(', ')}, which a payment needs`;
    return refused('lacks-functions', reason);
  }
  return { kind: 'library', missing, needs: library.needs };
}

/** The vendor's other Linux libraries carry nearly the same names. */
function flavour(exported: ReadonlySet<string>): Refused {
  if ([...exported].some((name) => name.startsWith('Java_'))) {
    const reason = `this is the flavour for Java (libjBPOSLib.so); ${WHAT_TO_ASK_FOR}`;
    return refused('flavour-java', reason);
  }
  if (exported.has('create') && exported.has('destroy')) {
    const reason = `this is the flavour for C++ (libBPOSLib.so); ${WHAT_TO_ASK_FOR}`;
    return refused('flavour-cpp', reason);
  }
  const reason = `this library exports no function of B-POS1; ${WHAT_TO_ASK_FOR}`;
  return refused('another-library', reason);
}

function refused(why: LibraryRefusal, reason: string): Refused {
  return { kind: 'refused', why, reason };
}
