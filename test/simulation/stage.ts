// One till, one simulated terminal, one gateway over memory pipes, without chance: for scenarios
// that stories have found and that must stay found.
import { operationId } from '../../app/src/domain/ids.ts';
import type { Operation } from '../../app/src/domain/operation.ts';
import type { RunningGateway } from '../../app/src/operations/create-gateway.ts';
import { operationBodySchema } from '../../app/src/operations/request-schema.ts';
import {
  defaultProfile,
  type TerminalProfile,
} from '../../app/src/simulator/privat-json/profile.ts';
import { PrivatJsonTerminal } from '../../app/src/simulator/privat-json/terminal.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { FaultyDisk } from '../kit/faulty-disk.ts';
import { MemoryNetwork } from '../kit/memory-transport.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { Prng } from '../kit/prng.ts';
import { settled } from '../kit/settled.ts';
import { TILL } from '../kit/world.ts';
import { addressOf, Life } from './life.ts';
import { Truth } from './truth.ts';

export class Stage {
  readonly clock = new FakeClock();
  readonly disk = new FaultyDisk();
  readonly truth = new Truth();
  readonly network: MemoryNetwork;
  readonly terminal: PrivatJsonTerminal;
  readonly settings: MemorySettings;
  #life: Life | null = null;

  static async boot(profile: Partial<TerminalProfile> = {}, answerAfterMs = 1_000): Promise<Stage> {
    const stage = new Stage(profile, answerAfterMs);
    await stage.boot();
    return stage;
  }

  constructor(profile: Partial<TerminalProfile>, answerAfterMs: number) {
    const { clock } = this;
    this.network = new MemoryNetwork({ clock });
    this.terminal = new PrivatJsonTerminal({
      clock,
      profile: defaultProfile(1, profile),
      settings: { answerAfterMs },
      onRecord: (record) => this.truth.record('pos-1', record),
    });
    this.network.listen(addressOf('pos-1'), (end) => {
      const note = this.truth.listener('pos-1');
      const port = this.terminal.connect(end);
      return (
        port && {
          receive: (chunk) => {
            note(chunk);
            port.receive(chunk);
          },
          gone: () => port.gone(),
        }
      );
    });
    this.settings = new MemorySettings({
      terminals: [
        {
          id: 'pos-1',
          driver: 'privat-json',
          address: addressOf('pos-1'),
          options: { handshake: 'single' },
        },
      ],
    });
  }

  async boot(): Promise<void> {
    const { clock, disk, network, settings } = this;
    const life = new Life({
      clock,
      disk,
      network,
      settings,
      random: new Prng(1),
      skipFirstSync: false,
      wrap: (catalog) => catalog,
    });
    this.#life = life;
    void life.start();
    await clock.runUntil(() => life.gateway !== null, 60_000, 'the start');
    // The handshake, and the first look at the journal.
    await clock.advance(10_000);
  }

  async restart(): Promise<void> {
    this.#life?.cut();
    await this.clock.advance(6_000);
    await this.boot();
  }

  /** Asks and waits until it is final or unknown. */
  async run(id: string, body: unknown): Promise<Operation> {
    await this.begin(id, body);
    return this.ended(id);
  }

  async begin(id: string, body: unknown): Promise<void> {
    const asked = operationBodySchema.parse(body);
    const starting = this.#gateway.start(TILL, operationId(id), asked);
    await this.clock.runUntil(settled(starting), 60_000, `the answer to ${id}`);
    const answer = await starting;
    if (answer.kind === 'refused') throw new Error(`${id} was refused: ${answer.refusal.code}`);
  }

  async cancel(id: string): Promise<void> {
    const cancelling = this.#gateway.cancel(TILL, operationId(id));
    await this.clock.runUntil(settled(cancelling), 60_000, `the cancel of ${id}`);
  }

  get #gateway(): RunningGateway {
    const gateway = this.#life?.gateway ?? null;
    if (gateway === null) throw new Error('the gateway is not running');
    return gateway;
  }

  async ended(id: string): Promise<Operation> {
    const ended = (): boolean => !['accepted', 'running'].includes(this.row(id).state);
    await this.clock.runUntil(ended, 400_000, `the end of ${id}`);
    return this.row(id);
  }

  /** Runs on until it is not unknown any more, or `ms` have passed. */
  async lookedUp(id: string, ms = 60_000): Promise<Operation> {
    const until = this.clock.monotonic() + ms;
    const done = (): boolean => this.row(id).state !== 'unknown' || this.clock.monotonic() >= until;
    this.clock.after(ms, () => undefined);
    await this.clock.runUntil(done, ms + 1_000, `the look-up of ${id}`);
    return this.row(id);
  }

  row(id: string): Operation {
    const row = this.#life?.ledger.find(operationId(id)) ?? null;
    if (row === null) throw new Error(`no operation ${id}`);
    return row;
  }

  /** True sales and refunds that stand, by sum. */
  standing(amount: number): number {
    return this.truth
      .all()
      .filter(({ transaction }) => transaction.amount === amount && transaction.status === '1')
      .length;
  }
}
