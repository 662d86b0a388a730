// Structured log lines. No card data: callers pass ids, codes, counts and durations only.

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `cause` is an Error: its message, code and stack are written. */
  error(event: string, fields?: LogFields, cause?: unknown): void;
  /** A log that adds these fields to every line. */
  with(fields: LogFields): Log;
}
