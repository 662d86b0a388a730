// People: who may sign in, with which role, and whose sessions are open.
import { PEOPLE_MAX, TEXT_FIELD_MAX } from '../../../domain/limits.ts';
import { PERSON_ROLES, type Person } from '../../../ports/accounts.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { languageIndex } from '../texts/index.ts';
import { ROLE_TEXTS } from '../texts/roles.ts';
import { LOGIN_PATTERN, passwordFaultText } from './people-rules.ts';

const PATH = '/admin/people';

export function peopleRoutes(services: Services): PageRoute[] {
  const post = (
    path: string,
    handle: (visit: Visit) => Promise<Reply | Faults> | Reply | Faults,
  ): PageRoute => ({
    method: 'POST',
    path: `${PATH}${path}`,
    right: 'configure',
    section: 'people',
    handle: async (visit) => {
      const result = await handle(visit);
      return 'kind' in result ? (result as Reply) : page(services, visit, result); // faults have none
    },
  });
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'configure',
      section: 'people',
      handle: (visit) => page(services, visit, {}),
    },
    post('', (visit) => handAdd(services, visit)),
    post('/sessions/end', (visit) => handEndSession(services, visit)),
    post('/:login', (visit) => handChange(services, visit)),
    post('/:login/password', (visit) => handPassword(services, visit)),
    post('/:login/factor-off', (visit) => handFactorOff(services, visit)),
    post('/:login/remove', (visit) => handRemove(services, visit)),
  ];
}

function page({ accounts }: Services, visit: Visit, faults: Faults): Reply {
  const { f, language, visitor, t } = visit;
  const roles = PERSON_ROLES.map((role) => ({
    value: role,
    text: ROLE_TEXTS[role][languageIndex(language)],
  }));
  const named = new Map(accounts.people.people().map(({ login, name }) => [login, name]));
  const model = {
    people: accounts.people.people().map((person) => ({
      login: person.login,
      name: person.name,
      role: person.role,
      roleText: ROLE_TEXTS[person.role][languageIndex(language)],
      disabled: person.disabled,
      factor: person.totpSecret !== null,
      isMe: person.login === visitor?.person.login,
      createdAt: f.when(person.createdAt),
    })),
    roles,
    sessions: accounts.sessions
      .sessions()
      .filter(({ stage }) => stage === 'full')
      .map((session) => ({
        id: session.id,
        name: named.get(session.login) ?? session.login,
        lastSeen: f.when(session.lastSeenAt),
        address: session.address,
        agent: agentText(session.agent) ?? t.unknownBrowser,
        isThis: session.id === visitor?.session.id,
      })),
    values: visit.form.values(),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'people.njk', model, status };
}

/** `Firefox · Android`: enough to know one's own. */
export function agentText(agent: string): string | null {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(agent)?.[1] ?? null;
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1] ?? null;
  const names: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera' };
  const known = [browser === null ? null : (names[browser] ?? browser), system].filter(
    (part) => part !== null,
  );
  return known.length === 0 ? null : known.join(' · ');
}

async function handAdd(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { accounts, clock } = services;
  const { form, t } = visit;
  const login = form.text('login').toLowerCase();
  const name = form.text('name');
  const role = PERSON_ROLES.find((one) => one === form.text('role'));
  const faults: Record<string, string> = {};
  if (!LOGIN_PATTERN.test(login)) faults['login'] = t.loginWrong;
  else if (accounts.people.person(login) !== null) faults['login'] = t.nameTaken;
  if (name === '') faults['name'] = t.required;
  if (name.length > TEXT_FIELD_MAX.name) faults['name'] = t.tooLong;
  const password = passwordFaultText(form.raw('password'), login, t);
  if (password !== null) faults['password'] = password;
  if (accounts.people.people().length >= PEOPLE_MAX) faults['all'] = t.tooMany;
  if (role === undefined || Object.keys(faults).length > 0) return faults;
  accounts.people.putPerson({
    login,
    name,
    role,
    passwordHash: await accounts.passwords.hash(form.raw('password')),
    language: null,
    disabled: false,
    totpSecret: null,
    totpStep: 0,
    recovery: [],
    createdAt: clock.now(),
  });
  visit.audit('person-add', `person ${login}`, null, { name, role });
  return see(PATH, 'saved');
}

function find({ accounts }: Services, visit: Visit): Person | null {
  return accounts.people.person(visit.params['login'] ?? '');
}

/** Somebody must always be able to look after the box. */
function lastAdministrator({ accounts }: Services, person: Person): boolean {
  const others = accounts.people
    .people()
    .filter((one) => one.login !== person.login && one.role === 'administrator' && !one.disabled);
  return person.role === 'administrator' && others.length === 0;
}

function handChange(services: Services, visit: Visit): Reply | Faults {
  const { form, t } = visit;
  const person = find(services, visit);
  const role = PERSON_ROLES.find((one) => one === form.text('role'));
  const name = form.text('name');
  if (person === null || role === undefined) return { all: t.noSuchKey };
  if (name === '' || name.length > TEXT_FIELD_MAX.name) return { all: t.required };
  const disabled = form.checked('disabled');
  const steps = role !== 'administrator' || disabled;
  if (steps && lastAdministrator(services, person)) return { all: t.lastAdministrator };
  services.accounts.people.putPerson({ ...person, role, name, disabled });
  // Other rights: whoever is signed in signs in anew.
  const lost = disabled || role !== person.role;
  const own = visit.visitor?.session.id ?? null;
  if (lost) services.accounts.sessions.endSessionsOf(person.login, disabled ? null : own);
  const before = { name: person.name, role: person.role, disabled: person.disabled };
  visit.audit('person-change', `person ${person.login}`, before, { name, role, disabled });
  return see(PATH, 'saved');
}

async function handPassword(services: Services, visit: Visit): Promise<Reply | Faults> {
  const person = find(services, visit);
  if (person === null) return { all: visit.t.noSuchKey };
  const password = visit.form.raw('password');
  const fault = passwordFaultText(password, person.login, visit.t);
  if (fault !== null) return { [`password-${person.login}`]: fault };
  const passwordHash = await services.accounts.passwords.hash(password);
  const current = find(services, visit);
  if (current === null) return { all: visit.t.noSuchKey };
  services.accounts.people.putPerson({ ...current, passwordHash });
  services.accounts.sessions.endSessionsOf(person.login, visit.visitor?.session.id ?? null);
  visit.audit('password-set', `person ${person.login}`, null, null);
  return see(PATH, 'passwordSet');
}

function handFactorOff(services: Services, visit: Visit): Reply | Faults {
  const person = find(services, visit);
  if (person === null) return { all: visit.t.noSuchKey };
  services.accounts.people.putPerson({ ...person, totpSecret: null, totpStep: 0, recovery: [] });
  visit.audit(
    'factor-off',
    `person ${person.login}`,
    { secondFactor: true },
    { secondFactor: false },
  );
  return see(PATH, 'factorOff');
}

function handRemove(services: Services, visit: Visit): Reply | Faults {
  const person = find(services, visit);
  if (person === null) return { all: visit.t.noSuchKey };
  if (lastAdministrator(services, person)) return { all: visit.t.lastAdministrator };
  services.accounts.people.removePerson(person.login);
  services.accounts.sessions.endSessionsOf(person.login, null);
  visit.audit(
    'person-remove',
    `person ${person.login}`,
    { name: person.name, role: person.role },
    null,
  );
  return see(PATH, 'removed');
}

function handEndSession(services: Services, visit: Visit): Reply | Faults {
  const session = services.accounts.sessions.session(visit.form.text('id'));
  if (session === null) return { all: visit.t.noSuchKey };
  services.accounts.sessions.endSession(session.id);
  visit.audit('session-end', `person ${session.login}`, { address: session.address }, null);
  return see(PATH, 'sessionEnded');
}
