// What the console's actions may touch, so that tests can put something else in its place.
import type { Clock, Random } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RunCommand } from '../system/commands.ts';
import type { UpdateSurroundings } from '../update/program.ts';

export interface Machine {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly run: RunCommand;
  readonly folders: Folders;
  /** Port of the gateway on loopback. */
  readonly port: number;
  readonly version: string;
  readonly update: UpdateSurroundings;
  /** Wired addresses, IPv4 first. */
  addresses(): readonly string[];
  hostName(): string;
}

export interface Folders {
  /** The data partition's mount point. */
  readonly data: string;
  /** Ledger, settings, secrets, certificate: the gateway's own. */
  readonly gateway: string;
  /** Network, name, SSH: the system's own. */
  readonly state: string;
  /** Where a USB stick is mounted while it is used. */
  readonly stick: string;
  /** Network files that networkd reads, made at boot from those in `state`. */
  readonly networkRuntime: string;
  /** timesyncd makes this mark when it has set the clock; a person's word makes it too. */
  readonly clockMark: string;
}

export const FOLDERS: Folders = {
  data: '/var/lib/tillgate',
  gateway: '/var/lib/tillgate/gateway',
  state: '/var/lib/tillgate/system',
  stick: '/run/tillgate-console/stick',
  networkRuntime: '/run/systemd/network',
  clockMark: '/run/systemd/timesync/synchronized',
};
