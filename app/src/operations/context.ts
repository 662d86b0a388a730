// What the use cases share.
import type { Refusal } from '../domain/failures.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { DriverCatalog } from '../ports/terminal-driver.ts';
import type { Fleet } from './fleet.ts';
import type { Journal } from './journal.ts';
import type { Secrets, Settings } from './settings-schema.ts';

export interface GatewayContext {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly fleet: Fleet;
  readonly settings: SettingsStore<Settings>;
  /** Where secret options of drivers lie; without it they stay in the settings. */
  readonly secrets?: SettingsStore<Secrets>;
  readonly catalog: DriverCatalog;
  readonly clock: Clock;
  readonly log: Log;
  /** Why no new operation is taken (ledger not writable, stopping); null while the door is open. */
  readonly closed: () => Refusal | null;
}
