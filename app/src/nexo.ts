// Puts nexo together: the way to terminals that speak it, the port that they call, and the façade
// by which tills take us for such a terminal.
import { createGuard } from './http/auth.ts';
import { createNexoFacade, type NexoFacade } from './http/nexo/facade.ts';
import { createNexoListener } from './http/nexo/listener.ts';
import type { Gateway } from './operations/gateway.ts';
import { keyring } from './operations/keys.ts';
import type { Secrets, Settings } from './operations/settings-schema.ts';
import type { Clock } from './ports/clock.ts';
import { type HttpClient, HttpClientError } from './ports/http-client.ts';
import type { Log } from './ports/log.ts';
import type { NexoControl } from './ports/nexo-control.ts';
import type { SettingsStore } from './ports/settings-store.ts';
import type { TerminalSetup } from './ports/terminal-driver.ts';
import type { DriverParts } from './terminals/registry.ts';
import { createNexoSwitch } from './terminals/nexo/switch.ts';
import { createHttpClient } from './transport/http.ts';
import { VERSION } from './version.ts';

export interface NexoParts {
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly host: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Nexo extends NexoControl {
  /** For the catalog of drivers. */
  readonly terminals: NonNullable<DriverParts['http']>;
  /** `http://host:port` by which programs on this machine reach the port for terminals. */
  callBack(): string | null;
  /** Opens the façade where the settings ask for it, and whenever they change their mind. */
  serve(gateway: Gateway): Promise<void>;
  /** After the gateway has stopped: until then terminals are still talked to. */
  close(): Promise<void>;
}

export function prepareNexo(parts: NexoParts): Nexo {
  const { settings, host, clock, log } = parts;
  const http = createHttpClient();
  const nexo = createNexoSwitch(log);
  const port = settings.current().nexo.listenPort;
  const listener = createNexoListener({ receiver: nexo, host, port, clock, log });
  let facade: NexoFacade | null = null;
  settings.onChange(({ nexo: now }, { nexo: before }) => {
    if (now.listenPort !== before.listenPort) void listener.use(now.listenPort);
    const changed =
      now.facade.enabled !== before.facade.enabled || now.facade.port !== before.facade.port;
    if (changed) void facade?.open();
  });
  return {
    terminals: { client: http, nexo },
    callBack: () => {
      const state = listener.state();
      return state.kind === 'open' ? `http://${nearHost(host)}:${state.port}` : null;
    },
    serve: async (gateway) => {
      facade = facadeOf(parts, gateway, http);
      await facade.open();
    },
    close: async () => {
      await facade?.close();
      await listener.close();
      http.close();
    },
    listener: () => listener.state(),
    facade: () => facade?.state() ?? { kind: 'off' },
    tills: () => facade?.tills() ?? [],
    announced: () => nexo.announced(),
  };
}

function facadeOf(
  { settings, secrets, host, clock, log }: NexoParts,
  gateway: Gateway,
  http: HttpClient,
): NexoFacade {
  const guard = createGuard(keyring(secrets), clock, log);
  return createNexoFacade({
    gateway,
    settings,
    authenticate: (...credentials) => guard.admit(...credentials),
    http,
    clock,
    log,
    version: VERSION,
    host,
  });
}

/** Who listens everywhere is reached here. */
export function nearHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

const LOOPBACK = '127.0.0.1';

/**
 * A simulated terminal behind the driver of real ones. Its port is known only when it is opened,
 * so the driver gets an address of this machine, and each message finds the port.
 */
export function simulatedNexo(
  { client, nexo }: Nexo['terminals'],
  setup: TerminalSetup,
  open: (id: string, address: string) => Promise<string>,
): { readonly setup: TerminalSetup; readonly http: Nexo['terminals'] } {
  const base = async (): Promise<string> => {
    try {
      return await open(setup.id, setup.address);
    } catch (error) {
      throw new HttpClientError('bad-address', String(error), false, error);
    }
  };
  return {
    setup: { ...setup, address: `http://${LOOPBACK}:11000` },
    http: {
      nexo,
      client: {
        post: async (request) => {
          const { pathname } = new URL(request.url);
          return client.post({ ...request, url: `${await base()}${pathname}` });
        },
        close: () => client.close(),
      },
    },
  };
}
