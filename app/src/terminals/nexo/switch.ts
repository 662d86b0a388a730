// All terminals behind one door: a message goes to the terminal whose POIID it carries, if it came
// from an address that this terminal may have.
import type { Log } from '../../ports/log.ts';
import type { NexoAnnouncement } from '../../ports/nexo-control.ts';
import type { NexoArrival, NexoDoor, NexoReceiver, NexoReply } from '../../ports/nexo-receiver.ts';
import { type NexoMessage, readNexo } from '../../xml/nexo/envelope.ts';

/** A terminal of the default style. */
export interface SwitchedDevice {
  /** Its name in the settings. */
  readonly terminal: string;
  readonly poiId: string;
  /** Where its messages may come from; empty = anywhere, where its own address is a name. */
  readonly addresses: readonly string[];
  answer(message: NexoMessage): Promise<NexoReply>;
  /** Whether it can be heard at all. */
  door(door: NexoDoor): void;
  /** Where it says that it is now; null where it says nothing, or has been set up so. */
  announced(): string | null;
}

export interface NexoSwitch extends NexoReceiver {
  /** The returned function ends it. */
  register(device: SwitchedDevice): () => void;
  announced(): readonly NexoAnnouncement[];
}

export function createNexoSwitch(log: Log): NexoSwitch {
  const devices = new Set<SwitchedDevice>();
  let door: NexoDoor = { kind: 'closed', reason: 'the port for terminals is not open' };
  let open: (() => void) | null = null;
  const knock = (): void => {
    if (devices.size === 0 || open === null) return;
    const call = open;
    open = null;
    call();
  };
  return {
    register: (device) => {
      devices.add(device);
      device.door(door);
      knock();
      return () => devices.delete(device);
    },
    door: (next) => {
      door = next;
      for (const device of devices) device.door(door);
    },
    onNeeded: (callback) => {
      open = callback;
      knock();
    },
    receive: (arrival) => receive(arrival, devices, log),
    announced: () =>
      [...devices].flatMap((device) => {
        const address = device.announced();
        return address === null ? [] : [{ terminal: device.terminal, address }];
      }),
  };
}

async function receive(
  arrival: NexoArrival,
  devices: ReadonlySet<SwitchedDevice>,
  log: Log,
): Promise<NexoReply> {
  const read = await readNexo(arrival.body, arrival.charset);
  if (read.kind === 'refused') {
    log.warn('nexo-unreadable', { peer: arrival.peer, detail: read.detail });
    return { status: 400, body: null };
  }
  const { message } = read;
  const known = [...devices].filter(({ poiId }) => poiId === message.header.poiId);
  if (known.length === 0) {
    log.warn('nexo-unknown-terminal', { peer: arrival.peer });
    return { status: 404, body: null };
  }
  // A terminal that has moved announces itself from an address that is not known yet; that only
  // raises an alarm.
  const moving = message.header.messageCategory === 'Transmit';
  const device = known.find(
    ({ addresses }) => addresses.length === 0 || addresses.includes(arrival.peer),
  );
  const taker = device ?? (moving ? known[0] : undefined);
  if (taker === undefined) {
    log.warn('nexo-foreign-address', { peer: arrival.peer });
    return { status: 403, body: null };
  }
  return taker.answer(message);
}
