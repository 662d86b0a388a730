// Puts the admin pages together: people, reports, the machine, and the façade over them.
import { join } from 'node:path';
import type Koa from 'koa';
import type { HttpShared } from './http/context.ts';
import { createAccounts } from './accounts/accounts.ts';
import type { ChangeSettings } from './operations/change-settings.ts';
import type { AdminParts } from './http/admin/parts.ts';
import type { Gateway } from './operations/gateway.ts';
import type { ScheduleView } from './operations/schedule.ts';
import { documentChecks } from './operations/document-checks.ts';
import type { Secrets, Settings } from './operations/settings-schema.ts';
import type { AuditTrail } from './ports/audit.ts';
import type { LibraryKeeper } from './ports/bank-library.ts';
import type { CertificateRoom } from './ports/certificates.ts';
import type { Clock, Random } from './ports/clock.ts';
import type { DriverForm } from './ports/driver-forms.ts';
import type { Log } from './ports/log.ts';
import type { NexoControl } from './ports/nexo-control.ts';
import type { OutboundControl } from './ports/outbound.ts';
import type { SettingsStore } from './ports/settings-store.ts';
import type { SimulatorControl } from './ports/simulators.ts';
import { openAccounts } from './storage/accounts.ts';
import { lastRestore } from './storage/backup/apply.ts';
import { sweepSnapshots } from './storage/backup/content.ts';
import { openBackupRoom } from './storage/backup/room.ts';
import { openReports } from './storage/ledger/reports.ts';
import type { StoredLedger } from './storage/ledger/ledger.ts';
import { documentFault } from './storage/newer-document.ts';
import { openOneTimeCode } from './storage/one-time-code.ts';
import { handClient } from './system/hand-client.ts';
import { watchMachine } from './system/machine.ts';
import { DRIVERS } from './terminals/registry.ts';
import { VERSION } from './version.ts';

export interface PagesParts {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly changeSettings: ChangeSettings;
  readonly schedule: ScheduleView;
  readonly ledger: StoredLedger;
  /** Null while the product runs without simulated terminals; asked each time. */
  readonly simulators: () => SimulatorControl | null;
  readonly outbound: OutboundControl | null;
  readonly nexo: NexoControl | null;
  /** Null where TLS is off. */
  readonly certificates: CertificateRoom | null;
  readonly library: LibraryKeeper;
  /** Stops this program in good order and starts it again. */
  readonly restart: () => void;
  readonly onAppliance: boolean;
  /** Socket and spool folder of the privileged hand; null on a plain machine. */
  readonly hand: { readonly socket: string; readonly spool: string } | null;
  readonly demonstration: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly logLines: () => readonly string[];
}

export interface Pages {
  readonly facade: (shared: HttpShared) => Koa.Middleware;
  /** Where acts that are not done on pages are written down too. */
  readonly audit: AuditTrail;
  /** Of the first start; null once there is an administrator. */
  readonly oneTimeCode: string | null;
  close(): void;
}

export async function openPages(parts: PagesParts): Promise<Pages> {
  const { folder, clock, random, log, ledger, certificates } = parts;
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
    certificate: certificates === null ? null : newestOf(certificates),
    clock,
    random,
    log,
    logLines: parts.logLines,
    copyLedger: (target) => ledger.backup(target),
  });
  const backup = await openBackups(parts, audit);
  const facade = whenVisited({
    gateway: parts.gateway,
    settings: parts.settings,
    secrets: parts.secrets,
    changeSettings: parts.changeSettings,
    schedule: parts.schedule,
    accounts,
    reports,
    simulators: parts.simulators,
    outbound: parts.outbound,
    nexo: parts.nexo,
    drivers: driverForms(),
    machine,
    certificates,
    backup,
    library: parts.library,
    restart: parts.restart,
    hand: parts.hand === null ? null : handClient({ ...parts.hand, clock }),
    clock,
    random,
    log,
    version: VERSION,
    mode: parts.demonstration ? 'demonstration' : 'appliance',
  });
  return {
    facade,
    audit,
    oneTimeCode: code,
    close: () => {
      reports.close();
      database.close();
    },
  };
}

/** The pages are half of the program; it is read when somebody comes, not while the box starts. */
function whenVisited(parts: AdminParts) {
  return (shared: HttpShared): Koa.Middleware => {
    let opened: Promise<Koa.Middleware> | null = null;
    return async (context, next) => {
      if (!/^\/admin(\/|$)/.test(context.path)) return next();
      // Asked at the sign-in already: the page that shows it comes later.
      parts.machine.facts();
      opened ??= import('./http/admin/facade.ts').then(({ adminFacade }) =>
        adminFacade(parts)(shared),
      );
      return (await opened)(context, next);
    };
  };
}

/** Asked each time: it may be replaced while the program runs. */
function newestOf(certificates: CertificateRoom): { readonly fingerprint: string } {
  return {
    get fingerprint() {
      return certificates.current().fingerprint;
    },
  };
}

/** A restore that the start has just applied, or refused, is written into the chain here. */
async function openBackups({ folder, ledger, clock, random }: PagesParts, audit: AuditTrail) {
  await sweepSnapshots(folder);
  const restored = await lastRestore(folder, (report) => {
    const { by, from, kind, why, losses, replaced } = report;
    audit.append({
      at: clock.now(),
      who: by,
      from,
      act: 'restore',
      object: 'appliance',
      before: null,
      after: { kind, why, losses, replaced },
    });
  });
  return openBackupRoom({
    dataFolder: folder,
    copyLedger: (target) => ledger.backup(target),
    checks: documentChecks(documentFault),
    program: VERSION,
    lastRestore: restored,
    clock,
    random,
  });
}

function driverForms(): readonly DriverForm[] {
  return Object.entries(DRIVERS).map(([name, { title, schemes, hasJournal, options }]) => ({
    name,
    title,
    schemes,
    hasJournal: hasJournal ?? true,
    options,
  }));
}
