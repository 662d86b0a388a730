// The table of functions → calls through koffi. Runs only inside the library's own process.
import koffi from 'koffi';
import {
  C_INT_MAX,
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionName,
  type FunctionRow,
  type ParameterType,
} from '../ports/bank-library.ts';
import { decodeCp1251, encodeCp1251 } from './cp1251.ts';
import { loadablePath } from './loadable.ts';
import type { CallArgument, CallValue } from './protocol.ts';

export const SYMBOL_PREFIX = 'BPOSLib_';
/** The longest argument is a scenario's XML; the documented ones end at 1,024 bytes. */
const TEXT_ARGUMENT_MAX = 16_384;

const C_TYPES = { int: 'int', byte: 'uint8_t', text: 'void *', flag: 'bool' } as const;
const C_RESULTS = {
  code: 'int',
  byte: 'uint8_t',
  number: 'int',
  text: 'int',
  data: 'int',
} as const;

export interface Binding {
  readonly missing: readonly FunctionName[];
  /** Null where the arguments do not fit the function, with the reason. */
  call(name: FunctionName, args: readonly CallArgument[]): Promise<CallValue>;
}

/** The arguments are not what the function takes; it was not called. */
export class BadArgumentError extends Error {
  override readonly name = 'BadArgumentError';
}

type Bound = ReturnType<ReturnType<typeof koffi.load>['func']>;

/** Loads the library; throws koffi's error where the system's loader refuses it. */
export function bindLibrary(path: string): Binding {
  const library = koffi.load(loadablePath(path));
  const bound = new Map<FunctionName, Bound>();
  const missing: FunctionName[] = [];
  for (const name of FUNCTION_NAMES) {
    const found = declare(library, name);
    if (found === null) missing.push(name);
    else bound.set(name, found);
  }
  return {
    missing,
    call: (name, args) => {
      const target = bound.get(name);
      if (target === undefined) throw new Error(`the library has no ${name}`);
      return invoke(target, FUNCTIONS[name], args);
    },
  };
}

function declare(library: ReturnType<typeof koffi.load>, name: FunctionName): Bound | null {
  const row: FunctionRow = FUNCTIONS[name];
  const types: string[] = row.takes.map((type) => C_TYPES[type]);
  if ('bytes' in row) types.push('void *');
  try {
    return library.func(`${C_RESULTS[row.gives]} ${SYMBOL_PREFIX}${name}(${types.join(', ')})`);
  } catch (error) {
    // koffi has no other way to ask for a symbol; a wrong prototype would be missing in every test.
    if (error instanceof Error && error.message.includes('Cannot find function')) return null;
    throw error;
  }
}

async function invoke(
  target: Bound,
  row: FunctionRow,
  args: readonly CallArgument[],
): Promise<CallValue> {
  if (args.length !== row.takes.length) throw new BadArgumentError('wrong number of arguments');
  const values = row.takes.map((type, index) => valueOf(type, args[index]));
  if (!('bytes' in row)) return (await inPool(target, values)) as number; // declared as a number
  const buffer = Buffer.alloc(row.bytes);
  await inPool(target, [...values, buffer]);
  if (row.gives === 'data') return buffer;
  const text = decodeCp1251(buffer);
  buffer.fill(0); // it may have held card data
  return text;
}

/** In libuv's pool, so that a call that blocks leaves this process able to answer and to end. */
function inPool(target: Bound, values: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    target.async(...values, (error: Error | null, value: unknown) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

function valueOf(type: ParameterType, given: CallArgument | undefined): unknown {
  switch (type) {
    case 'int':
      return integer(given, -C_INT_MAX - 1, C_INT_MAX);
    case 'byte':
      return integer(given, 0, 255);
    case 'flag':
      if (typeof given !== 'boolean') throw new BadArgumentError('not a truth value');
      return given;
    case 'text': {
      if (typeof given !== 'string') throw new BadArgumentError('not a text');
      if (given.length > TEXT_ARGUMENT_MAX) throw new BadArgumentError('the text is too long');
      return Buffer.from(encodeCp1251(given));
    }
  }
}

function integer(given: CallArgument | undefined, min: number, max: number): number {
  if (typeof given !== 'number' || !Number.isInteger(given) || given < min || given > max) {
    throw new BadArgumentError(`not an integer from ${min} to ${max}`);
  }
  return given;
}
