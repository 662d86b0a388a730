// Signing in and out, and the language of whoever reads.
import {
  giveCode,
  type SignIn,
  signIn,
  signOut,
  codeIsAwaited,
} from '../../../accounts/accounts.ts';
import { isLanguage } from '../../language.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';

export function signInRoutes(services: Services): PageRoute[] {
  return [
    {
      method: 'GET',
      path: '/admin/sign-in',
      right: 'open',
      handle: (visit) => {
        if (visit.visitor !== null) return { kind: 'see', to: '/admin' };
        return signInPage(null, '', visit.query.get('next') ?? '');
      },
    },
    {
      method: 'POST',
      path: '/admin/sign-in',
      right: 'open',
      handle: (visit) => handSignIn(services, visit),
    },
    {
      method: 'GET',
      path: '/admin/sign-in/code',
      right: 'open',
      handle: (visit) =>
        codeIsAwaited(services.accounts, visit.token)
          ? codePage(null)
          : { kind: 'see', to: '/admin/sign-in' },
    },
    {
      method: 'POST',
      path: '/admin/sign-in/code',
      right: 'open',
      handle: (visit) => handCode(services, visit),
    },
    {
      method: 'POST',
      path: '/admin/sign-out',
      right: 'look',
      handle: (visit) => {
        signOut(services.accounts, visit.token);
        services.oneTime.delete(visit.token);
        return { kind: 'see', to: '/admin/sign-in', token: '' };
      },
    },
    {
      method: 'POST',
      path: '/admin/language',
      right: 'open',
      handle: (visit) => handLanguage(services, visit),
    },
  ];
}

async function handSignIn({ accounts }: Services, visit: Visit): Promise<Reply> {
  const login = visit.form.text('login');
  const password = visit.form.raw('password');
  const next = visit.form.text('next');
  const result = await signIn(accounts, { login, password }, visit.origin);
  switch (result.kind) {
    case 'signed-in':
      visit.audit('sign-in', `person ${result.person.login}`, null, null);
      return { kind: 'see', to: ownPath(next), token: result.token };
    case 'code':
      return { kind: 'see', to: '/admin/sign-in/code', token: result.token };
    case 'wrong':
      // What was typed may be a password in the wrong field: the name is kept only if it is one.
      visit.audit('sign-in-failed', `person ${knownName(accounts, login)}`, null, null);
      return signInPage(visit.t.wrongSignIn, login, next);
    case 'locked':
      return signInPage(lockedText(visit, result), login, next);
  }
}

function handCode({ accounts }: Services, visit: Visit): Reply {
  const result = giveCode(accounts, visit.token, visit.form.text('code'), visit.origin);
  switch (result.kind) {
    case 'signed-in': {
      const { login } = result.person;
      accounts.audit.append({
        at: accounts.clock.now(),
        who: login,
        from: visit.origin.address,
        act: 'sign-in',
        object: `person ${login}`,
        before: null,
        after: { secondFactor: true },
      });
      return { kind: 'see', to: '/admin', token: result.token };
    }
    case 'locked':
      return codePage(lockedText(visit, result));
    default:
      return codeIsAwaited(accounts, visit.token)
        ? codePage(visit.t.wrongCode)
        : { kind: 'see', to: '/admin/sign-in', token: '' };
  }
}

function handLanguage({ accounts }: Services, visit: Visit): Reply {
  const language = visit.form.text('language');
  if (!isLanguage(language)) return { kind: 'refused', status: 400, why: 'badForm' };
  const person = visit.visitor?.person ?? null;
  if (person !== null) accounts.people.putPerson({ ...person, language });
  return { kind: 'see', to: ownPath(visit.form.text('here')), language };
}

/** Only a path of ours: an address from outside must not lead somebody away. */
export function ownPath(path: string): string {
  return /^\/admin(?:[/?][\w\-./~?&=%:+,]*)?$/.test(path) ? path : '/admin';
}

function knownName(accounts: Services['accounts'], login: string): string {
  return accounts.people.person(login.toLowerCase())?.login ?? '?';
}

function lockedText(visit: Visit, { seconds }: Extract<SignIn, { kind: 'locked' }>): string {
  return visit.f.fill(visit.t.lockedOut, { seconds });
}

function signInPage(fault: string | null, login: string, next: string): Reply {
  const model = { fault, login, next };
  return { kind: 'page', template: 'sign-in.njk', model, status: fault === null ? 200 : 422 };
}

function codePage(fault: string | null): Reply {
  const status = fault === null ? 200 : 422;
  return { kind: 'page', template: 'sign-in-code.njk', model: { fault }, status };
}
