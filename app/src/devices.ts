// What hangs at the back: terminals over their wires, and simulated ones out of our own fleet.
import type { LibraryRoom } from './bank-library/factory.ts';
import { simulatorsFolder, standInFor } from './demonstration.ts';
import { type Nexo, simulatedNexo } from './nexo.ts';
import type { Settings } from './operations/settings-schema.ts';
import type { LibraryFactory } from './ports/bank-library.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { DriverCatalog } from './ports/terminal-driver.ts';
import { type Transport, TransportError } from './ports/transport.ts';
import { SimulatorFleet } from './simulator/fleet.ts';
import type { SettingsFile } from './storage/settings.ts';
import { systemRandom } from './system/clock.ts';
import { driverCatalog } from './terminals/registry.ts';
import { createTransport, normaliseAddress } from './transport/open.ts';

export function fleetOf(folder: string, nexo: Nexo, clock: Clock, log: Log): SimulatorFleet {
  return new SimulatorFleet({
    clock,
    nexoCallBack: () => nexo.callBack(),
    journalFolder: simulatorsFolder(folder),
    onFailure: (terminal, cause) => log.error('simulator-journal-failed', { terminal }, cause),
  });
}

function isSimulated(address: string): boolean {
  return address.trim().toLowerCase().startsWith('sim:');
}

function simulatedProtocol(address: string): string | null {
  return /^sim:\/\/([a-z-]+)/i.exec(address.trim())?.[1]?.toLowerCase() ?? null;
}

/** A `sim://` address is a terminal of our own fleet, behind a real socket on loopback. */
export function catalogOf({
  simulators,
  settings,
  nexo,
  library,
  standIn,
  demonstration,
  clock,
  log,
}: {
  simulators: SimulatorFleet;
  settings: SettingsFile<Settings>;
  nexo: Nexo;
  library: LibraryRoom;
  /** For simulated addresses, which no other library serves. */
  standIn: LibraryFactory | null;
  demonstration: boolean;
  clock: Clock;
  log: Log;
}): DriverCatalog {
  const parts = {
    clock,
    random: systemRandom,
    log,
    timeZone: settings.current().shop.timeZone,
    library,
    normaliseAddress,
    http: nexo.terminals,
  };
  const wire = createTransport();
  const catalog = driverCatalog({ ...parts, transport: wire });
  return {
    ...catalog,
    check: (setup) => [
      ...catalog.check(setup),
      ...(isSimulated(setup.address) && !demonstration && !settings.current().certification
        ? [{ path: 'address', message: 'simulated terminals are for certification only' }]
        : []),
      ...(isSimulated(setup.address) && simulatedProtocol(setup.address) !== setup.driver
        ? [{ path: 'address', message: `must be sim://${setup.driver}` }]
        : []),
      ...(isSimulated(setup.address) && setup.driver === 'bpos' && standIn === null
        ? [{ path: 'address', message: 'the stand-in of the bank’s library is not here' }]
        : []),
    ],
    normaliseAddress: (address) =>
      isSimulated(address) ? null : catalog.normaliseAddress(address),
    create: (setup) => {
      const simulated = (address: string): Promise<string> =>
        simulators.open(setup.id, address).catch((error: unknown) => {
          if (!(error instanceof RangeError)) throw error;
          throw new TransportError('bad-address', error.message, error);
        });
      const transport: Transport = {
        open: async (address, signal) =>
          wire.open(isSimulated(address) ? await simulated(address) : address, signal),
      };
      if (setup.driver === 'bpos' && isSimulated(setup.address)) {
        const own = standInFor(standIn, () => simulated(setup.address));
        return driverCatalog({ ...parts, transport, library: own }).create(setup);
      }
      if (setup.driver !== 'nexo' || !isSimulated(setup.address))
        return driverCatalog({ ...parts, transport }).create(setup);
      const near = simulatedNexo(nexo.terminals, setup, (...of) => simulators.open(...of));
      return driverCatalog({ ...parts, transport, http: near.http }).create(near.setup);
    },
  };
}
