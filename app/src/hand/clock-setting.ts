// Time of day: its trust, its zone, its servers.
import { existsSync, statSync } from 'node:fs';
import { readFile, readlink, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { TIME_SERVERS_MAX } from '../domain/limits.ts';
import type { TimeState } from '../ports/machine-hand.ts';
import { isSystemError } from '../storage/data-folder.ts';
import { writeDurable } from '../storage/durable-file.ts';
import type { CommandResult, RunCommand } from '../system/commands.ts';
import type { HandMachine } from './machine.ts';
import { writeShown } from './shown-file.ts';

const SERVERS_FILE = '50-shop.conf';
/** Before the product existed, and after its disk is dust: neither is the time of a payment. */
const YEARS = { first: Date.UTC(2026, 0, 1), last: Date.UTC(2100, 0, 1) };

export interface ClockPlaces {
  readonly run: RunCommand;
  readonly folders: { readonly state: string; readonly clockMark: string };
}

export async function confirmTime({ folders }: Pick<ClockPlaces, 'folders'>): Promise<void> {
  await writeShown(folders.clockMark, '');
}

/** `text` is what `date --set` takes. A time that a person gave is trusted. */
export async function setTime(places: ClockPlaces, text: string): Promise<CommandResult> {
  const set = await places.run('date', ['--set', text]);
  if (set.ok) await confirmTime(places);
  return set;
}

export function isPossibleTime(at: number): boolean {
  return Number.isInteger(at) && at >= YEARS.first && at < YEARS.last;
}

export function isZone(zone: string, zones = '/usr/share/zoneinfo'): boolean {
  if (!/^[A-Za-z]+(\/[A-Za-z_+-]+)*$/.test(zone)) return false;
  return statSync(join(zones, zone), { throwIfNoEntry: false })?.isFile() === true;
}

export async function setZone(
  { run, folders }: ClockPlaces,
  zone: string,
  { zones, localTime } = { zones: '/usr/share/zoneinfo', localTime: '/etc/localtime' },
): Promise<CommandResult> {
  await writeDurable(join(folders.state, 'time-zone'), `${zone}\n`);
  return run('ln', ['-sf', join(zones, zone), localTime]);
}

/** Names and addresses; nothing that could be another line of timesyncd's file. */
export function isTimeServer(name: string): boolean {
  if (name.length > 253) return false;
  return isIP(name) > 0
    ? !name.includes('%')
    : /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name);
}

/** None = those that the LAN names, then the system's own. */
export async function setServers(
  { run, folders }: HandMachine,
  servers: readonly string[],
): Promise<CommandResult> {
  const stored = join(folders.state, 'time-servers.conf');
  const inForce = join(folders.timeRuntime, SERVERS_FILE);
  if (servers.length === 0) {
    for (const path of [stored, inForce]) await rm(path, { force: true });
  } else {
    const text = `[Time]\nNTP=${servers.join(' ')}\n`;
    await writeDurable(stored, text);
    await writeShown(inForce, text);
  }
  return run('systemctl', ['restart', 'systemd-timesyncd.service']);
}

export async function timeState({ clock, run, folders }: HandMachine): Promise<TimeState> {
  const shown = await run('timedatectl', ['show-timesync', '--property=ServerName']);
  const server = /^ServerName=(\S+)$/m.exec(shown.text)?.[1] ?? null;
  return {
    now: clock.now(),
    trusted: existsSync(folders.clockMark),
    zone: await zoneOf(folders.localTime),
    servers: await storedServers(join(folders.state, 'time-servers.conf')),
    server: shown.ok ? server : null,
  };
}

async function zoneOf(localTime: string): Promise<string | null> {
  try {
    return /zoneinfo\/(.+)$/.exec(await readlink(localTime))?.[1] ?? null;
  } catch (error) {
    // No link, or a file that somebody copied there: the zone has no name.
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'EINVAL')) return null;
    throw error;
  }
}

async function storedServers(path: string): Promise<readonly string[]> {
  try {
    const text = /^NTP=(.*)$/m.exec(await readFile(path, 'utf8'))?.[1] ?? '';
    return text.split(' ').filter(isTimeServer).slice(0, TIME_SERVERS_MAX);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
