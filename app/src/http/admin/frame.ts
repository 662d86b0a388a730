// What stands around every page: menu, person, languages, and what was just done.
import { allows, type PageRight } from '../../accounts/rights.ts';
import { ROLE_TEXTS } from './texts/roles.ts';
import { LANGUAGES } from '../../operations/settings-schema.ts';
import type { Section, Services, Visit } from './parts.ts';
import { DONE } from './texts/done.ts';
import { LANGUAGE_NAMES, languageIndex } from './texts/index.ts';

const MENU = [
  { section: 'today', href: '/admin', icon: 'today', right: 'look' },
  { section: 'operations', href: '/admin/operations', icon: 'list', right: 'look' },
  { section: 'terminals', href: '/admin/terminals', icon: 'terminal', right: 'look' },
  { section: 'dayEnd', href: '/admin/day-end', icon: 'moon', right: 'look' },
  { section: 'integration', href: '/admin/integration', icon: 'plug', right: 'configure' },
  { section: 'people', href: '/admin/people', icon: 'people', right: 'configure' },
  { section: 'audit', href: '/admin/audit', icon: 'shield', right: 'audit' },
  { section: 'system', href: '/admin/system', icon: 'gear', right: 'configure' },
] as const satisfies readonly { section: Section; href: string; icon: string; right: PageRight }[];

export function frameOf(services: Services, visit: Visit, section: Section | null, url: string) {
  const { visitor, t, f, language } = visit;
  const person = visitor?.person ?? null;
  const done = visit.query.get('done') ?? '';
  const { shop } = services.settings.current();
  return {
    t,
    f,
    language,
    section,
    shop: shop.name,
    demonstration: services.mode === 'demonstration',
    menu: MENU.filter(({ right }) => person !== null && allows(person.role, right)).map((item) => ({
      ...item,
      text: t[item.section],
      current: item.section === section,
    })),
    person:
      person === null
        ? null
        : {
            name: person.name,
            login: person.login,
            role: ROLE_TEXTS[person.role][languageIndex(language)],
          },
    may: {
      act: visit.may('act'),
      resolve: visit.may('resolve'),
      configure: visit.may('configure'),
    },
    languages: LANGUAGES.map((code) => ({
      code,
      name: LANGUAGE_NAMES[code],
      current: code === language,
    })),
    here: withoutDone(url),
    done: Object.hasOwn(DONE, done)
      ? DONE[done as keyof typeof DONE][languageIndex(language)] // the line above asked
      : null,
  };
}

function withoutDone(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://box');
  searchParams.delete('done');
  const query = searchParams.toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}
