// One JSON line an event on standard output; under journald with the priority that it reads.
import { type DestinationStream, pino } from 'pino';
import { ERROR_CAUSES_MAX, LOG_BUFFER_BYTES_MAX } from '../domain/limits.ts';
import type { Log, LogFields } from '../ports/log.ts';
import { redactFields, redactText } from './redaction.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** SPEC sd-daemon(3): `<N>` before the line is its syslog priority. */
const PRIORITIES: Readonly<Record<Level, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

export interface LogOptions {
  /** True where journald reads our standard output: it stamps the time and wants priorities. */
  readonly journald: boolean;
  /** The least level that is written; `info` where it is absent or no level. */
  readonly level?: string | undefined;
  readonly destination?: DestinationStream;
}

export function createLog(options: LogOptions): Log {
  const { journald, destination = standardOutput() } = options;
  const level = levelOf(options.level);
  const logger = pino(
    {
      level: level ?? 'info',
      base: null,
      messageKey: 'event',
      timestamp: journald ? false : pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    journald ? prefixed(destination) : destination,
  );
  const log = over(logger, {});
  if (level === null) log.warn('log-level-unknown', { asked: options.level });
  return log;
}

function over(logger: pino.Logger, common: LogFields): Log {
  const write = (level: Level, event: string, fields: LogFields = {}): void => {
    logger[level]({ ...common, ...redactFields(fields) }, redactText(event));
  };
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields, cause) => {
      const described = cause === undefined ? {} : { error: describe(cause, ERROR_CAUSES_MAX) };
      logger.error({ ...common, ...redactFields(fields ?? {}), ...described }, redactText(event));
    },
    with: (fields) => over(logger, { ...common, ...redactFields(fields) }),
  };
}

interface Described {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: Described;
}

/** Only what is named here: other members of an error may hold a whole answer of a terminal. */
function describe(cause: unknown, depth: number): Described {
  if (!(cause instanceof Error)) {
    return { name: typeof cause, message: redactText(String(cause)) };
  }
  const { code } = cause as { code?: unknown }; // Node's errors and ours carry one
  return {
    name: cause.name,
    message: redactText(cause.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause.stack === undefined ? {} : { stack: redactText(cause.stack) }),
    ...(cause.cause === undefined || depth <= 1 ? {} : { cause: describe(cause.cause, depth - 1) }),
  };
}

/** Not waited for: a reader that hangs must not hold up a payment; lines beyond are dropped. */
function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: false, maxLength: LOG_BUFFER_BYTES_MAX });
}

function prefixed(destination: DestinationStream): DestinationStream {
  return {
    write: (line) => {
      const level = /^\{"level":"(\w+)"/.exec(line)?.[1];
      destination.write(`<${PRIORITIES[levelOf(level) ?? 'error']}>${line}`);
    },
  };
}

/** Null where the text is given but is no level. */
function levelOf(text: string | undefined): Level | null {
  if (text === undefined || text === '') return 'info';
  return text in PRIORITIES ? (text as Level) : null; // the keys are the levels
}
