// Where messages of nexo terminals arrive: one door for all terminals, each known by its POIID.

export interface NexoArrival {
  /** IP address of the peer, IPv4 in dotted form. */
  readonly peer: string;
  readonly body: Uint8Array;
  /** Of the Content-Type; null where it names none. */
  readonly charset: string | null;
  /** Aborts when the peer goes away or the door closes. */
  readonly gone: AbortSignal;
}

export interface NexoReply {
  readonly status: 200 | 204 | 400 | 403 | 404;
  /** XML; null with anything but 200. */
  readonly body: string | null;
}

/** Whether terminals can call us at all. */
export type NexoDoor = { kind: 'closed'; reason: string } | { kind: 'open'; port: number };

export interface NexoReceiver {
  receive(arrival: NexoArrival): Promise<NexoReply>;
  /** Told by the listener; terminals of the default style raise an alarm while it is closed. */
  door(door: NexoDoor): void;
  /** Calls back once as soon as a terminal needs the door, at once where one does already. */
  onNeeded(open: () => void): void;
}
