// A log that keeps its lines for the test instead of printing them.
import type { Log, LogFields } from '../../app/src/ports/log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
  readonly cause: unknown;
}

export class QuietLog implements Log {
  readonly lines: LogLine[];
  readonly #added: LogFields;

  constructor(lines: LogLine[] = [], added: LogFields = {}) {
    this.lines = lines;
    this.#added = added;
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#add('debug', event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#add('info', event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#add('warn', event, fields);
  }

  error(event: string, fields: LogFields = {}, cause?: unknown): void {
    this.#add('error', event, fields, cause);
  }

  with(fields: LogFields): QuietLog {
    return new QuietLog(this.lines, { ...this.#added, ...fields });
  }

  #add(level: LogLine['level'], event: string, fields: LogFields, cause?: unknown): void {
    this.lines.push({ level, event, fields: { ...this.#added, ...fields }, cause });
  }
}
