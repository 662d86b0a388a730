// One nexo terminal and one disk, through the lives of the process: a whole gateway over a socket.
import { createGateway, type RunningGateway } from '../../../app/src/operations/create-gateway.ts';
import type { Clock } from '../../../app/src/ports/clock.ts';
import type { HttpClient } from '../../../app/src/ports/http-client.ts';
import { listenNexo } from '../../../app/src/simulator/nexo/server.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { systemClock } from '../../../app/src/system/clock.ts';
import { createNexoSwitch } from '../../../app/src/terminals/nexo/switch.ts';
import { driverCatalog } from '../../../app/src/terminals/registry.ts';
import { createHttpClient } from '../../../app/src/transport/http.ts';
import { createTransport, normaliseAddress } from '../../../app/src/transport/open.ts';
import { FaultyDisk } from '../../kit/faulty-disk.ts';
import { FaultyLedger } from '../../kit/faulty-ledger.ts';
import { MemorySettings } from '../../kit/memory-settings.ts';
import { MortalClock } from '../../kit/mortal-clock.ts';
import { Prng } from '../../kit/prng.ts';
import { NO_LOG, RANDOM, REAL_CLOCK } from '../kit.ts';

export class Shop {
  readonly terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A-POIID', stepMs: 2 });
  readonly #disk = new FaultyDisk();
  readonly #clients: HttpClient[] = [];
  readonly #clock: () => Clock;
  readonly #options: Readonly<Record<string, string | number | boolean>>;
  #server: Awaited<ReturnType<typeof listenNexo>> | null = null;
  #life: { gateway: RunningGateway; clock: MortalClock } | null = null;

  constructor(
    options: Readonly<Record<string, string | number | boolean>> = {},
    clock = (): Clock => systemClock(() => true),
  ) {
    this.#options = options;
    this.#clock = clock;
  }

  async boot(
    wrap: (client: HttpClient) => HttpClient = (client) => client,
  ): Promise<RunningGateway> {
    this.#server ??= await listenNexo(this.terminal);
    const clock = new MortalClock(this.#clock());
    const client = createHttpClient();
    this.#clients.push(client);
    const log = NO_LOG;
    const options = {
      style: 'light',
      poiId: 'A-POIID',
      saleId: 'ECR1',
      probe: false,
      notFoundAfterMs: 0,
      maintenanceFrom: '',
      loginRetryMs: 60,
      ...this.#options,
    };
    const { address } = this.#server;
    const settings = new MemorySettings({
      terminals: [{ id: 'till-1', driver: 'nexo', address, currency: 'SEK', options }],
    });
    const catalog = driverCatalog({
      transport: createTransport(),
      clock,
      random: RANDOM,
      log,
      timeZone: 'Europe/Stockholm',
      normaliseAddress,
      http: { client: wrap(client), nexo: createNexoSwitch(log) },
    });
    const ledger = new FaultyLedger(this.#disk, clock);
    const gateway = await createGateway({ ledger, settings, catalog, clock, log });
    this.#life = { gateway, clock };
    return gateway;
  }

  powerCut(seed = 1): void {
    this.#disk.powerCut(new Prng(seed));
    this.#life?.clock.die();
    this.#life = null;
    for (const client of this.#clients) client.close();
  }

  async close(): Promise<void> {
    await this.#life?.gateway.stop(500);
    for (const client of this.#clients) client.close();
    await this.#server?.close();
  }
}
