// Process entry of the privileged hand: systemd opens its socket and starts it with the first knock.
import { hostname } from 'node:os';
import { runCommand } from '../system/commands.ts';
import { systemClock } from '../system/clock.ts';
import { createLog } from '../system/log.ts';
import { BOOT_PATHS } from '../update/boot-state.ts';
import { snapshotFileOf } from '../update/snapshot-file.ts';
import { VERSION } from '../version.ts';
import { HAND_FOLDERS } from './machine.ts';
import { createHandServer } from './server.ts';
import { openHand } from './verbs.ts';

/** SPEC sd_listen_fds(3): the first descriptor that systemd passes. */
const FIRST_DESCRIPTOR = 3;

const log = createLog({ journald: process.env['JOURNAL_STREAM'] !== undefined });
const clock = systemClock(() => true);
if (process.env['LISTEN_FDS'] !== '1') {
  log.error('cannot-start', { reason: 'systemd passed no socket' });
  process.exit(1);
}
const hand = await openHand({
  clock,
  log,
  run: runCommand,
  folders: HAND_FOLDERS,
  boot: BOOT_PATHS,
  version: VERSION,
  hostName: hostname,
  update: {
    dataFolder: HAND_FOLDERS.gateway,
    snapshotFile: snapshotFileOf(HAND_FOLDERS.state),
    port: Number(process.env['TILLGATE_PORT'] ?? 8080),
    clock,
    run: runCommand,
    say: (line) => log.info('update', { line }),
  },
});
const server = createHandServer({ hand, clock, log, onIdle: () => process.exit(0) });
server.listen({ fd: FIRST_DESCRIPTOR });
