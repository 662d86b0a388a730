// Process entry of `tillgate update`.
import { systemClock } from '../system/clock.ts';
import { runCommand } from '../system/commands.ts';
import { updateProgram } from './program.ts';
import { snapshotFileOf } from './snapshot-file.ts';

process.exitCode = await updateProgram(process.argv.slice(2), {
  dataFolder: process.env['TILLGATE_DATA'] ?? '/var/lib/tillgate/gateway',
  snapshotFile: snapshotFileOf(process.env['TILLGATE_STATE'] ?? '/var/lib/tillgate/system'),
  port: Number(process.env['TILLGATE_PORT'] ?? 8080),
  clock: systemClock(() => true),
  run: runCommand,
  say: (line) => process.stdout.write(`${line}\n`),
});
