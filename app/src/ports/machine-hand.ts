// The privileged hand of the appliance: what the gateway may not do itself and asks a small root
// program for. A closed list of verbs; each is checked again on the other side.
import type { Instant } from '../domain/ids.ts';

export type NetworkPlan =
  | { kind: 'dhcp' }
  | {
      kind: 'fixed';
      link: string;
      /** With the length of the prefix: `192.168.1.20/24`. */
      address: string;
      /** '' = none. */
      gateway: string;
      dns: string;
    };

export interface NetworkLink {
  readonly name: string;
  readonly up: boolean;
  /** With the length of the prefix, IPv4 first. */
  readonly addresses: readonly string[];
}

export interface NetworkState {
  readonly hostName: string;
  readonly links: readonly NetworkLink[];
  readonly gateway: string | null;
  readonly dns: readonly string[];
  /** What holds after a restart. */
  readonly plan: NetworkPlan;
  /** What is being tried; the settings before come back when nobody confirms in time. */
  readonly trial: { readonly plan: NetworkPlan; readonly leftMs: number } | null;
  /** How the last trial since the hand's start ended. */
  readonly ended: 'kept' | 'returned' | null;
}

export interface TimeState {
  readonly now: Instant;
  /** NTP, or a person's word. */
  readonly trusted: boolean;
  /** Of the console and the log; null where it cannot be read. */
  readonly zone: string | null;
  /** Set by a person; none = those of the LAN and of the system. */
  readonly servers: readonly string[];
  /** The server that the clock follows at the moment. */
  readonly server: string | null;
}

export type SlotName = 'A' | 'B';

export interface SlotState {
  readonly name: SlotName;
  readonly booted: boolean;
  /** The last one that proved that payments work. */
  readonly confirmed: boolean;
  /** The next start tries it first. */
  readonly next: boolean;
  /** Null where nothing was installed into it by an update. */
  readonly version: string | null;
  /** The loader's word: false after a start that was never confirmed. */
  readonly good: boolean | null;
}

/** An update bundle that was uploaded. */
export interface SpooledBundle {
  readonly bytes: number;
  /** Null where it is not signed by a key that this box trusts, or is no bundle; see `detail`. */
  readonly version: string | null;
  readonly detail: string | null;
}

export interface UpdateProgress {
  readonly percent: number;
  /** What the updater says that it does, in English. */
  readonly text: string;
}

export type UpdateResult =
  | { kind: 'installed'; version: string }
  | { kind: 'refused'; count: number }
  | { kind: 'not-trusted'; detail: string }
  | { kind: 'too-old'; version: string }
  | { kind: 'failed'; detail: string };

export interface UpdateState {
  /** Empty on a live medium. */
  readonly slots: readonly SlotState[];
  readonly bundle: SpooledBundle | null;
  /** Null while nothing is installed. */
  readonly running: UpdateProgress | null;
  readonly last: { readonly at: Instant; readonly result: UpdateResult } | null;
}

export type PowerAct = 'restart-gateway' | 'restart' | 'power-off';

export interface UnitState {
  readonly name: string;
  /** systemd's words: `active`, `running`. */
  readonly active: string;
  readonly sub: string;
  readonly restarts: number;
}

export interface OpenPayment {
  readonly id: string;
  readonly terminal: string;
  readonly kind: string;
  readonly state: string;
}

export type HandRefusal =
  /** `field` is the name of the parameter. */
  | { code: 'invalid'; field: string }
  /** These payments would be cut; they end first. */
  | { code: 'running'; operations: readonly OpenPayment[] }
  /** Not one of those that the request names. */
  | { code: 'unresolved'; operations: readonly OpenPayment[] }
  | { code: 'ledger-unreadable'; detail: string }
  /** An update is being installed, or another network is being tried. */
  | { code: 'busy' }
  /** There is nothing to install, keep or take back. */
  | { code: 'nothing' }
  | { code: 'failed'; detail: string };

export type Handed<T> =
  | { kind: 'done'; value: T }
  | { kind: 'refused'; refusal: HandRefusal }
  /** The hand does not answer. */
  | { kind: 'away'; detail: string };

/** What each verb is asked with and answers. */
export interface HandVerbs {
  network: { ask: object; answer: NetworkState };
  /** Applied a moment after the answer. */
  'network-try': { ask: { plan: NetworkPlan }; answer: { leftMs: number } };
  /** `reached`: the address of the box that the confirming request came to. */
  'network-keep': { ask: { reached: string }; answer: null };
  'network-back': { ask: object; answer: null };
  name: { ask: { name: string }; answer: null };
  time: { ask: object; answer: TimeState };
  'time-set': { ask: { at: Instant }; answer: null };
  'time-trust': { ask: object; answer: null };
  'time-zone': { ask: { zone: string }; answer: null };
  'time-servers': { ask: { servers: readonly string[] }; answer: null };
  updates: { ask: object; answer: UpdateState };
  /** Installs what lies in the spool folder; goes on after the answer. */
  'update-install': { ask: object; answer: null };
  /** Tells the progress while an update is installed, and ends with it. */
  'update-watch': { ask: object; answer: null };
  /** The next start takes the other slot. */
  'slot-switch': { ask: object; answer: null };
  /** Done a moment after the answer. `unresolved`: the payments that a person knows are open. */
  power: { ask: { act: PowerAct; unresolved: readonly string[] }; answer: null };
  units: { ask: object; answer: readonly UnitState[] };
}
export type HandVerb = keyof HandVerbs;

export type Spooled =
  | { kind: 'spooled'; bytes: number }
  | { kind: 'too-large' }
  /** The rest of the disk is for payments. */
  | { kind: 'no-space' }
  /** The sender went away. */
  | { kind: 'cut' };

export interface MachineHand {
  ask<V extends HandVerb>(
    verb: V,
    parameters: HandVerbs[V]['ask'],
  ): Promise<Handed<HandVerbs[V]['answer']>>;
  /** Calls back with each progress until the installation ends or `signal` aborts. */
  watchUpdate(tell: (progress: UpdateProgress) => void, signal: AbortSignal): Promise<void>;
  /** Keeps an update bundle for `update-install`; replaces the one before. */
  spool(bytes: AsyncIterable<Uint8Array>, declaredBytes: number | null): Promise<Spooled>;
  /** Removes what was uploaded. */
  dropSpooled(): Promise<void>;
}
