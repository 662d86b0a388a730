// One life of the gateway's process, from boot to power cut: real operations and real driver over
// a network, a clock and a ledger that die with it.
import { createGateway, type RunningGateway } from '../../app/src/operations/create-gateway.ts';
import type { Settings } from '../../app/src/operations/settings-schema.ts';
import type { DriverCatalog } from '../../app/src/ports/terminal-driver.ts';
import type { SettingsStore } from '../../app/src/ports/settings-store.ts';
import { driverCatalog } from '../../app/src/terminals/registry.ts';
import type { FakeClock } from '../kit/fake-clock.ts';
import type { FaultyDisk } from '../kit/faulty-disk.ts';
import { FaultyLedger } from '../kit/faulty-ledger.ts';
import type { MemoryNetwork, MortalTransport } from '../kit/memory-transport.ts';
import { MortalClock } from '../kit/mortal-clock.ts';
import type { Prng } from '../kit/prng.ts';
import { QuietLog } from '../kit/quiet-log.ts';

export interface LifeParts {
  readonly clock: FakeClock;
  readonly disk: FaultyDisk;
  readonly network: MemoryNetwork;
  readonly random: Prng;
  readonly settings: SettingsStore<Settings>;
  readonly skipFirstSync: boolean;
  /** Wraps the drivers: a canary. */
  readonly wrap: (catalog: DriverCatalog) => DriverCatalog;
}

/** INVARIANT: after `cut` nothing of this life acts on terminals, disk or tills. */
export class Life {
  readonly clock: MortalClock;
  readonly ledger: FaultyLedger;
  readonly log = new QuietLog();
  /** Resolves with `gone` at the cut: what a till waits for will not come. */
  readonly died: Promise<'gone'>;
  #onDeath: (gone: 'gone') => void = () => undefined;
  readonly #parts: LifeParts;
  readonly #transport: MortalTransport;
  #gateway: RunningGateway | null = null;
  /** The power goes at this many steps of the process from now; none where null. */
  cutAfterSteps: number | null = null;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    const step = (): void => this.#step();
    this.died = new Promise((resolve) => {
      this.#onDeath = resolve;
    });
    this.clock = new MortalClock(parts.clock, step);
    this.#transport = parts.network.transport(step);
    const { random } = parts;
    const slowDisk = random.chance(0.2) ? 40 : 3;
    this.ledger = new FaultyLedger(parts.disk, this.clock, {
      syncMs: () => random.between(0, slowDisk),
      skipFirstSync: parts.skipFirstSync,
      onStep: step,
    });
  }

  get alive(): boolean {
    return this.clock.alive;
  }

  /** Null while the process still starts. */
  get gateway(): RunningGateway | null {
    return this.#gateway;
  }

  async start(): Promise<void> {
    const { settings, random, wrap } = this.#parts;
    const catalog = wrap(
      driverCatalog({
        transport: this.#transport,
        clock: this.clock,
        random,
        log: this.log,
        timeZone: 'Europe/Kyiv',
        normaliseAddress: (address) => address,
      }),
    );
    const { ledger, clock, log } = this;
    this.#gateway = await createGateway({ ledger, settings, catalog, clock, log });
  }

  cut(): void {
    if (!this.alive) return;
    const { disk, random } = this.#parts;
    disk.powerCut(random);
    this.clock.die();
    this.#transport.die(random.between(0, 5_000));
    this.#gateway = null;
    this.#onDeath('gone');
  }

  #step(): void {
    if (this.cutAfterSteps === null) return;
    this.cutAfterSteps -= 1;
    if (this.cutAfterSteps < 0) this.cut();
  }
}

export function addressOf(terminal: string): string {
  return `tcp://${terminal}:2000`;
}
