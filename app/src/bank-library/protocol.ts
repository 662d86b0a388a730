// What the gateway and a library's process say to each other, over Node's IPC channel: standard
// output belongs to the library, which may print card data there.
import type { FunctionName } from '../ports/bank-library.ts';

export type CallArgument = number | string | boolean;
export type CallValue = number | string | Uint8Array;

export type ToChild =
  | { kind: 'load'; path: string }
  | { kind: 'call'; id: number; name: FunctionName; args: readonly CallArgument[] };

export type FromChild =
  /** `missing`: functions of the table that the library does not export. */
  | { kind: 'loaded'; missing: readonly FunctionName[] }
  | { kind: 'not-loaded'; reason: string }
  | { kind: 'answer'; id: number; value: CallValue; residentBytes: number }
  /** The function was not called. */
  | { kind: 'refused'; id: number; code: 'missing-function' | 'bad-argument'; reason: string };
