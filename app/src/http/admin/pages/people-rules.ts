// What a name for signing in and a password must be, in words.
import { passwordFault } from '../../../accounts/passwords.ts';
import type { Texts } from '../texts/index.ts';

export const LOGIN_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,31})$/;

/** Null where the password may be used. */
export function passwordFaultText(password: string, login: string, t: Texts): string | null {
  const fault = passwordFault(password, login);
  if (fault === null) return null;
  return { short: t.passwordShort, long: t.passwordLong, guessable: t.passwordGuessable }[fault];
}
