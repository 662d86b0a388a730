// A fixed address as networkd's file: what is in force, and what holds after a restart. The
// recovery console and the pages write the same one.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { LINK_FAREWELL_MS } from '../domain/limits.ts';
import type { NetworkPlan } from '../ports/machine-hand.ts';
import { isSystemError } from '../storage/data-folder.ts';
import { writeDurable } from '../storage/durable-file.ts';
import type { CommandResult, RunCommand } from '../system/commands.ts';
import { writeShown } from './shown-file.ts';

/** Above the file of the image that asks for DHCP. */
const FIXED_FILE = '50-fixed.network';

export interface NetworkPlaces {
  readonly run: RunCommand;
  readonly folders: { readonly state: string; readonly networkRuntime: string };
}

export type FixedNetwork = Omit<Extract<NetworkPlan, { kind: 'fixed' }>, 'kind'>;

/** The text of a `.network` file; null where an address is none. */
export function fixedNetwork(plan: FixedNetwork): string | null {
  if (fixedFault(plan) !== null) return null;
  const { link, address, gateway, dns } = plan;
  return [
    '[Match]',
    `Name=${link}`,
    '',
    '[Network]',
    `Address=${address}`,
    ...(gateway === '' ? [] : [`Gateway=${gateway}`]),
    ...(dns === '' ? [] : [`DNS=${dns}`]),
    'MulticastDNS=yes',
    '',
  ].join('\n');
}

/** The first field that is wrong; null where all are right. */
export function fixedFault({
  link,
  address,
  gateway,
  dns,
}: FixedNetwork): keyof FixedNetwork | null {
  if (!isWired(link)) return 'link';
  const [ip = '', prefix = '', ...more] = address.split('/');
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  const fits =
    (isIPv4(ip) && bits >= 1 && bits <= 32) || (isPlainV6(ip) && bits >= 1 && bits <= 128);
  if (!fits || more.length > 0) return 'address';
  if (gateway !== '' && (isIP(gateway) !== isIP(ip) || gateway.includes('%'))) return 'gateway';
  return dns !== '' && (isIP(dns) === 0 || dns.includes('%')) ? 'dns' : null;
}

/** A zone belongs to a link-local address, which nobody sets by hand. */
function isPlainV6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isWired(name: string): boolean {
  return /^(en|eth)[a-z0-9]{1,13}$/.test(name);
}

/** What our own file says; DHCP where there is none, or one that somebody wrote by hand. */
export function planOf(text: string | null): NetworkPlan {
  if (text === null) return { kind: 'dhcp' };
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const plan = {
    link: value('Name'),
    address: value('Address'),
    gateway: value('Gateway'),
    dns: value('DNS'),
  };
  return fixedFault(plan) === null ? { kind: 'fixed', ...plan } : { kind: 'dhcp' };
}

/** Null where there is none: DHCP. */
export function storedFile({ folders }: NetworkPlaces): Promise<string | null> {
  return textOf(join(folders.state, 'network', FIXED_FILE));
}

export function fileInForce({ folders }: NetworkPlaces): Promise<string | null> {
  return textOf(join(folders.networkRuntime, FIXED_FILE));
}

/** Until the next restart. */
export async function putInForce(
  { run, folders }: NetworkPlaces,
  text: string | null,
): Promise<CommandResult> {
  // From an address that is gone no line can be closed, and terminals serve one line at a time. A
  // gateway that is down has none; one that cannot be told loses them as by any broken cable.
  await run('systemctl', ['kill', '--signal=SIGURG', '--kill-whom=main', 'tillgate.service']);
  await run('sleep', [String(LINK_FAREWELL_MS / 1_000)]);
  const path = join(folders.networkRuntime, FIXED_FILE);
  if (text === null) await rm(path, { force: true });
  else await writeShown(path, text);
  return run('networkctl', ['reload']);
}

/** For every later start. */
export async function store({ folders }: NetworkPlaces, text: string | null): Promise<void> {
  const folder = join(folders.state, 'network');
  if (text === null) return rm(join(folder, FIXED_FILE), { force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeDurable(join(folder, FIXED_FILE), text);
}

/** What was in force before a trial; there while one goes on. */
export const TRIAL_FILE = 'network-before.json';
const TRIAL_ANYWHERE = `/run/tillgate-hand/${TRIAL_FILE}`;

/** Stored and in force at once, and a trial from a page is over: whoever stands before the box decides. */
export async function useDhcp(
  places: NetworkPlaces,
  trial = TRIAL_ANYWHERE,
): Promise<CommandResult> {
  await rm(trial, { force: true });
  await store(places, null);
  return putInForce(places, null);
}

/** Null where an address is none. */
export async function useFixed(
  places: NetworkPlaces,
  plan: FixedNetwork,
  trial = TRIAL_ANYWHERE,
): Promise<CommandResult | null> {
  const text = fixedNetwork(plan);
  if (text === null) return null;
  await rm(trial, { force: true });
  await store(places, text);
  return putInForce(places, text);
}

export async function wiredLinks(run: RunCommand): Promise<string[]> {
  const { text } = await run('ip', ['-brief', 'link', 'show']);
  return text
    .split('\n')
    .map((line) => /^(\S+?)(@\S+)?\s/.exec(line)?.[1] ?? '')
    .filter(isWired);
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}
