// The middleware in its order, and the requests that are on their way.
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import helmet from 'koa-helmet';
import type { Gateway } from '../operations/gateway.ts';
import { keyring, keysEnded } from '../operations/keys.ts';
import type { Secrets, Settings } from '../operations/settings-schema.ts';
import { type ChangeSettings, settingsChanger } from '../operations/change-settings.ts';
import type { AuditTrail } from '../ports/audit.ts';
import type { Clock, Random } from '../ports/clock.ts';
import { LedgerError } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { NexoControl } from '../ports/nexo-control.ts';
import type { OutboundControl } from '../ports/outbound.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { SimulatorControl } from '../ports/simulators.ts';
import { createGuard } from './auth.ts';
import { type HttpShared, type RequestState, sendProblem } from './context.ts';
import { crossOrigin } from './cors.ts';
import { problem } from './errors.ts';
import { chooseLanguage } from './language.ts';
import { pageRoutes } from './pages/pages.ts';
import { EventStreams } from './rest/event-streams.ts';
import { liveApi } from './rest/live-api.ts';
import type { ServerMode } from './rest/services.ts';
import { WaitingTills } from './rest/waiting-tills.ts';

export interface ApplicationParts {
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  /** The one of the whole appliance, so that changes go one after another; our own unless given. */
  readonly changeSettings?: ChangeSettings;
  /** What administrators do is added to it. */
  readonly audit?: AuditTrail | null;
  /** Null while the product runs without simulated terminals; asked each time. */
  readonly simulators: () => SimulatorControl | null;
  /** Messages to others; none of its routes without it. */
  readonly outbound?: OutboundControl | null;
  /** What of nexo is open; no route of it without. */
  readonly nexo?: NexoControl | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  readonly mode: ServerMode;
  /** Where the pages are; the folder beside the sources unless given. */
  readonly viewsFolder?: string;
  /** Façades beside the API (SOAP, admin pages): asked in this order, before our own pages. */
  readonly facades?: readonly ((shared: HttpShared) => Koa.Middleware)[];
  /** Bodies may take long from now on, until what it returns is called. */
  readonly holdBodyTimeout?: () => () => void;
}

export interface Application {
  /** Rejects never: koa answers every fault itself. */
  readonly listener: RequestListener;
  /** The server stops: waiting requests answer now, streams end. */
  hurry(): void;
}

export function createApplication(parts: ApplicationParts): Application {
  const { gateway, settings, secrets, simulators, clock, random, log, version, mode } = parts;
  const guard = createGuard(keyring(secrets), clock, log);
  const waiting = new WaitingTills(gateway, log);
  const streams = new EventStreams(gateway, clock);
  secrets.onChange((next, before) => streams.endOf(keysEnded(next, before)));
  const {
    outbound = null,
    nexo = null,
    audit = null,
    changeSettings = settingsChanger(parts),
  } = parts;
  const shared = { gateway, settings, simulators, outbound, nexo, clock, log, version, mode };
  const services = { ...shared, secrets, changeSettings, random, waiting, streams };
  const api = liveApi(services, { guard, audit, clock, log });
  const traffic = new Traffic();

  const koa = new Koa();
  koa.silent = true;
  koa.on('error', (error: Error) => log.debug('http-connection-failed', { reason: error.message }));
  koa.use(begin(parts, traffic));
  koa.use(securityHeaders());
  koa.use(catchFaults(log));
  koa.use(crossOrigin(() => settings.current().http.origins, sendProblem));
  koa.use(api.middleware);
  const { holdBodyTimeout = () => () => undefined } = parts;
  const forFacades: HttpShared = { guard, settings, clock, log, holdBodyTimeout };
  for (const facade of parts.facades ?? []) koa.use(facade(forFacades));
  const { viewsFolder } = parts;
  koa.use(pageRoutes({ ...services, viewsFolder, document: () => api.document() }));

  const handle = koa.callback();
  return {
    listener: (request, response) => void handle(request, response),
    hurry: () => {
      traffic.hurry();
      streams.endAll();
    },
  };
}

/** INVARIANT: holds one controller for each request that is not answered yet. */
class Traffic {
  readonly #hurries = new Set<AbortController>();
  #stopping = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  enter(): AbortController {
    const hurry = new AbortController();
    this.#hurries.add(hurry);
    if (this.#stopping) hurry.abort();
    return hurry;
  }

  leave(hurry: AbortController): void {
    this.#hurries.delete(hurry);
  }

  hurry(): void {
    this.#stopping = true;
    for (const hurry of this.#hurries) hurry.abort();
  }
}

/** Language, name and signals of a request; one log line when it is over, without its contents. */
function begin(parts: ApplicationParts, traffic: Traffic): Koa.Middleware {
  const { settings, clock, random, log } = parts;
  return async (context, next) => {
    const startedAt = clock.monotonic();
    const gone = new AbortController();
    const hurry = traffic.enter();
    const state: RequestState = {
      language: chooseLanguage(
        context.get('Accept-Language') || undefined,
        settings.current().shop.language,
      ),
      requestId: Buffer.from(random.bytes(8)).toString('hex'),
      key: null,
      route: null,
      gone: gone.signal,
      hurry: hurry.signal,
    };
    Object.assign(context.state, state);
    context.set('X-Request-Id', state.requestId);
    context.vary('Accept-Language');
    if (traffic.stopping) context.set('Connection', 'close');
    context.res.once('close', () => {
      traffic.leave(hurry);
      if (!context.res.writableFinished) {
        gone.abort();
        hurry.abort();
      }
      const { key, route, requestId } = context.state as RequestState; // set above
      const reads = context.method === 'GET' || context.method === 'HEAD';
      log[reads ? 'debug' : 'info']('http', {
        request: requestId,
        method: context.method,
        route: route ?? 'page',
        key,
        status: context.res.statusCode,
        ms: Math.round(clock.monotonic() - startedAt),
        gone: gone.signal.aborted,
      });
    });
    await next();
    // A request that was held while the stop began must not keep its connection either.
    if (traffic.stopping && !context.headerSent) context.set('Connection', 'close');
  };
}

/** Nothing but our own files, no scripts in pages, no frames. */
function securityHeaders(): Koa.Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The certificate is our own: a browser that insists on TLS would lock the owner out.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
}

function catchFaults(log: Log): Koa.Middleware {
  return async (context, next) => {
    try {
      await next();
    } catch (error) {
      if (context.headerSent) {
        context.res.destroy();
        return;
      }
      if (error instanceof LedgerError) {
        log.error('http-ledger-refused', { code: error.code }, error);
        sendProblem(context, problem('ledger-unavailable', 'the ledger cannot be written'));
        context.set('Retry-After', '5');
        return;
      }
      const { requestId } = context.state as RequestState; // `begin` sets it
      log.error('http-failed', { request: requestId }, error);
      sendProblem(context, problem('internal-error', 'see the log', { request: requestId }));
    }
  };
}
