// What the routes work with.
import type { ChangeSettings } from '../../operations/change-settings.ts';
import type { Gateway } from '../../operations/gateway.ts';
import type { Secrets, Settings } from '../../operations/settings-schema.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { NexoControl } from '../../ports/nexo-control.ts';
import type { OutboundControl } from '../../ports/outbound.ts';
import type { SettingsStore } from '../../ports/settings-store.ts';
import type { SimulatorControl } from '../../ports/simulators.ts';
import type { EventStreams } from './event-streams.ts';
import type { WaitingTills } from './waiting-tills.ts';

export interface Services {
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly changeSettings: ChangeSettings;
  /** Null while the product runs without simulated terminals; asked each time. */
  readonly simulators: () => SimulatorControl | null;
  /** Null where nobody outside is told of anything. */
  readonly outbound: OutboundControl | null;
  /** Null where nothing speaks nexo. */
  readonly nexo: NexoControl | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  readonly mode: ServerMode;
  readonly waiting: WaitingTills;
  readonly streams: EventStreams;
}

/** Where the server runs: shown on the start page. */
export type ServerMode = 'appliance' | 'demonstration';
