// Puts the admin pages together: people, reports, the machine, and the façade over them.
import { join } from 'node:path';
import type { HttpShared } from './http/context.ts';
import { createAccounts } from './accounts/accounts.ts';
import { settingsChanger } from './operations/change-settings.ts';
import { adminFacade } from './http/admin/facade.ts';
import type { Gateway } from './operations/gateway.ts';
import type { Secrets, Settings } from './operations/settings-schema.ts';
import type { Clock, Random } from './ports/clock.ts';
import type { DriverForm } from './ports/driver-forms.ts';
import type { Log } from './ports/log.ts';
import type { OutboundControl } from './ports/outbound.ts';
import type { SettingsStore } from './ports/settings-store.ts';
import type { SimulatorControl } from './ports/simulators.ts';
import { openAccounts } from './storage/accounts.ts';
import { openReports } from './storage/ledger/reports.ts';
import type { StoredLedger } from './storage/ledger/ledger.ts';
import { openOneTimeCode } from './storage/one-time-code.ts';
import { watchMachine } from './system/machine.ts';
import { DRIVERS } from './terminals/registry.ts';
import { VERSION } from './version.ts';

export interface PagesParts {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly ledger: StoredLedger;
  readonly simulators: SimulatorControl | null;
  readonly outbound: OutboundControl | null;
  readonly certificate: { readonly fingerprint: string } | null;
  readonly onAppliance: boolean;
  readonly demonstration: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly logLines: () => readonly string[];
}

export interface Pages {
  readonly facade: ReturnType<typeof adminFacade>;
  /** Of the first start; null once there is an administrator. */
  readonly oneTimeCode: string | null;
  close(): void;
}

export async function openPages(parts: PagesParts): Promise<Pages> {
  const { folder, clock, random, log, ledger } = parts;
  const database = openAccounts(folder);
  const oneTimeCode = await openOneTimeCode(folder, random, database.people.people().length === 0);
  const code = oneTimeCode.current();
  // Whoever reads the log of the box stands before it, as far as we can tell.
  if (code !== null) log.warn('first-start', { path: '/admin', code });
  const { people, sessions, audit } = database;
  const accounts = createAccounts({ people, sessions, audit, oneTimeCode, clock, random });
  const reports = openReports(join(folder, 'ledger'));
  const machine = watchMachine({
    folder,
    isAppliance: parts.onAppliance,
    certificate: parts.certificate,
    clock,
    random,
    log,
    logLines: parts.logLines,
    copyLedger: (target) => ledger.backup(target),
  });
  const facade = adminFacade({
    gateway: parts.gateway,
    settings: parts.settings,
    secrets: parts.secrets,
    changeSettings: settingsChanger(parts),
    accounts,
    reports,
    simulators: parts.simulators,
    outbound: parts.outbound,
    drivers: driverForms(),
    machine,
    clock,
    random,
    log,
    version: VERSION,
    mode: parts.demonstration ? 'demonstration' : 'appliance',
  });
  return {
    facade: (shared: HttpShared) => facade(shared),
    oneTimeCode: code,
    close: () => {
      machine.stop();
      reports.close();
      database.close();
    },
  };
}

function driverForms(): readonly DriverForm[] {
  return Object.entries(DRIVERS).map(([name, { title, schemes, options }]) => ({
    name,
    title,
    schemes,
    options,
  }));
}
