// The one place where adapters are built and put together.
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createLibraryRoom, type LibraryRoom } from './bank-library/factory.ts';
import { prepareDemonstration, welcomeText } from './demonstration.ts';
import { HTTP_CLOSE_GRACE_MS, STOP_GRACE_MS } from './domain/limits.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { presentOperation } from './http/rest/present.ts';
import type { HttpShared } from './http/context.ts';
import { createSoapFacade } from './http/soap/facade.ts';
import { createGateway, type RunningGateway } from './operations/create-gateway.ts';
import {
  type Secrets,
  type Settings,
  secretsSchema,
  settingsSchema,
} from './operations/settings-schema.ts';
import { createOutbound } from './outbound/outbound.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { DriverCatalog } from './ports/terminal-driver.ts';
import { type Nexo, prepareNexo } from './nexo.ts';
import { openPages, type Pages } from './pages.ts';
import type { Transport } from './ports/transport.ts';
import { SimulatorFleet } from './simulator/fleet.ts';
import { openLedger, type StoredLedger } from './storage/ledger/ledger.ts';
import { openSettings, type SettingsFile } from './storage/settings.ts';
import { systemClock, systemRandom, timeOfDayTrust } from './system/clock.ts';
import { keepRecent } from './system/recent-log.ts';
import { createNotifier, type Notifier } from './system/systemd-notify.ts';
import { ensureCertificate } from './system/tls.ts';
import { startWatchdog } from './system/watchdog.ts';
import { driverCatalog } from './terminals/registry.ts';
import { createTransport, normaliseAddress } from './transport/open.ts';
import { VERSION } from './version.ts';

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
  /** NOTIFY_SOCKET and WATCHDOG_USEC of systemd. */
  readonly notifySocket: string | null;
  readonly watchdogUsec: number | null;
  /** True on the image: the clock is trusted only after NTP. */
  readonly onAppliance: boolean;
  readonly log: Log;
  readonly onFatal: (error: Error) => void;
}

export interface Appliance {
  readonly port: number;
  readonly tlsPort: number | null;
  /** What the demonstration prints; empty outside of it. */
  readonly welcome: string;
  stop(): Promise<void>;
}

/** Opens the ledger, takes up what an earlier process left, connects the terminals, opens the door. */
export async function openAppliance(options: ApplianceOptions): Promise<Appliance> {
  const { folder, demonstration } = options;
  if (options.demoKey !== null && !demonstration) {
    throw new Error('TILLGATE_DEMO_KEY belongs to the demonstration (TILLGATE_DEMO=1)');
  }
  const clock = systemClock(timeOfDayTrust(options.onAppliance));
  const recent = keepRecent(options.log, clock);
  const { log } = recent;
  const notifier = createNotifier(options.notifySocket, log);
  notifier.status('opening the ledger');
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const ledger = await openLedger({
    folder: join(folder, 'ledger'),
    clock,
    log,
    onFailure: options.onFatal,
  });
  const { settings, secrets } = await openDocuments(folder, clock, log);
  const demoSecret = demonstration
    ? await prepareDemonstration({ ...options, settings, secrets, clock, random: systemRandom })
    : null;
  const simulators = fleetOf(folder, clock, log);
  const nexo = prepareNexo({ settings, secrets, host: options.host, clock, log });
  const library = createLibraryRoom({ dataFolder: folder, clock });
  const catalog = catalogOf({ simulators, settings, nexo, library, demonstration, clock, log });
  const outbound = outboundOf(ledger, settings, secrets, clock, log);
  const { outboxOf } = outbound;
  const gateway = await createGateway({ ledger, settings, catalog, clock, log, outboxOf });
  gateway.subscribeAll(() => outbound.wake());
  outbound.start();
  const tls = options.tlsPort === null ? null : await certificate(folder, log);
  const shownSimulators = demonstration || settings.current().certification ? simulators : null;
  const pages = await openPages({
    folder,
    gateway,
    settings,
    secrets,
    ledger,
    outbound,
    onAppliance: options.onAppliance,
    demonstration,
    clock,
    log,
    logLines: () => recent.lines(),
    simulators: shownSimulators,
    certificate: tls,
    random: systemRandom,
  });
  const server = createHttpServer({
    gateway,
    settings,
    secrets,
    simulators: shownSimulators,
    clock,
    random: systemRandom,
    log,
    version: VERSION,
    mode: demonstration ? 'demonstration' : 'appliance',
    tls,
    outbound,
    facades: [soapFacade(gateway, settings, clock, log), pages.facade],
  });
  const port = await server.listen(options.port, options.host);
  const tlsPort = tls === null ? null : await listenTls(server, options, log);
  await nexo.serve(gateway);
  const endWatchdog = watch(options, notifier, ledger, clock, log);
  notifier.ready();
  notifier.status(`listening on port ${port}`);
  log.info('ready', { port, tlsPort, terminals: settings.current().terminals.length });
  const stop = once(async () => {
    notifier.stopping();
    const documents = [settings, secrets];
    await shut({ gateway, outbound, server, nexo, pages, ledger, documents, simulators });
    endWatchdog();
    log.info('stopped');
  });
  const { oneTimeCode } = pages;
  const welcome = demoSecret === null ? '' : welcomeText(port, demoSecret, oneTimeCode);
  return { port, tlsPort, welcome, stop };
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

function fleetOf(folder: string, clock: Clock, log: Log): SimulatorFleet {
  return new SimulatorFleet({
    clock,
    journalFolder: join(folder, 'simulators'),
    onFailure: (terminal, cause) => log.error('simulator-journal-failed', { terminal }, cause),
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
}

async function openDocuments(folder: string, clock: Clock, log: Log): Promise<Documents> {
  const common = { clock, log, watch: true };
  const path = (name: string): string => join(folder, name);
  const settings = await openSettings({
    ...common,
    path: path('settings.json'),
    schema: settingsSchema,
  });
  const secrets = await openSettings({
    ...common,
    path: path('secrets.json'),
    schema: secretsSchema,
  });
  return { settings, secrets };
}

function isSimulated(address: string): boolean {
  return address.trim().toLowerCase().startsWith('sim:');
}

/** A `sim://` address is a terminal of our own fleet, behind a real socket on loopback. */
function catalogOf({
  simulators,
  settings,
  nexo,
  library,
  demonstration,
  clock,
  log,
}: {
  simulators: SimulatorFleet;
  settings: SettingsFile<Settings>;
  nexo: Nexo;
  library: LibraryRoom;
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
    ],
    normaliseAddress: (address) =>
      isSimulated(address) ? null : catalog.normaliseAddress(address),
    create: (setup) => {
      const transport: Transport = {
        open: async (address, signal) =>
          wire.open(
            isSimulated(address) ? await simulators.open(setup.id, address) : address,
            signal,
          ),
      };
      return driverCatalog({ ...parts, transport }).create(setup);
    },
  };
}

async function certificate(folder: string, log: Log) {
  await mkdir(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  const made = await ensureCertificate({ folder: join(folder, 'tls'), names: certificateNames() });
  log.info('certificate', { fingerprint: made.fingerprint });
  return { key: made.key, cert: made.cert, fingerprint: made.fingerprint };
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
  gateway: RunningGateway;
  outbound: { stop(): Promise<void> };
  server: HttpServer;
  nexo: Nexo;
  pages: Pages;
  ledger: StoredLedger;
  documents: readonly { close(): Promise<void> }[];
  simulators: SimulatorFleet;
}): Promise<void> {
  await parts.gateway.stop(STOP_GRACE_MS);
  await parts.outbound.stop();
  await parts.server.close(HTTP_CLOSE_GRACE_MS);
  await parts.nexo.close();
  parts.pages.close();
  for (const document of parts.documents) await document.close();
  await parts.ledger.close();
  await parts.simulators.close();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= work());
}
