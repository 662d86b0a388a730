// The whole API as one table.
import { followUpRoutes } from './follow-ups.ts';
import { keyRoutes } from './keys.ts';
import type { SimulatorControl } from '../../ports/simulators.ts';
import { machineRoutes } from './machines.ts';
import { type OpenApiDocument, openApiOf } from './openapi.ts';
import { nexoRoutes } from './nexo.ts';
import { operationRoutes } from './operations.ts';
import { outboxRoutes } from './outbox.ts';
import type { Route } from './route.ts';
import type { Services } from './services.ts';
import { settingsRoutes } from './settings.ts';
import { simulatorRoutes } from './simulators.ts';
import { terminalRoutes } from './terminals.ts';

export interface Api {
  readonly routes: readonly Route[];
  /** Made when it is first asked for: it takes longer than all the rest of the start. */
  document(): OpenApiDocument;
}

export function createApi(services: Services, simulators: SimulatorControl | null): Api {
  let made: OpenApiDocument | null = null;
  const routes: Route[] = [
    ...operationRoutes(services),
    ...followUpRoutes(services),
    ...terminalRoutes(services),
    ...settingsRoutes(services),
    ...keyRoutes(services),
    ...outboxRoutes(services.outbound),
    ...nexoRoutes(services.nexo),
    ...simulatorRoutes(simulators),
    // The document describes the route that serves it, so it is made after the table.
    ...machineRoutes(services, () => document()),
  ];
  const document = (): OpenApiDocument => (made ??= openApiOf(routes, services.version));
  return { routes, document };
}
