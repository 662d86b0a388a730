// The API as it stands at this moment: the knobs of simulated terminals come and go with a setting.
import type Koa from 'koa';
import type { SimulatorControl } from '../../ports/simulators.ts';
import { createRouter, type Door, unknownPaths } from './mount.ts';
import type { OpenApiDocument } from './openapi.ts';
import { type Api, createApi } from './routes.ts';
import type { Services } from './services.ts';

const PREFIX = '/v1';

export interface LiveApi {
  readonly middleware: Koa.Middleware;
  /** Another one after the API has changed, the same one until then. */
  document(): OpenApiDocument;
}

interface Built {
  readonly simulators: SimulatorControl | null;
  readonly api: Api;
  readonly unknown: Koa.Middleware;
  readonly routes: Koa.Middleware;
}

/** A request is served by the table that stood when it came, to its end. */
export function liveApi(services: Services, door: Door): LiveApi {
  let built: Built | null = null;
  const now = (): Built => {
    const simulators = services.simulators();
    if (built?.simulators !== simulators) built = build(services, simulators, door);
    return built;
  };
  now();
  return {
    middleware: (context, next) => {
      const { unknown, routes } = now();
      return unknown(context, () => routes(context, next));
    },
    document: () => now().api.document(),
  };
}

function build(services: Services, simulators: SimulatorControl | null, door: Door): Built {
  const api = createApi(services, simulators);
  const router = createRouter(api.routes, door);
  // The router itself adds to the context what its type asks for.
  const routes = router.routes() as unknown as Koa.Middleware;
  return { simulators, api, unknown: unknownPaths(router, PREFIX), routes };
}
