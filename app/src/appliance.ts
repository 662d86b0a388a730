// The one place where adapters are built and put together.
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createLibraryRoom, type LibraryRoom } from './bank-library/factory.ts';
import { prepareDemonstration, standInOf, welcomeText } from './demonstration.ts';
import { catalogOf, fleetOf } from './devices.ts';
import { HTTP_CLOSE_GRACE_MS, STOP_GRACE_MS } from './domain/limits.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { presentOperation } from './http/rest/present.ts';
import type { HttpShared } from './http/context.ts';
import { createSoapFacade } from './http/soap/facade.ts';
import { settingsChanger } from './operations/change-settings.ts';
import { scheduleNotesForm, secretsForm, settingsForm } from './operations/document-forms.ts';
import { createGateway, type RunningGateway } from './operations/create-gateway.ts';
import { Schedule } from './operations/schedule.ts';
import { type ScheduleNotes, scheduleNotesSchema } from './operations/schedule-notes.ts';
import {
  type Secrets,
  type Settings,
  secretsSchema,
  settingsSchema,
} from './operations/settings-schema.ts';
import { moveSecrets } from './operations/terminal-secrets.ts';
import { createOutbound } from './outbound/outbound.ts';
import type { Clock, Random } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import { type Nexo, prepareNexo } from './nexo.ts';
import { openPages, type Pages } from './pages.ts';
import type { SimulatorFleet } from './simulator/fleet.ts';
import { applyRestore } from './storage/backup/apply.ts';
import { openLedger, type StoredLedger } from './storage/ledger/ledger.ts';
import { openNotes } from './storage/notes-file.ts';
import { openSettings, type SettingsFile } from './storage/settings.ts';
import { systemClock, systemRandom, timeOfDayTrust } from './system/clock.ts';
import { keepRecent } from './system/recent-log.ts';
import { createNotifier, type Notifier } from './system/systemd-notify.ts';
import { ensureCertificate, openCertificates, type Pem } from './system/tls.ts';
import { startWatchdog } from './system/watchdog.ts';
import { secretOptions } from './terminals/registry.ts';
import { VERSION } from './version.ts';
import { warmUp } from './warming.ts';

export interface ApplianceOptions {
  /** Ledger, settings, secrets, certificate. */
  readonly folder: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Null = no TLS. */
  readonly tlsPort: number | null;
  /** Simulated terminals, their knobs over HTTP, and a key that everybody sees. */
  readonly demonstration: boolean;
  readonly demoKey: string | null;
  /** The compiled stand-in of the bank's library: the demonstration's only, and for `sim://bpos`. */
  readonly standIn?: string | null;
  /** NOTIFY_SOCKET and WATCHDOG_USEC of systemd. */
  readonly notifySocket: string | null;
  readonly watchdogUsec: number | null;
  /** True on the image: the clock is trusted only after NTP. */
  readonly onAppliance: boolean;
  /** Socket and spool folder of the privileged hand; null on a plain machine. */
  readonly hand: { readonly socket: string; readonly spool: string } | null;
  readonly log: Log;
  readonly onFatal: (error: Error) => void;
  /** A page asks for it: stop in good order and start anew. */
  readonly onRestart: () => void;
}

export interface Appliance {
  readonly port: number;
  readonly tlsPort: number | null;
  /** What the demonstration prints; empty outside of it. */
  readonly welcome: string;
  /** The box's address is about to change. */
  restLinks(): void;
  stop(): Promise<void>;
}

/** Opens the ledger, takes up what an earlier process left, connects the terminals, opens the door. */
export async function openAppliance(options: ApplianceOptions): Promise<Appliance> {
  refuseDemonstrationOutside(options);
  const clock = systemClock(timeOfDayTrust(options.onAppliance));
  const recent = keepRecent(options.log, clock);
  const { log } = recent;
  const tools = { clock, random: systemRandom, log };
  const notifier = createNotifier(options.notifySocket, log);
  notifier.status('opening the ledger');
  const stores = await openStores(options, clock, log);
  const { ledger, settings, secrets, notes } = stores;
  const shown = await demonstrationOf(options, stores, clock);
  const nexo = prepareNexo({ settings, secrets, host: options.host, clock, log });
  const simulators = fleetOf(options.folder, nexo, clock, log);
  const library = createLibraryRoom({ dataFolder: options.folder, clock });
  const { demonstration } = options;
  const { standIn } = shown;
  const devices = { simulators, settings, nexo, library, standIn, demonstration, clock, log };
  const outbound = outboundOf(ledger, settings, secrets, clock, log);
  const gateway = await createGateway({
    ledger,
    settings,
    secrets,
    catalog: catalogOf(devices),
    clock,
    log,
    outboxOf: outbound.outboxOf,
  });
  const schedule = new Schedule({ gateway, settings, notes, clock, log });
  gateway.subscribeAll(() => outbound.wake());
  outbound.start();
  const logLines = (): readonly string[] => recent.lines();
  const rooms = { gateway, outbound, nexo, simulators, schedule, library, logLines };
  const door = await openDoor(options, { ...tools, ...stores, ...rooms });
  await nexo.serve(gateway);
  schedule.start();
  const endWatchdog = watch(options, notifier, ledger, clock, log);
  notifier.ready();
  const { server, pages, port, tlsPort } = door;
  notifier.status(`listening on port ${port}`);
  log.info('ready', { port, tlsPort, terminals: settings.current().terminals.length });
  const pingLedger = (signal: AbortSignal): Promise<void> => ledger.ping(signal);
  const at = { host: options.host, port };
  const endWarming = warmUp({ gateway, pingLedger, settings, door: at, clock, log });
  const stop = once(async () => {
    notifier.stopping();
    endWarming();
    const files = [settings, secrets, notes];
    await shut({ schedule, gateway, outbound, server, nexo, pages, ledger, files, simulators });
    endWatchdog();
    log.info('stopped');
  });
  const { secret } = shown;
  const welcome =
    secret === null ? '' : welcomeText(port, secret, pages.oneTimeCode, standIn !== null);
  return { port, tlsPort, welcome, restLinks: () => gateway.restLinks(), stop };
}

function refuseDemonstrationOutside({ demonstration, demoKey, standIn }: ApplianceOptions): void {
  if (demonstration) return;
  const given = demoKey !== null ? 'TILLGATE_DEMO_KEY' : standIn ? 'TILLGATE_STAND_IN' : null;
  if (given !== null) throw new Error(`${given} belongs to the demonstration (TILLGATE_DEMO=1)`);
}

interface Stores extends Documents {
  readonly ledger: StoredLedger;
}

/** What lies in the data folder, a restore that was ordered applied first. */
async function openStores(options: ApplianceOptions, clock: Clock, log: Log): Promise<Stores> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await restoreWhereOrdered(folder, log);
  const ledger = await openLedger({
    folder: join(folder, 'ledger'),
    clock,
    log,
    onFailure: options.onFatal,
  });
  const documents = await openDocuments(folder, clock, log);
  if (await moveSecrets(documents, secretOptions)) log.info('secrets-moved');
  return { ledger, ...documents };
}

/** The stand-in of the bank's library and the key that everybody sees; nothing outside of it. */
async function demonstrationOf(options: ApplianceOptions, stores: Stores, clock: Clock) {
  const { folder, standIn: file = null, demonstration } = options;
  if (!demonstration) return { standIn: null, secret: null };
  const standIn = file === null ? null : await standInOf({ file, folder, clock });
  const parts = { ...options, ...stores, standIn, clock, random: systemRandom };
  return { standIn, secret: await prepareDemonstration(parts) };
}

interface DoorParts {
  readonly settings: SettingsFile<Settings>;
  readonly secrets: SettingsFile<Secrets>;
  readonly gateway: RunningGateway;
  readonly outbound: ReturnType<typeof outboundOf>;
  readonly nexo: Nexo;
  readonly simulators: SimulatorFleet;
  readonly schedule: Schedule;
  readonly ledger: StoredLedger;
  readonly library: LibraryRoom;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly logLines: () => readonly string[];
}

/** Pages and the HTTP server over one way to change settings; listening when it resolves. */
async function openDoor(options: ApplianceOptions, parts: DoorParts) {
  const { demonstration } = options;
  const { gateway, settings, secrets, clock, log } = parts;
  const tls = options.tlsPort === null ? null : await certificate(options.folder, log);
  const use = (pem: Pem): void => server.useCertificate(pem);
  const certificates = tls === null ? null : openCertificates({ ...tls, clock, use });
  const front = {
    ...parts,
    simulators: () => (demonstration || settings.current().certification ? parts.simulators : null),
    changeSettings: settingsChanger({ settings, secrets, log }),
  };
  const { folder, onAppliance, hand, onRestart } = options;
  const pages = await openPages({
    ...front,
    folder,
    onAppliance,
    hand,
    demonstration,
    certificates,
    restart: onRestart,
  });
  const server = createHttpServer({
    ...front,
    audit: pages.audit,
    version: VERSION,
    mode: demonstration ? 'demonstration' : 'appliance',
    tls,
    facades: [soapFacade(gateway, settings, clock, log), pages.facade],
  });
  const port = await server.listen(options.port, options.host);
  const tlsPort = tls === null ? null : await listenTls(server, options, log);
  return { pages, server, port, tlsPort };
}

function watch(
  { watchdogUsec }: ApplianceOptions,
  notifier: Notifier,
  ledger: StoredLedger,
  clock: Clock,
  log: Log,
): () => void {
  return startWatchdog({
    watchdogUsec,
    checks: [{ name: 'ledger', alive: (signal) => ledger.ping(signal) }],
    ping: () => notifier.watchdog(),
    clock,
    log,
  });
}

function outboundOf(
  ledger: StoredLedger,
  settings: SettingsFile<Settings>,
  secrets: SettingsFile<Secrets>,
  clock: Clock,
  log: Log,
) {
  return createOutbound({
    outbox: ledger.outbox,
    settings,
    secrets,
    present: (operation) => presentOperation(operation, settings.current().shop.language, null),
    clock,
    random: systemRandom,
    log,
  });
}

function soapFacade(
  gateway: RunningGateway,
  settings: SettingsFile<Settings>,
  clock: Clock,
  log: Log,
) {
  return ({ guard }: HttpShared) =>
    createSoapFacade({
      gateway,
      settings,
      authenticate: (...credentials) => guard.admit(...credentials),
      clock,
      log,
    });
}

interface Documents {
  readonly settings: SettingsFile<Settings>;
  readonly secrets: SettingsFile<Secrets>;
  /** Of the schedule. */
  readonly notes: SettingsFile<ScheduleNotes>;
}

async function openDocuments(folder: string, clock: Clock, log: Log): Promise<Documents> {
  const common = { clock, log, watch: true };
  const path = (name: string): string => join(folder, name);
  const settings = await openSettings({
    ...common,
    path: path('settings.json'),
    schema: settingsSchema,
    form: settingsForm,
  });
  const secrets = await openSettings({
    ...common,
    path: path('secrets.json'),
    schema: secretsSchema,
    form: secretsForm,
  });
  const notes = await openNotes({
    path: path('schedule.json'),
    schema: scheduleNotesSchema,
    form: scheduleNotesForm,
    clock,
    log,
    watch: false,
  });
  return { settings, secrets, notes };
}

/** Before anything of the folder is opened. */
async function restoreWhereOrdered(folder: string, log: Log): Promise<void> {
  const report = await applyRestore(folder);
  if (report === null) return;
  const { kind, why, replaced, by } = report;
  log.warn('restore', { kind, why, replaced, by });
}

async function certificate(folder: string, log: Log) {
  await mkdir(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  const made = await ensureCertificate({ folder: join(folder, 'tls'), names: certificateNames() });
  log.info('certificate', { fingerprint: made.fingerprint });
  return { key: made.key, cert: made.cert, folder: join(folder, 'tls') };
}

function certificateNames(): string[] {
  const name = hostname();
  return [`${name}.local`, name, 'localhost', '127.0.0.1'];
}

/** Without its TLS port the gateway still takes payments on the plain one; the log says so. */
async function listenTls(
  server: HttpServer,
  options: ApplianceOptions,
  log: Log,
): Promise<number | null> {
  try {
    return await server.listenTls(options.tlsPort ?? 0, options.host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    log.warn('tls-port-in-use', { port: options.tlsPort });
    return null;
  }
}

/** Nothing new, running payments may end, tills are answered, then everything is closed. */
async function shut(parts: {
  schedule: Schedule;
  gateway: RunningGateway;
  outbound: { stop(): Promise<void> };
  server: HttpServer;
  nexo: Nexo;
  pages: Pages;
  ledger: StoredLedger;
  files: readonly { close(): Promise<void> }[];
  simulators: SimulatorFleet;
}): Promise<void> {
  await parts.schedule.stop();
  await parts.gateway.stop(STOP_GRACE_MS);
  await parts.outbound.stop();
  await parts.server.close(HTTP_CLOSE_GRACE_MS);
  await parts.nexo.close();
  parts.pages.close();
  for (const file of parts.files) await file.close();
  await parts.ledger.close();
  await parts.simulators.close();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= work());
}
