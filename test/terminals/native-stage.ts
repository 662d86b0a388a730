// A driver over a network in memory, on a clock that the test holds; bytes arrive in pieces.
import type { Operation, RequestBody } from '../../app/src/domain/operation.ts';
import type { Outcome } from '../../app/src/domain/outcome.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import type { TerminalDriver } from '../../app/src/ports/terminal-driver.ts';
import type { Transport } from '../../app/src/ports/transport.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { MemoryNetwork, type PeerEnd } from '../kit/memory-transport.ts';
import { exchangeOf, operationOf, type TestExchange } from './kit.ts';

export const ADDRESS = 'serial:///dev/terminals/pos-1';

/** The test's side of the wire: what the driver sent, and what to answer. */
export class Wire {
  readonly received: number[] = [];
  end: PeerEnd | null = null;
  links = 0;
  /** Called for each chunk of the driver. */
  onBytes: (bytes: readonly number[], wire: Wire) => void = () => undefined;

  send(...bytes: readonly number[]): void {
    this.end?.send(Uint8Array.from(bytes));
  }
}

export class NativeStage {
  readonly clock = new FakeClock();
  readonly wire = new Wire();
  readonly network: MemoryNetwork;
  readonly driver: TerminalDriver;
  #lastId = 0;

  constructor(create: (transport: Transport, clock: Clock) => TerminalDriver, pieceBytes = 3) {
    const { clock, wire } = this;
    this.network = new MemoryNetwork({ clock, pieceBytes: () => pieceBytes });
    this.network.listen(ADDRESS, (end) => {
      wire.end = end;
      wire.links += 1;
      return {
        receive: (chunk) => {
          wire.received.push(...chunk);
          wire.onBytes([...chunk], wire);
        },
        gone: () => {
          if (wire.end === end) wire.end = null;
        },
      };
    });
    this.driver = create(this.network.transport(), clock);
  }

  /** The exchange and its outcome, once time has run as far as it takes. */
  async play(
    body: RequestBody,
    prepare: (exchange: TestExchange) => void = () => undefined,
    original: Operation | null = null,
  ): Promise<{ outcome: Outcome; exchange: TestExchange; confirmed: number[] }> {
    const id = `op-${++this.#lastId}` as Operation['id']; // matches the pattern
    const exchange = exchangeOf(operationOf(body, { id }), null, original);
    const confirmed: number[] = [];
    exchange.confirming = (amount) => {
      confirmed.push(amount);
      return Promise.resolve();
    };
    prepare(exchange);
    let outcome: Outcome | null = null;
    const performing = this.driver.perform(exchange).then((ended) => {
      outcome = ended;
      return ended;
    });
    await this.clock.runUntil(() => outcome !== null, 400_000, 'the outcome');
    return { outcome: await performing, exchange, confirmed };
  }
}

export function word(outcome: Outcome): string {
  return `${outcome.kind} ${outcome.code}`;
}

export function hex(text: string): number[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map((pair) => Number.parseInt(pair, 16));
}
