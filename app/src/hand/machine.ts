// What the hand's verbs may touch, so that tests can put something else in its place.
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RunCommand } from '../system/commands.ts';
import type { BootPaths } from '../update/boot-state.ts';
import type { UpdateSurroundings } from '../update/program.ts';

export interface HandFolders {
  /** Ledger and settings: the gateway's own. */
  readonly gateway: string;
  /** Network, name, time: the system's own. */
  readonly state: string;
  /** Network files that networkd reads, made at boot from those in `state`. */
  readonly networkRuntime: string;
  /** The same for timesyncd. */
  readonly timeRuntime: string;
  /** timesyncd makes this mark when it has set the clock; a person's word makes it too. */
  readonly clockMark: string;
  /** Where the gateway leaves what was uploaded. */
  readonly spool: string;
  /** Where a bundle lies while it is installed, out of the gateway's reach. */
  readonly taken: string;
  /** Gone at a restart. */
  readonly runtime: string;
  readonly zones: string;
  readonly localTime: string;
  /** What resolved learnt. */
  readonly resolvers: string;
}

export const HAND_FOLDERS: HandFolders = {
  gateway: '/var/lib/tillgate/gateway',
  state: '/var/lib/tillgate/system',
  networkRuntime: '/run/systemd/network',
  timeRuntime: '/run/systemd/timesyncd.conf.d',
  clockMark: '/run/systemd/timesync/synchronized',
  spool: '/var/lib/tillgate/spool',
  taken: '/var/lib/tillgate/rauc',
  runtime: '/run/tillgate-hand',
  zones: '/usr/share/zoneinfo',
  localTime: '/etc/localtime',
  resolvers: '/run/systemd/resolve/resolv.conf',
};

export interface HandMachine {
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunCommand;
  readonly folders: HandFolders;
  readonly update: UpdateSurroundings;
  readonly boot: BootPaths;
  readonly version: string;
  hostName(): string;
}
