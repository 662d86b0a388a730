// Process entry of the command `tillgate`: arguments in, exit code out.
import { once } from 'node:events';
import type { Log, LogFields } from '../ports/log.ts';
import { systemClock, systemRandom } from '../system/clock.ts';
import { run } from './run.ts';
import { readSecret } from './secret.ts';

const DATA_FOLDER = '/var/lib/tillgate';

// A reader like `head` that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await run(process.argv.slice(2), {
  dataFolder: process.env['TILLGATE_DATA'] ?? DATA_FOLDER,
  clock: systemClock(() => true),
  random: systemRandom,
  log: complaints({}),
  print,
  complain,
  secret: (question, twice) =>
    readSecret(process.stdin, (text) => process.stderr.write(text), question, twice),
});

async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

function quiet(): void {}

/** Warnings and errors for the person at the terminal; standard output is for the answer. */
function complaints(common: LogFields): Log {
  const say = (event: string, fields: LogFields = {}): void => {
    const said = Object.entries({ ...common, ...fields }).map(([key, value]) => `${key}=${value}`);
    complain(['tillgate:', event, ...said].join(' '));
  };
  return {
    debug: quiet,
    info: quiet,
    warn: say,
    error: (event, fields, cause) => {
      say(event, { ...fields, ...(cause instanceof Error ? { cause: cause.message } : {}) });
    },
    with: (fields) => complaints({ ...common, ...fields }),
  };
}
