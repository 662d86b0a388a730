// The machine that the gateway runs on, as an administrator sees it.
import type { Instant } from '../domain/ids.ts';

export interface MachineFacts {
  readonly at: Instant;
  readonly system: string;
  /** 0 to 1; null where it cannot be read. */
  readonly load: number | null;
  readonly memory: { readonly used: number; readonly total: number } | null;
  /** Of the disk that holds the data. */
  readonly disk: { readonly used: number; readonly total: number } | null;
  readonly temperature: number | null;
}

export interface Machine {
  /** True on the appliance's own image: power, network and updates are ours. */
  readonly isAppliance: boolean;
  /** Of the TLS certificate; null without TLS. */
  readonly certificate: { readonly fingerprint: string } | null;
  readonly startedAt: Instant;
  /** The last reading, and the order for the next; null until the first is done. */
  facts(): MachineFacts | null;
  /** Names of serial ports where a terminal may hang, as addresses. */
  serialAddresses(): Promise<readonly string[]>;
  /** The newest log lines, oldest first; they hold no card data. */
  logLines(): readonly string[];
  /** A copy of the ledger as a stream. */
  backup(): Promise<NodeJS.ReadableStream>;
}
