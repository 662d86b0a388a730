// Process entry of the gateway: environment in, exit code out.
import { resolve } from 'node:path';
import { type Appliance, type ApplianceOptions, openAppliance } from './appliance.ts';
import { createLog } from './system/log.ts';

const env = process.env;
const log = createLog({
  journald: env['JOURNAL_STREAM'] !== undefined,
  level: env['TILLGATE_LOG'],
});

void start();

/** No `await` at the top: the appliance runs this as one script whose compiled form is kept. */
async function start(): Promise<void> {
  try {
    const options: ApplianceOptions = {
      folder: resolve(env['TILLGATE_DATA'] ?? 'data'),
      host: env['TILLGATE_HOST'] ?? '0.0.0.0',
      port: portOf('TILLGATE_PORT', 8080),
      tlsPort: env['TILLGATE_TLS_PORT'] === 'off' ? null : portOf('TILLGATE_TLS_PORT', 8443),
      demonstration: env['TILLGATE_DEMO'] === '1',
      demoKey: env['TILLGATE_DEMO_KEY'] ?? null,
      standIn: env['TILLGATE_STAND_IN'] || null,
      notifySocket: env['NOTIFY_SOCKET'] ?? null,
      watchdogUsec: env['WATCHDOG_USEC'] === undefined ? null : Number(env['WATCHDOG_USEC']),
      onAppliance: env['TILLGATE_APPLIANCE'] === '1',
      hand: handOf(env['TILLGATE_HAND'], env['TILLGATE_SPOOL']),
      log,
      // A broken promise of the ledger: systemd restarts the process, the ledger recovers.
      onFatal: (error) => {
        log.error('fatal', {}, error);
        process.exit(70);
      },
      onRestart: () => restart(),
    };
    let running = open(options);
    // Where systemd started us it does so again, with nothing left of this process.
    const restart = (): void => {
      log.info('restarting');
      const stopped = running.then((appliance) => appliance.stop());
      if (options.notifySocket !== null) return endWith(stopped);
      running = stopped.then(() => open(options));
      running.catch(cannotStart);
    };
    await running;
    // Whoever changes the network tells (hand/network-files); ignored by a process that is not ready.
    process.on('SIGURG', () => {
      running.then(
        (appliance) => appliance.restLinks(),
        () => undefined, // told where it was opened
      );
    });
    stopOnSignals(async () => (await running).stop());
  } catch (error) {
    cannotStart(error);
  }
}

async function open(options: ApplianceOptions): Promise<Appliance> {
  const appliance = await openAppliance(options);
  if (options.demonstration) process.stdout.write(appliance.welcome);
  return appliance;
}

function cannotStart(error: unknown): void {
  log.error('cannot-start', { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

function endWith(stopped: Promise<void>): void {
  stopped.then(
    () => process.exit(0),
    (error: unknown) => {
      log.error('stop-failed', {}, error);
      process.exit(70);
    },
  );
}

function handOf(socket: string | undefined, spool: string | undefined): ApplianceOptions['hand'] {
  return socket === undefined || spool === undefined ? null : { socket, spool };
}

function portOf(name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} must be a port number, not ${text}`);
  }
  return port;
}

/** The first signal stops gracefully; a second one stops now (the ledger can take it). */
function stopOnSignals(stop: () => Promise<void>): void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info('stopping', { signal });
    if (asked) process.exit(75);
    asked = true;
    endWith(stop());
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
