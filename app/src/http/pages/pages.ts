// Our own pages: start, docs, their assets, and the page that says there is none.
import type Koa from 'koa';
import { LANGUAGES, type Language } from '../../operations/settings-schema.ts';
import type { RequestState } from '../context.ts';
import { isLanguage } from '../language.ts';
import type { OpenApiDocument } from '../rest/openapi.ts';
import type { Services } from '../rest/services.ts';
import { type DocsModel, docsModel } from './docs-page.ts';
import { startModel } from './start-page.ts';
import { openViews, type Views } from './views.ts';
import { WORDS } from './words.ts';

export interface PageParts extends Services {
  readonly viewsFolder: string | undefined;
  readonly document: () => OpenApiDocument;
}

export function pageRoutes(parts: PageParts): Koa.Middleware {
  // Opened by the first person who looks, not while the box starts.
  let opened: Views | null = null;
  const views = (): Views => (opened ??= openViews(parts.viewsFolder));
  // One a language, until the API is another one.
  const docs = new Map<Language, { readonly of: OpenApiDocument; readonly model: DocsModel }>();
  const pages: Readonly<Record<string, (context: Koa.Context, language: Language) => void>> = {
    '/': (context, language) =>
      page(context, views(), 'start.njk', language, { page: startModel(parts, language) }),
    '/docs': (context, language) => {
      const document = parts.document();
      const kept = docs.get(language);
      const model = kept?.of === document ? kept.model : docsModel(document, language);
      docs.set(language, { of: document, model });
      page(context, views(), 'docs.njk', language, { page: model });
    },
  };
  return async (context, next) => {
    await next();
    if (context.body !== undefined || context.status !== 404 || context.respond === false) return;
    const { path } = context;
    const reads = context.method === 'GET' || context.method === 'HEAD';
    if (reads && path.startsWith('/assets/')) return asset(context, views(), path.slice(8));
    const show = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (show !== undefined && !reads) {
      context.set('Allow', 'GET, HEAD');
      context.status = 405;
      context.body = 'GET, HEAD';
      return;
    }
    const language = languageOf(context);
    if (show !== undefined) return show(context, language);
    page(context, views(), 'not-found.njk', language, {});
    context.status = 404;
  };
}

function page(
  context: Koa.Context,
  views: Views,
  template: string,
  language: Language,
  model: Readonly<Record<string, unknown>>,
): void {
  const languages = LANGUAGES.map((code) => ({
    code,
    name: WORDS[code].languageName,
    current: code === language,
  }));
  context.body = views.render(template, language, { ...model, languages });
  context.type = 'text/html; charset=utf-8';
  context.set('Content-Language', language);
  context.set('Cache-Control', 'no-store');
}

function asset(context: Koa.Context, views: Views, name: string): void {
  const found = views.asset(name);
  if (found === null) {
    context.status = 404;
    context.body = '';
    return;
  }
  context.body = found.bytes;
  context.type = found.type;
  context.set('Cache-Control', 'no-cache');
}

/** `?lang=` is a person's own choice; else the browser's. */
function languageOf(context: Koa.Context): Language {
  const { lang } = context.query;
  if (typeof lang === 'string' && isLanguage(lang)) return lang;
  return (context.state as RequestState).language; // the first middleware sets it
}
