// What of nexo is open at this moment, for pages and machines that ask.

/** One port of ours. */
export type NexoPort =
  /** Switched off in the settings. */
  | { readonly kind: 'off' }
  /** Set up, and nobody needs it yet. */
  | { readonly kind: 'idle'; readonly port: number }
  | { readonly kind: 'open'; readonly port: number }
  /** It could not be had; it is tried again. `reason`: the system's code. */
  | { readonly kind: 'failed'; readonly port: number; readonly reason: string };

/** A till that is logged in at the façade. */
export interface NexoTill {
  readonly saleId: string;
  readonly poiId: string;
  readonly style: 'default' | 'light';
}

/** A terminal that says that it has moved; nobody proves who says so. */
export interface NexoAnnouncement {
  readonly terminal: string;
  /** `http://host:port` */
  readonly address: string;
}

export interface NexoControl {
  /** The port that terminals call. */
  listener(): NexoPort;
  /** The port on which we are a terminal ourselves. */
  facade(): NexoPort;
  tills(): readonly NexoTill[];
  announced(): readonly NexoAnnouncement[];
}
