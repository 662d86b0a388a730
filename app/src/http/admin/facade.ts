// The admin pages as one façade: who visits, from where, which page, and how it is sent.
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { codeIsAwaited, formToken, type Visitor, visitorOf } from '../../accounts/accounts.ts';
import { allows, principalOf } from '../../accounts/rights.ts';
import type { Principal } from '../../operations/gateway.ts';
import { SCHEDULE_NAME } from '../../operations/schedule-plan.ts';
import type { Language } from '../../operations/settings-schema.ts';
import { addressOf, type HttpShared, type RequestState } from '../context.ts';
import { DaySums } from './day-sums.ts';
import { knownZone } from '../../domain/days.ts';
import { Form, readForm } from './form.ts';
import { formatFor } from './format.ts';
import {
  baseOf,
  isFromOurPages,
  isOurForm,
  languageCookie,
  sessionCookie,
  setLanguage,
  setSession,
} from './guard.ts';
import { frameOf } from './frame.ts';
import { drain, isMultipart, readMultipart } from './multipart.ts';
import type { AdminParts, Chunks, PageRoute, Reply, Services, Visit } from './parts.ts';
import { pageRoutes } from './routes.ts';
import { sendEvents } from './send-events.ts';
import { type Texts, textsFor } from './texts/index.ts';
import { type AdminViews, openAdminViews } from './views.ts';

const ROOT = '/admin';
/** Nobody: sees nothing, may nothing. */
const STRANGER: Principal = {
  name: 'nobody',
  role: 'till',
  limits: { terminals: [], kinds: [], amountMax: 0 },
};

export function adminFacade(parts: AdminParts): (shared: HttpShared) => Koa.Middleware {
  return ({ holdBodyTimeout }) => {
    const days = new DaySums(parts.reports, parts.clock);
    parts.gateway.subscribeAll(({ event }, operation) => days.changed(event.kind, operation));
    const services: Services = { ...parts, days, oneTime: new Map() };
    const views = openAdminViews(parts.viewsFolder);
    const routes = pageRoutes(services).map((route) => ({ route, pattern: patternOf(route.path) }));
    return async (context, next) => {
      if (context.path !== ROOT && !context.path.startsWith(`${ROOT}/`)) return next();
      (context.state as RequestState).route = 'admin'; // the first middleware sets the state
      if (context.path.startsWith(`${ROOT}/assets/`)) return sendAsset(context, views);
      // A page of ours tells its origin to us, and nothing to others.
      context.set('Referrer-Policy', 'same-origin');
      context.set('Cache-Control', 'no-store');
      const reads = context.method === 'GET' || context.method === 'HEAD';
      const found = routes
        .map(({ route, pattern }) => ({ route, match: pattern.exec(context.path) }))
        .filter(({ match }) => match !== null);
      const method = reads ? 'GET' : context.method;
      const hit = found.find(({ route }) => route.method === method);
      const route = hit?.route ?? null;
      const params = paramsOf(hit?.match ?? null);
      // Files are read only when everything else about the request is right.
      const uploads = route?.upload !== undefined && isMultipart(context.req);
      const visit = await visitOf(services, context, params, uploads ? new Form() : null);
      const reply = await answer(services, context, visit, route, {
        otherMethod: found.length > 0,
        uploads,
        holdBodyTimeout,
      });
      if (uploads && !(await drain(context.req))) context.set('Connection', 'close');
      await send(services, context, views, visit, reply, route);
    };
  };
}

/** The order of checks: our own form, signed in, allowed; then the page itself. */
async function answer(
  services: Services,
  context: Koa.Context,
  visit: Visit | null,
  route: PageRoute | null,
  { otherMethod, uploads, holdBodyTimeout }: Asked,
): Promise<Reply> {
  if (visit === null) return { kind: 'refused', status: 400, why: 'badForm' };
  const posts = context.method === 'POST';
  if (posts && !isFromOurPages(context))
    return { kind: 'refused', status: 403, why: 'foreignForm' };
  const detour = detourOf(services, visit, context.path);
  if (detour !== null) return detour;
  if (route === null) {
    return { kind: 'refused', status: otherMethod ? 405 : 404, why: 'noSuchPage' };
  }
  if (route.right !== 'open') {
    if (visit.visitor === null) return signInFirst(services, visit, context);
    if (posts && !uploads && !isOurForm(visit.token, visit.form.text('form'))) {
      return { kind: 'refused', status: 403, why: 'oldForm' };
    }
    if (!visit.may(route.right)) return { kind: 'refused', status: 403, why: 'notAllowed' };
  }
  return uploads ? answerUpload(context, visit, route, holdBodyTimeout) : route.handle(visit);
}

interface Asked {
  /** There is such a page, but not for this method. */
  readonly otherMethod: boolean;
  readonly uploads: boolean;
  readonly holdBodyTimeout: HttpShared['holdBodyTimeout'];
}

/** The form's token comes first in its body, and before the first file it must be right. */
async function answerUpload(
  context: Koa.Context,
  visit: Visit,
  route: PageRoute,
  holdBodyTimeout: Asked['holdBodyTimeout'],
): Promise<Reply> {
  if (route.upload === undefined) throw new Error('a page that takes no files');
  const release = holdBodyTimeout();
  try {
    const isOurs = (token: string): boolean => isOurForm(visit.token, token);
    const read = await readMultipart(context.req, route.upload, isOurs);
    switch (read.kind) {
      case 'form':
        return await route.handle({ ...visit, form: read.form });
      case 'not-ours':
        return { kind: 'refused', status: 403, why: 'oldForm' };
      case 'too-large':
        return { kind: 'refused', status: 413, why: 'fileTooLarge' };
      case 'bad':
        return { kind: 'refused', status: 400, why: 'badForm' };
    }
  } finally {
    release();
  }
}

/** Until there is an administrator, every way leads to the first start. */
function detourOf(services: Services, visit: Visit, path: string): Reply | null {
  const empty = services.accounts.people.people().length === 0;
  const first = path === `${ROOT}/first-start`;
  if (empty)
    return first || path === `${ROOT}/language` ? null : { kind: 'see', to: `${ROOT}/first-start` };
  return first ? { kind: 'see', to: visit.visitor === null ? `${ROOT}/sign-in` : ROOT } : null;
}

function signInFirst(services: Services, visit: Visit, context: Koa.Context): Reply {
  if (visit.token !== '' && codeIsAwaited(services.accounts, visit.token)) {
    return { kind: 'see', to: `${ROOT}/sign-in/code` };
  }
  if (context.method !== 'GET' || context.path === ROOT)
    return { kind: 'see', to: `${ROOT}/sign-in` };
  return { kind: 'see', to: `${ROOT}/sign-in?next=${encodeURIComponent(context.url)}` };
}

async function visitOf(
  services: Services,
  context: Koa.Context,
  params: Readonly<Record<string, string>>,
  given: Form | null,
): Promise<Visit | null> {
  const form = given ?? (context.method === 'POST' ? await readForm(context.req) : new Form());
  if (form === null) return null;
  const { accounts, clock, settings } = services;
  const state = context.state as RequestState; // the first middleware sets it
  const token = sessionCookie(context);
  const visitor = token === '' ? null : visitorOf(accounts, token);
  const language = languageOf(context, visitor, state.language);
  const zone = knownZone(settings.current().shop.timeZone);
  const t = textsFor(language);
  const origin = { address: addressOf(context), agent: context.get('User-Agent') };
  if (visitor !== null) state.key = `person:${visitor.person.login}`;
  return {
    visitor,
    who: visitor === null ? STRANGER : principalOf(visitor.person),
    language,
    t,
    f: formatFor(language, zone),
    zone,
    params,
    query: new URLSearchParams(context.querystring),
    form,
    origin,
    base: baseOf(context),
    secure: context.secure,
    reached: context.req.socket.localAddress ?? '',
    token,
    lastEventId: context.get('Last-Event-ID'),
    gone: state.gone,
    hurry: state.hurry,
    nameOf: (who) => {
      if (who === SCHEDULE_NAME) return t.scheduleName;
      if (!who.startsWith('person:')) return who;
      return accounts.people.person(who.slice(7))?.name ?? who.slice(7);
    },
    may: (right) => visitor !== null && allows(visitor.person.role, right),
    audit: (act, object, before, after) => {
      // What a stranger types may be a password in the wrong field: only a name that exists is one.
      const typed = form.text('login').toLowerCase();
      const who = visitor?.person.login ?? accounts.people.person(typed)?.login ?? '';
      accounts.audit.append({
        at: clock.now(),
        who,
        from: origin.address,
        act,
        object,
        before,
        after,
      });
    },
  };
}

function languageOf(context: Koa.Context, visitor: Visitor | null, browser: Language): Language {
  return visitor?.person.language ?? languageCookie(context) ?? browser;
}

async function send(
  services: Services,
  context: Koa.Context,
  views: AdminViews,
  visit: Visit | null,
  reply: Reply,
  route: PageRoute | null,
): Promise<void> {
  switch (reply.kind) {
    case 'page':
      if (visit === null) throw new Error('a page without a visit');
      return page(services, context, views, visit, route, reply);
    case 'see':
      if (reply.token !== undefined) setSession(context, reply.token);
      if (reply.language !== undefined) setLanguage(context, reply.language);
      context.status = 303;
      context.set('Location', reply.to);
      context.body = '';
      return;
    case 'file':
      context.type = reply.type;
      context.set('Content-Disposition', `attachment; filename="${reply.name}"`);
      context.body = isStream(reply.chunks) ? reply.chunks : Readable.from(reply.chunks);
      // A file that breaks off must not look like a whole one.
      (context.body as Readable).once('error', () => context.res.destroy());
      return;
    case 'events':
      return sendEvents(context, reply.run, () => stillAllowed(services, visit, route), services);
    case 'refused':
      return refused(services, context, views, visit, reply);
  }
}

function page(
  services: Services,
  context: Koa.Context,
  views: AdminViews,
  visit: Visit,
  route: PageRoute | null,
  reply: Extract<Reply, { kind: 'page' }>,
): void {
  const frame = frameOf(services, visit, route?.section ?? null, context.url);
  const form = visit.token === '' ? '' : formToken(visit.token);
  context.body = views.render(reply.template, { ...frame, form, page: reply.model });
  context.status = reply.status ?? 200;
  context.type = 'text/html; charset=utf-8';
  context.set('Content-Language', visit.language);
}

function refused(
  services: Services,
  context: Koa.Context,
  views: AdminViews,
  visit: Visit | null,
  { status, why }: { readonly status: number; readonly why: keyof Texts },
): void {
  if (visit === null) {
    context.status = status;
    context.type = 'text/plain; charset=utf-8';
    context.body = textsFor((context.state as RequestState).language)[why]; // as above
    return;
  }
  page(services, context, views, visit, null, {
    kind: 'page',
    template: 'refused.njk',
    model: { text: visit.t[why] },
    status,
  });
}

function sendAsset(context: Koa.Context, views: AdminViews): void {
  const asset = views.asset(context.path.slice(`${ROOT}/assets/`.length));
  if (asset === null) {
    context.status = 404;
    context.body = '';
    return;
  }
  context.body = asset.bytes;
  context.type = asset.type;
  // The address changes with the content.
  context.set('Cache-Control', 'public, max-age=31536000, immutable');
}

function stillAllowed(services: Services, visit: Visit | null, route: PageRoute | null): boolean {
  const visitor = visit === null ? null : visitorOf(services.accounts, visit.token);
  if (visitor === null || route === null || route.right === 'open') return false;
  return allows(visitor.person.role, route.right);
}

function isStream(chunks: Chunks): chunks is Readable {
  return chunks instanceof Readable;
}

function patternOf(path: string): RegExp {
  const text = path.replaceAll('.', String.raw`\.`).replaceAll(/:(\w+)/g, '(?<$1>[^/]+)');
  return new RegExp(`^${text}$`);
}

function paramsOf(match: RegExpExecArray | null): Record<string, string> {
  const entries = Object.entries(match?.groups ?? {}).map(([name, text]): [string, string] => {
    try {
      return [name, decodeURIComponent(text)];
    } catch {
      // Not an id of anything.
      return [name, ''];
    }
  });
  return Object.fromEntries(entries);
}
