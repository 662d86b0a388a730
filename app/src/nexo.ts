// Puts nexo together: the way to terminals that speak it, the port that they call, and the façade
// by which tills take us for such a terminal.
import { createGuard } from './http/auth.ts';
import { createNexoFacade } from './http/nexo/facade.ts';
import { createNexoListener } from './http/nexo/listener.ts';
import type { Gateway } from './operations/gateway.ts';
import { keyring } from './operations/keys.ts';
import type { Secrets, Settings } from './operations/settings-schema.ts';
import type { Clock } from './ports/clock.ts';
import type { HttpClient } from './ports/http-client.ts';
import type { Log } from './ports/log.ts';
import type { SettingsStore } from './ports/settings-store.ts';
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

export interface Nexo {
  /** For the catalog of drivers. */
  readonly terminals: NonNullable<DriverParts['http']>;
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
  const served: { close(): Promise<void> }[] = [];
  return {
    terminals: { client: http, nexo },
    serve: async (gateway) => {
      const facade = serveFacade(parts, gateway, http);
      served.push(facade);
      await facade.opened;
    },
    close: async () => {
      for (const one of served) await one.close();
      await listener.close();
      http.close();
    },
  };
}

/** One change after another: the port of the one before is free when the next is opened. */
function serveFacade(
  { settings, secrets, host, clock, log }: NexoParts,
  gateway: Gateway,
  http: HttpClient,
): { readonly opened: Promise<void>; close(): Promise<void> } {
  const guard = createGuard(keyring(secrets), clock, log);
  const facade = createNexoFacade({
    gateway,
    settings,
    authenticate: (...credentials) => guard.admit(...credentials),
    http,
    clock,
    log,
    version: VERSION,
    host,
  });
  const reopen = async (): Promise<void> => {
    await facade.close();
    await facade.open();
  };
  let turn: Promise<void> = Promise.resolve();
  const next = (work: () => Promise<void>): Promise<void> => {
    // Payments at every other door go on without this one.
    turn = turn.then(work).catch((error: unknown) => log.error('nexo-facade-not-open', {}, error));
    return turn;
  };
  settings.onChange(({ nexo: { facade: now } }, { nexo: { facade: before } }) => {
    if (now.enabled !== before.enabled || now.port !== before.port) void next(reopen);
  });
  return { opened: next(reopen), close: () => next(() => facade.close()) };
}
