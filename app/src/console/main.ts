// Process entry of the recovery console: the same conversation on the screen and the serial line.
import { hostname, networkInterfaces } from 'node:os';
import type { Language } from '../domain/texts/index.ts';
import { createLog } from '../system/log.ts';
import { systemClock, systemRandom } from '../system/clock.ts';
import { runCommand } from '../system/commands.ts';
import { snapshotFileOf } from '../update/snapshot-file.ts';
import { VERSION } from '../version.ts';
import { FOLDERS, type Machine } from './machine.ts';
import { runSession, sharedFacts } from './session.ts';
import { TerminalLine } from './terminal-line.ts';

const LINES = (process.env['TILLGATE_CONSOLE_LINES'] ?? '/dev/tty1 /dev/ttyS0').split(' ');

const log = createLog({ journald: process.env['JOURNAL_STREAM'] !== undefined });
const clock = systemClock(() => true);
const port = Number(process.env['TILLGATE_PORT'] ?? 8080);
const machine: Machine = {
  clock,
  random: systemRandom,
  log,
  run: runCommand,
  folders: FOLDERS,
  port,
  version: VERSION,
  update: {
    dataFolder: FOLDERS.gateway,
    snapshotFile: snapshotFileOf(FOLDERS.state),
    port,
    clock,
    run: runCommand,
    say: (line) => log.info('update', { line }),
  },
  hostName: hostname,
  addresses: () =>
    Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .sort((a, b) => a.family.localeCompare(b.family))
      .map(({ address }) => address),
};

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

const facts = sharedFacts(machine);
const sessions = LINES.map(async (path) => {
  const line = openLine(path);
  if (line === null) return;
  await line.prepare();
  const menu = async (language: Language): Promise<Language> => {
    const { runMenu } = await import('./menu.ts');
    return runMenu({ line, machine }, language);
  };
  await runSession({ line, machine, facts, menu }, stop.signal);
  line.close();
});
void Promise.all(sessions);

function openLine(path: string): TerminalLine | null {
  try {
    return new TerminalLine(path, runCommand);
  } catch (error) {
    // A board without a serial port, a machine without a screen.
    log.info('console-line-absent', { path, reason: error instanceof Error ? error.message : '?' });
    return null;
  }
}
