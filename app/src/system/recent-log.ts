// A log that also keeps its newest lines in memory, for the page of the system and for support.
import { LOG_LINES_KEPT } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log, LogFields } from '../ports/log.ts';
import { redactFields, redactText } from './redaction.ts';

export interface RecentLog {
  readonly log: Log;
  /** Oldest first. */
  lines(): readonly string[];
}

export function keepRecent(log: Log, clock: Clock): RecentLog {
  const lines: string[] = [];
  const keep = (level: string, event: string, fields: LogFields, cause?: unknown): void => {
    const time = new Date(clock.now()).toISOString();
    const error = cause instanceof Error ? { error: redactText(cause.message) } : {};
    const line = { time, level, event: redactText(event), ...redactFields(fields), ...error };
    lines.push(JSON.stringify(line));
    if (lines.length > LOG_LINES_KEPT) lines.shift();
  };
  return { log: over(log, keep, {}), lines: () => lines };
}

type Keep = (level: string, event: string, fields: LogFields, cause?: unknown) => void;

function over(log: Log, keep: Keep, common: LogFields): Log {
  return {
    // Debugging lines are many and not for support.
    debug: (event, fields) => log.debug(event, fields),
    info: (event, fields) => {
      keep('info', event, { ...common, ...fields });
      log.info(event, fields);
    },
    warn: (event, fields) => {
      keep('warn', event, { ...common, ...fields });
      log.warn(event, fields);
    },
    error: (event, fields, cause) => {
      keep('error', event, { ...common, ...fields }, cause);
      log.error(event, fields, cause);
    },
    with: (fields) => over(log.with(fields), keep, { ...common, ...fields }),
  };
}
