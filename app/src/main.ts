// Process entry of the gateway: environment in, exit code out.
import { resolve } from 'node:path';
import { openAppliance } from './appliance.ts';
import { createLog } from './system/log.ts';

const env = process.env;
const log = createLog({
  journald: env['JOURNAL_STREAM'] !== undefined,
  level: env['TILLGATE_LOG'],
});

try {
  const demonstration = env['TILLGATE_DEMO'] === '1';
  const appliance = await openAppliance({
    folder: resolve(env['TILLGATE_DATA'] ?? 'data'),
    host: env['TILLGATE_HOST'] ?? '0.0.0.0',
    port: portOf('TILLGATE_PORT', 8080),
    tlsPort: env['TILLGATE_TLS_PORT'] === 'off' ? null : portOf('TILLGATE_TLS_PORT', 8443),
    demonstration,
    demoKey: env['TILLGATE_DEMO_KEY'] ?? null,
    notifySocket: env['NOTIFY_SOCKET'] ?? null,
    watchdogUsec: env['WATCHDOG_USEC'] === undefined ? null : Number(env['WATCHDOG_USEC']),
    onAppliance: env['TILLGATE_APPLIANCE'] === '1',
    log,
    // A broken promise of the ledger: systemd restarts the process, the ledger recovers.
    onFatal: (error) => {
      log.error('fatal', {}, error);
      process.exit(70);
    },
  });
  if (demonstration) process.stdout.write(appliance.welcome);
  stopOnSignals(() => appliance.stop());
} catch (error) {
  log.error('cannot-start', { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
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
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('stop-failed', {}, error);
        process.exit(70);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
