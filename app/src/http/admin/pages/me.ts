// One's own account: password, second factor with its QR code and recovery codes, own sessions.
import { encode } from 'uqr';
import {
  matchingStep,
  newRecoveryCodes,
  newSecret,
  recoveryHash,
  secretAddress,
} from '../../../accounts/second-factor.ts';
import type { Person } from '../../../ports/accounts.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { agentText } from './people.ts';
import { passwordFaultText } from './people-rules.ts';

const PATH = '/admin/me';

export function meRoutes(services: Services): PageRoute[] {
  const post = (
    path: string,
    handle: (person: Person, visit: Visit) => Promise<Reply | Faults> | Reply | Faults,
  ): PageRoute => ({
    method: 'POST',
    path: `${PATH}/${path}`,
    right: 'look',
    section: 'me',
    handle: async (visit) => {
      const { visitor } = visit;
      if (visitor === null) return see('/admin/sign-in');
      const result = await handle(visitor.person, visit);
      return 'kind' in result ? (result as Reply) : page(services, visit, result); // faults have none
    },
  });
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'look',
      section: 'me',
      handle: (visit) => page(services, visit, {}),
    },
    post('password', (person, visit) => handPassword(services, person, visit)),
    post('factor', (person, visit) => handFactor(services, person, visit)),
    post('factor-confirm', (person, visit) => handConfirm(services, person, visit)),
    post('factor-off', (person, visit) => handOff(services, person, visit)),
    post('sessions', (person, visit) => handSessions(services, person, visit)),
  ];
}

function page(services: Services, visit: Visit, faults: Faults): Reply {
  const { accounts, oneTime, settings } = services;
  const person = visit.visitor?.person;
  if (person === undefined) return see('/admin/sign-in');
  const kept = oneTime.get(visit.token);
  // The secret waits until its code is right; the recovery codes are seen once.
  if (kept?.kind === 'recovery') oneTime.delete(visit.token);
  const secret = kept?.kind === 'factor' ? (kept.values[0] ?? null) : null;
  const address =
    secret === null ? null : secretAddress(secret, person.login, settings.current().shop.name);
  const model = {
    name: person.name,
    login: person.login,
    factor: person.totpSecret !== null,
    recoveryLeft: visit.f.plural(visit.t.nRecovery, person.recovery.length),
    secret: secret === null ? null : (secret.match(/.{4}/g) ?? []).join(' '),
    qr: address === null ? null : qrPath(address),
    recovery: kept?.kind === 'recovery' ? kept.values : [],
    sessions: accounts.sessions
      .sessions()
      .filter(({ login, stage }) => login === person.login && stage === 'full')
      .map((session) => ({
        lastSeen: visit.f.when(session.lastSeenAt),
        address: session.address,
        agent: agentText(session.agent) ?? visit.t.unknownBrowser,
        isThis: session.id === visit.visitor?.session.id,
      })),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'me.njk', model, status };
}

/** One path of unit squares: no inline style, no image from elsewhere. */
function qrPath(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { ecc: 'L', border: 4 });
  const path = data
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return { size, path };
}

async function handPassword(
  { accounts }: Services,
  person: Person,
  visit: Visit,
): Promise<Reply | Faults> {
  const { form, t } = visit;
  const seconds = accounts.lockout.waitSeconds(person.login, visit.origin.address);
  if (seconds > 0) return { current: visit.f.fill(t.lockedOut, { seconds }) };
  const fault = passwordFaultText(form.raw('password'), person.login, t);
  if (fault !== null) return { password: fault };
  if (!(await accounts.passwords.verify(form.raw('current'), person.passwordHash))) {
    accounts.lockout.failed(person.login, visit.origin.address);
    return { current: t.wrongPassword };
  }
  const passwordHash = await accounts.passwords.hash(form.raw('password'));
  const now = accounts.people.person(person.login);
  if (now === null) return { current: t.wrongPassword };
  accounts.people.putPerson({ ...now, passwordHash });
  accounts.sessions.endSessionsOf(person.login, visit.visitor?.session.id ?? null);
  visit.audit('password-set', `person ${person.login}`, null, null);
  return see(PATH, 'passwordSet');
}

function handFactor({ oneTime, random }: Services, _person: Person, visit: Visit): Reply {
  oneTime.set(visit.token, { kind: 'factor', values: [newSecret(random)] });
  return see(`${PATH}#factor`);
}

/** Only a secret that the telephone really has may lock the door. */
function handConfirm(services: Services, person: Person, visit: Visit): Reply | Faults {
  const { accounts, oneTime, random, clock } = services;
  const kept = oneTime.get(visit.token);
  const secret = kept?.kind === 'factor' ? kept.values[0] : undefined;
  if (secret === undefined) return { code: visit.t.oldForm };
  const step = matchingStep(secret, visit.form.text('code'), clock.now(), 0);
  if (step === null) return { code: visit.t.wrongCode };
  const codes = newRecoveryCodes(random);
  accounts.people.putPerson({
    ...person,
    totpSecret: secret,
    totpStep: step,
    recovery: codes.map(recoveryHash),
  });
  oneTime.set(visit.token, { kind: 'recovery', values: codes });
  visit.audit(
    'factor-on',
    `person ${person.login}`,
    { secondFactor: false },
    { secondFactor: true },
  );
  return see(PATH, 'factorOn');
}

async function handOff(
  { accounts }: Services,
  person: Person,
  visit: Visit,
): Promise<Reply | Faults> {
  const seconds = accounts.lockout.waitSeconds(person.login, visit.origin.address);
  if (seconds > 0) return { off: visit.f.fill(visit.t.lockedOut, { seconds }) };
  if (!(await accounts.passwords.verify(visit.form.raw('current'), person.passwordHash))) {
    accounts.lockout.failed(person.login, visit.origin.address);
    return { off: visit.t.wrongPassword };
  }
  accounts.people.putPerson({ ...person, totpSecret: null, totpStep: 0, recovery: [] });
  visit.audit(
    'factor-off',
    `person ${person.login}`,
    { secondFactor: true },
    { secondFactor: false },
  );
  return see(PATH, 'factorOff');
}

function handSessions({ accounts }: Services, person: Person, visit: Visit): Reply {
  accounts.sessions.endSessionsOf(person.login, visit.visitor?.session.id ?? null);
  visit.audit('session-end', `person ${person.login}`, null, null);
  return see(PATH, 'sessionEnded');
}
