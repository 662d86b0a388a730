// The first start: who stands before the box becomes its administrator.
import { openSession, sameText } from '../../../accounts/accounts.ts';
import { TEXT_FIELD_MAX } from '../../../domain/limits.ts';
import { findKey } from '../../../operations/keys.ts';
import { LANGUAGES } from '../../../operations/settings-schema.ts';
import { isLanguage } from '../../language.ts';
import { knownZone } from '../../../domain/days.ts';
import type { Faults } from '../form.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';
import { LANGUAGE_NAMES } from '../texts/index.ts';
import { phrase } from '../texts/phrases/index.ts';
import { shownTest, takeTest } from './terminal-test.ts';
import { LOGIN_PATTERN, passwordFaultText } from './people-rules.ts';
import { badgeOfLink } from './words.ts';
import { newPageId } from './page-id.ts';

const PATH = '/admin/first-start';
/** Where most boxes stand, first. */
const NEAR_ZONES = ['Europe/Kyiv', 'Europe/Warsaw', 'Europe/Chisinau', 'Europe/Bucharest', 'UTC'];

export function firstStartRoutes(services: Services): PageRoute[] {
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'open',
      handle: (visit) => {
        const { shop } = services.settings.current();
        const values = { login: 'admin', name: '', shop: shop.name, ...defaultsOf(visit, shop) };
        return firstPage(values, {});
      },
    },
    { method: 'POST', path: PATH, right: 'open', handle: (visit) => handle(services, visit) },
    {
      method: 'GET',
      path: '/admin/first-terminal',
      right: 'configure',
      handle: (visit) => terminalPage(services, visit),
    },
  ];
}

async function handle(services: Services, visit: Visit): Promise<Reply> {
  const { accounts, settings } = services;
  const { form, t, origin } = visit;
  const login = form.text('login').toLowerCase();
  const faults: Record<string, string> = {};
  const seconds = accounts.lockout.waitSeconds('first start', origin.address);
  if (seconds > 0) faults['all'] = visit.f.fill(t.lockedOut, { seconds });
  else if (!provesPresence(services, form.text('code'))) {
    accounts.lockout.failed('first start', origin.address);
    faults['code'] = t.wrongCode;
  }
  if (form.text('name') === '') faults['name'] = t.required;
  if (form.text('name').length > TEXT_FIELD_MAX.name) faults['name'] = t.tooLong;
  if (!LOGIN_PATTERN.test(login)) faults['login'] = t.loginWrong;
  if (form.text('shop').length > TEXT_FIELD_MAX.name) faults['shop'] = t.tooLong;
  const password = passwordFaultText(form.raw('password'), login, t);
  if (password !== null) faults['password'] = password;
  const language = form.text('language');
  const zone = form.text('timeZone');
  if (knownZone(zone) === 'UTC' && zone !== 'UTC') faults['timeZone'] = t.notValid;
  if (Object.keys(faults).length > 0 || !isLanguage(language)) {
    return firstPage(form.values(), faults);
  }
  const passwordHash = await accounts.passwords.hash(form.raw('password'));
  // While the hash was made, somebody else may have been the first.
  if (accounts.people.people().length > 0) return { kind: 'see', to: '/admin/sign-in' };
  const person = {
    login,
    name: form.text('name'),
    role: 'administrator',
    passwordHash,
    language: isLanguage(visit.language) ? visit.language : null,
    disabled: false,
    totpSecret: null,
    totpStep: 0,
    recovery: [],
    createdAt: services.clock.now(),
  } as const;
  accounts.people.putPerson(person);
  await accounts.oneTimeCode.forget();
  await settings.change((draft) => {
    draft.shop = { name: form.text('shop'), language, timeZone: zone };
  });
  visit.audit('first-start', `person ${login}`, null, {
    role: person.role,
    shop: form.text('shop'),
  });
  const token = openSession(accounts, person, origin);
  return { kind: 'see', to: '/admin/first-terminal', token };
}

/** The code of the console, or the key of an administrator: both are proof enough. */
function provesPresence({ accounts, secrets }: Services, given: string): boolean {
  const code = accounts.oneTimeCode.current();
  if (code !== null && plain(given) !== '' && sameText(plain(given), plain(code))) return true;
  return given !== '' && findKey(secrets.current(), null, given)?.role === 'administrator';
}

/** People type codes in small letters and leave the dashes out. */
function plain(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

function defaultsOf(
  visit: Visit,
  shop: { readonly timeZone: string },
): { language: string; timeZone: string } {
  return { language: visit.language, timeZone: shop.timeZone };
}

function firstPage(values: Readonly<Record<string, string>>, faults: Faults): Reply {
  const zones = [...new Set([...NEAR_ZONES, ...Intl.supportedValuesOf('timeZone')])];
  const model = {
    values,
    faults,
    languages: LANGUAGES.map((code) => ({ value: code, text: LANGUAGE_NAMES[code] })),
    zones: zones.map((zone) => ({ value: zone, text: zone.replaceAll('_', ' ') })),
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'first-start.njk', model, status };
}

function terminalPage(services: Services, visit: Visit): Reply {
  const terminals = services.gateway.terminals(visit.who).map((view) => ({
    id: view.settings.id,
    name: view.settings.name === '' ? view.settings.id : view.settings.name,
    address: view.settings.address,
    badge: badgeOfLink(view.link, visit.language),
    reason: view.reason === null ? null : phrase(view.reason, visit.language),
    simulated: view.settings.address.startsWith('sim:'),
    pennyId: newPageId(services.random),
    test: shownTest(takeTest(services, visit, view.settings.id), visit),
  }));
  return { kind: 'page', template: 'first-terminal.njk', model: { terminals } };
}
