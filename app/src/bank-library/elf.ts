// Reads a shared library's ELF tables without loading it: machine, exported names, what it needs.

export interface SharedLibrary {
  readonly machine: number;
  readonly exports: ReadonlySet<string>;
  /** Names of the libraries that the loader will look for. */
  readonly needs: readonly string[];
}

/** Machine numbers of ELF by Node's name of the architecture. */
export const MACHINES: Readonly<Record<string, number>> = { x64: 62, arm64: 183, ia32: 3, arm: 40 };

const TYPE_SHARED = 3;
const SECTION_DYNAMIC = 6;
const SECTION_SYMBOLS = 11;
const TAG_NEEDED = 1;
/** Global or weak, and defined here. */
const BINDINGS_EXPORTED: readonly number[] = [1, 2];
const SYMBOL_BYTES = 24;
const SECTION_HEADER_BYTES = 64;
const DYNAMIC_ENTRY_BYTES = 16;
/** The largest real libraries have some 100,000 symbols. */
const SYMBOLS_MAX = 200_000;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** Null where the bytes are no 64-bit little-endian shared library with a symbol table. */
export function readSharedLibrary(bytes: Uint8Array): SharedLibrary | null {
  try {
    return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes);
  } catch (error) {
    if (error instanceof RangeError) return null; // its tables point outside of the file
    throw error;
  }
}

/** The machine of a 32-bit or 64-bit ELF file, or null where it is no ELF file. */
export function elfMachine(bytes: Uint8Array): number | null {
  const isElf =
    bytes.length > 20 && [0x7f, 0x45, 0x4c, 0x46].every((byte, at) => bytes[at] === byte);
  return isElf ? (bytes[18] ?? 0) + (bytes[19] ?? 0) * 256 : null;
}

function read(view: DataView, bytes: Uint8Array): SharedLibrary | null {
  const wide = bytes[4] === 2 && bytes[5] === 1;
  if (elfMachine(bytes) === null || !wide || view.getUint16(16, true) !== TYPE_SHARED) return null;
  const sections = sectionsOf(view);
  const symbols = sections.find(({ type }) => type === SECTION_SYMBOLS);
  const names = symbols === undefined ? undefined : sections[symbols.link];
  if (symbols === undefined || names === undefined) return null;
  const dynamic = sections.find(({ type }) => type === SECTION_DYNAMIC);
  return {
    machine: view.getUint16(18, true),
    exports: exportsOf(view, bytes, symbols, names),
    needs: dynamic === undefined ? [] : needsOf(view, bytes, dynamic, sections[dynamic.link]),
  };
}

function sectionsOf(view: DataView): Section[] {
  const start = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * SECTION_HEADER_BYTES;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
    };
  });
}

function exportsOf(
  view: DataView,
  bytes: Uint8Array,
  symbols: Section,
  names: Section,
): ReadonlySet<string> {
  const found = new Set<string>();
  const count = Math.min(Math.floor(symbols.size / SYMBOL_BYTES), SYMBOLS_MAX);
  for (let index = 0; index < count; index++) {
    const at = symbols.offset + index * SYMBOL_BYTES;
    const binding = view.getUint8(at + 4) >> 4;
    const defined = view.getUint16(at + 6, true) !== 0;
    if (!defined || !BINDINGS_EXPORTED.includes(binding)) continue;
    found.add(nameAt(bytes, names, view.getUint32(at, true)));
  }
  return found;
}

function needsOf(
  view: DataView,
  bytes: Uint8Array,
  dynamic: Section,
  names: Section | undefined,
): string[] {
  if (names === undefined) return [];
  const found: string[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += DYNAMIC_ENTRY_BYTES) {
    const tag = view.getBigInt64(at, true);
    if (tag === 0n) break;
    if (tag === BigInt(TAG_NEEDED)) {
      found.push(nameAt(bytes, names, Number(view.getBigUint64(at + 8, true))));
    }
  }
  return found;
}

function nameAt(bytes: Uint8Array, names: Section, offset: number): string {
  const start = names.offset + offset;
  const end = bytes.indexOf(0, start);
  if (start > bytes.length || end < 0) throw new RangeError('a name outside of the file');
  return Buffer.from(bytes.subarray(start, end)).toString('latin1');
}
