// A network in memory that carries real bytes: they arrive late, in pieces, or never.
import type { Clock } from '../../app/src/ports/clock.ts';
import {
  type BytePipe,
  type CloseReason,
  type Transport,
  TransportError,
} from '../../app/src/ports/transport.ts';

/** The peer's end of a pipe. */
export interface PeerEnd {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** What the peer is told. */
export interface PeerPort {
  receive(chunk: Uint8Array): void;
  gone(): void;
}

/** Null where nobody answers at this address: the connection is refused. */
export type Accept = (end: PeerEnd) => PeerPort | null;

export interface NetworkOptions {
  readonly clock: Clock;
  /** How long a chunk travels; 1 ms unless given. Chunks of one direction keep their order. */
  readonly delayMs?: () => number;
  /** Where a chunk is split: the length of each next piece; whole unless given. */
  readonly pieceBytes?: () => number;
}

/**
 * INVARIANTS: bytes of one direction arrive in order; after an end has closed or died it hears
 * nothing more; `closed` of a pipe resolves once.
 */
export class MemoryNetwork {
  readonly #options: NetworkOptions;
  readonly #peers = new Map<string, Accept>();
  readonly #wires = new Map<string, Set<Wire>>();
  readonly #refused = new Set<string>();

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  listen(address: string, accept: Accept): void {
    this.#peers.set(address, accept);
  }

  refuse(address: string, refused: boolean): void {
    if (refused) this.#refused.add(address);
    else this.#refused.delete(address);
  }

  /** Both ends learn at once that the link is gone; what was on its way is lost. */
  cut(address: string): void {
    for (const wire of this.#open(address)) wire.cut();
  }

  /** The cable is out: bytes vanish and nobody is told. */
  mute(address: string): void {
    for (const wire of this.#open(address)) wire.muted = true;
  }

  openPipes(address: string): number {
    return this.#open(address).length;
  }

  /** The transport of one process life; `onStep` hears of each write and open. */
  transport(onStep: () => void = () => undefined): MortalTransport {
    return new MortalTransport((address, signal, life) => {
      onStep();
      return this.#connect(address, signal, life, onStep);
    });
  }

  #open(address: string): Wire[] {
    return [...(this.#wires.get(address) ?? [])];
  }

  async #connect(
    address: string,
    signal: AbortSignal,
    life: TransportLife,
    onStep: () => void,
  ): Promise<BytePipe> {
    const { clock } = this.#options;
    if (signal.aborted) throw new TransportError('aborted', 'not opened');
    await new Promise<void>((resolve) => clock.after(this.#options.delayMs?.() ?? 1, resolve));
    if (!life.alive) return new Promise(() => undefined);
    if (signal.aborted) throw new TransportError('aborted', 'not opened in time');
    const accept = this.#peers.get(address);
    const wire = new Wire(this.#options, onStep);
    const port = this.#refused.has(address) ? null : (accept?.(wire.peerEnd) ?? null);
    if (port === null) throw new TransportError('ECONNREFUSED', `${address} refuses`);
    wire.port = port;
    const wires = this.#wires.get(address) ?? new Set();
    this.#wires.set(address, wires.add(wire));
    life.wires.add(wire);
    wire.onEnd = () => {
      wires.delete(wire);
      life.wires.delete(wire);
    };
    return wire.pipe;
  }
}

interface TransportLife {
  alive: boolean;
  readonly wires: Set<Wire>;
}

export class MortalTransport implements Transport {
  readonly #life: TransportLife = { alive: true, wires: new Set() };
  readonly #connect: (
    address: string,
    signal: AbortSignal,
    life: TransportLife,
  ) => Promise<BytePipe>;

  constructor(
    connect: (address: string, signal: AbortSignal, life: TransportLife) => Promise<BytePipe>,
  ) {
    this.#connect = connect;
  }

  open(address: string, signal: AbortSignal): Promise<BytePipe> {
    if (!this.#life.alive) return new Promise(() => undefined);
    return this.#connect(address, signal, this.#life);
  }

  /** Our side dies: it hears and says nothing more; the peers notice after `noticedMs`. */
  die(noticedMs: number): void {
    this.#life.alive = false;
    for (const wire of Array.from(this.#life.wires)) wire.ourDeath(noticedMs);
  }
}

class Wire {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  readonly #pieceBytes: () => number;
  readonly #onStep: () => void;
  readonly #closed: Promise<CloseReason>;
  #resolveClosed: (reason: CloseReason) => void = () => undefined;
  #listener: ((chunk: Uint8Array) => void) | null = null;
  #early: Uint8Array[] = [];
  #ours: 'open' | 'closed' | 'dead' = 'open';
  #theirs: 'open' | 'closed' = 'open';
  #lost = false;
  #toPeerAt = 0;
  #toUsAt = 0;
  port: PeerPort | null = null;
  muted = false;
  onEnd: () => void = () => undefined;
  readonly pipe: BytePipe;
  readonly peerEnd: PeerEnd;

  constructor(options: NetworkOptions, onStep: () => void) {
    this.#clock = options.clock;
    this.#delayMs = options.delayMs ?? (() => 1);
    this.#pieceBytes = options.pieceBytes ?? (() => Number.POSITIVE_INFINITY);
    this.#onStep = onStep;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.pipe = {
      write: (bytes) => this.#write(bytes),
      onData: (listener) => {
        this.#listener = listener;
        for (const chunk of this.#early.splice(0)) listener(chunk);
      },
      closed: this.#closed,
      close: () => this.#closeOurs(),
    };
    this.peerEnd = {
      send: (bytes) => this.#sendToUs(bytes),
      close: () => this.#closeTheirs(),
    };
  }

  cut(): void {
    this.#lost = true;
    if (this.#ours === 'open') {
      this.#ours = 'closed';
      this.#resolveClosed({ kind: 'error', code: 'ECONNRESET', detail: 'connection reset' });
    }
    this.#tellPeer();
  }

  ourDeath(noticedMs: number): void {
    this.#ours = 'dead';
    this.#clock.after(noticedMs, () => this.#tellPeer());
  }

  #write(bytes: Uint8Array): Promise<void> {
    this.#onStep();
    if (this.#ours === 'dead') return new Promise(() => undefined);
    if (this.#ours === 'closed') {
      return Promise.reject(new TransportError('closed', 'the pipe is closed'));
    }
    for (const piece of this.#pieces(bytes)) {
      this.#toPeerAt = Math.max(this.#toPeerAt, this.#clock.monotonic() + this.#delayMs());
      this.#clock.after(this.#toPeerAt - this.#clock.monotonic(), () => {
        // What left a process before it closed or died still arrives; a cut link loses it.
        if (!this.#lost && this.#theirs === 'open' && !this.muted) {
          this.port?.receive(piece);
        }
      });
    }
    return Promise.resolve();
  }

  #sendToUs(bytes: Uint8Array): void {
    if (this.#theirs === 'closed') return;
    for (const piece of this.#pieces(bytes)) {
      this.#toUsAt = Math.max(this.#toUsAt, this.#clock.monotonic() + this.#delayMs());
      this.#clock.after(this.#toUsAt - this.#clock.monotonic(), () => {
        if (this.#ours !== 'open' || this.muted) return;
        if (this.#listener === null) this.#early.push(piece);
        else this.#listener(piece);
      });
    }
  }

  /** The peer's close arrives behind what it has sent before. */
  #closeTheirs(): void {
    if (this.#theirs === 'closed') return;
    this.#theirs = 'closed';
    this.#toUsAt = Math.max(this.#toUsAt, this.#clock.monotonic() + this.#delayMs());
    this.#clock.after(this.#toUsAt - this.#clock.monotonic(), () => {
      this.onEnd();
      if (this.#ours !== 'open' || this.muted) return;
      this.#ours = 'closed';
      this.#resolveClosed({ kind: 'closed-by-peer' });
    });
  }

  #closeOurs(): void {
    if (this.#ours !== 'open') return;
    this.#ours = 'closed';
    this.#resolveClosed({ kind: 'closed-by-us' });
    // Without the cable the peer hears nothing of it; the cut that ends the silence tells it.
    if (this.muted) return;
    this.#toPeerAt = Math.max(this.#toPeerAt, this.#clock.monotonic() + this.#delayMs());
    this.#clock.after(this.#toPeerAt - this.#clock.monotonic(), () => this.#tellPeer());
  }

  #tellPeer(): void {
    this.onEnd();
    if (this.#theirs === 'closed') return;
    this.#theirs = 'closed';
    this.port?.gone();
  }

  #pieces(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; ) {
      const length = Math.max(1, Math.min(this.#pieceBytes(), bytes.length - from));
      pieces.push(bytes.slice(from, from + length));
      from += length;
    }
    return pieces;
  }
}
