// What the status screen shows, collected without the gateway's help where it is down.
import { X509Certificate } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SLOT_REFRESH_MS } from '../domain/limits.ts';
import type { Language } from '../domain/texts/index.ts';
import { readBootState, type Slot } from '../update/boot-state.ts';
import { openOperations } from '../update/guard.ts';
import { askHealth, type OwnHealth } from '../update/health.ts';

import type { Machine } from './machine.ts';
import { oneTimeCode } from './one-time-code.ts';
import { LANGUAGES } from './texts/say.ts';

export type DataState =
  | { kind: 'ok'; freeMb: number }
  | { kind: 'missing' }
  | { kind: 'read-only' };

export type GatewayState =
  | { kind: 'answers'; health: OwnHealth }
  | { kind: 'starting' }
  | { kind: 'down'; state: string; restarts: number };

export interface Facts {
  readonly version: string;
  /** Null on a live medium. */
  readonly slot: Slot | null;
  readonly confirmed: boolean;
  readonly hostName: string;
  readonly addresses: readonly string[];
  readonly fingerprint: string | null;
  /** Of the first start; null once there is an administrator. */
  readonly firstCode: string | null;
  readonly data: DataState;
  readonly gateway: GatewayState;
  readonly openOperations: number;
  readonly clockTrusted: boolean;
  readonly now: number;
}

/** The same collector must be asked each time: it remembers what does not change. */
export function factCollector(machine: Machine): () => Promise<Facts> {
  const slots = slotWatch();
  return async () => collect(machine, await slots(machine));
}

async function collect(machine: Machine, boot: Slots): Promise<Facts> {
  const data = boot.booted === null ? { kind: 'missing' as const } : await dataState(machine);
  const there = data.kind !== 'missing';
  return {
    version: machine.version,
    slot: boot.booted,
    confirmed: boot.booted === boot.confirmed,
    hostName: machine.hostName(),
    addresses: machine.addresses(),
    fingerprint: there ? await fingerprint(machine) : null,
    firstCode: there ? await oneTimeCode(machine) : null,
    data,
    gateway: await gatewayState(machine),
    openOperations: there ? countOpen(machine) : 0,
    clockTrusted: existsSync(machine.folders.clockMark),
    now: machine.clock.now(),
  };
}

/** The language that the shop's settings name; Ukrainian where they cannot be read. */
export async function shopLanguage(machine: Machine): Promise<Language> {
  try {
    const text = await readFile(join(machine.folders.gateway, 'settings.json'), 'utf8');
    const settings = JSON.parse(text) as { shop?: { language?: unknown } }; // compared below
    return LANGUAGES.find((language) => language === settings.shop?.language) ?? 'uk';
  } catch {
    // No settings yet, or damaged ones: the console must work all the same.
    return 'uk';
  }
}

interface Slots {
  readonly booted: Slot | null;
  readonly confirmed: Slot | null;
}

/**
 * Kept once this slot is confirmed: reading it mounts the boot partition, which is better closed
 * when the power goes. Until then a look a minute is enough.
 */
function slotWatch(): (machine: Machine) => Promise<Slots> {
  let last: { readonly slots: Slots; readonly at: number } | null = null;
  return async (machine) => {
    const now = machine.clock.monotonic();
    const settled = last !== null && last.slots.booted === last.slots.confirmed;
    if (last !== null && (settled || now - last.at < SLOT_REFRESH_MS)) return last.slots;
    last = { slots: await readSlots(), at: now };
    return last.slots;
  };
}

async function readSlots(): Promise<Slots> {
  try {
    return await readBootState();
  } catch {
    // A boot partition that cannot be read shows as a system that is not confirmed.
    return { booted: 'A', confirmed: null };
  }
}

async function dataState(machine: Machine): Promise<DataState> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const mount = mounts.split('\n').find((line) => line.split(' ')[1] === machine.folders.data);
  if (mount === undefined) return { kind: 'missing' };
  const options = mount.split(' ')[3]?.split(',') ?? [];
  if (options.includes('ro')) return { kind: 'read-only' };
  const { bavail, bsize } = await statfs(machine.folders.data);
  return { kind: 'ok', freeMb: Math.floor((bavail * bsize) / (1024 * 1024)) };
}

async function fingerprint(machine: Machine): Promise<string | null> {
  try {
    const pem = await readFile(join(machine.folders.gateway, 'tls', 'tls.pem'), 'utf8');
    const start = pem.indexOf('-----BEGIN CERTIFICATE-----');
    return start < 0 ? null : new X509Certificate(pem.slice(start)).fingerprint256;
  } catch {
    // Made by the gateway's first start.
    return null;
  }
}

async function gatewayState(machine: Machine): Promise<GatewayState> {
  const health = await askHealth(machine.port);
  if (health !== null) return { kind: 'answers', health };
  const shown = await machine.run('systemctl', [
    'show',
    'tillgate.service',
    '--property=ActiveState,SubState,NRestarts',
  ]);
  const value = (name: string): string =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(shown.text)?.[1] ?? '';
  const restarts = Number(value('NRestarts'));
  if (value('ActiveState') === 'activating' && restarts === 0) return { kind: 'starting' };
  return { kind: 'down', state: `${value('ActiveState')}/${value('SubState')}`, restarts };
}

function countOpen(machine: Machine): number {
  try {
    return openOperations(machine.folders.gateway).length;
  } catch {
    // No ledger yet, or one that cannot be read: the gateway's own state tells that.
    return 0;
  }
}
