// Names that must not be mixed up: of operations, of terminals, and moments in time.

/** Chosen by the till: 1–64 of `A-Z a-z 0-9 . _ ~ -`. */
export type OperationId = string & { readonly __brand: 'OperationId' };
/** Chosen by the administrator: 1–32 of `a-z 0-9 -`, beginning with a letter or digit. */
export type TerminalId = string & { readonly __brand: 'TerminalId' };
/** Milliseconds since 1970-01-01T00:00:00Z by the appliance's clock. */
export type Instant = number;

export const OPERATION_ID_PATTERN = /^[A-Za-z0-9._~-]{1,64}$/;
export const TERMINAL_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,31}$/;

export function operationId(text: string): OperationId {
  if (!OPERATION_ID_PATTERN.test(text)) throw new RangeError(`not an operation id: ${text}`);
  return text as OperationId; // the pattern is the brand
}

export function terminalId(text: string): TerminalId {
  if (!TERMINAL_ID_PATTERN.test(text)) throw new RangeError(`not a terminal id: ${text}`);
  return text as TerminalId; // the pattern is the brand
}
