// Where a request of a browser comes from, and its cookies.
import type { Context } from 'koa';
import { formToken, sameText } from '../../accounts/accounts.ts';
import { SESSION_LIFE_MS } from '../../domain/limits.ts';
import { isLanguage } from '../language.ts';
import type { Language } from '../../operations/settings-schema.ts';

const SESSION = 'tillgate_session';
const LANGUAGE = 'tillgate_language';
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * True where one of our own pages sent it. Browsers tell the site over TLS and on localhost
 * (`Sec-Fetch-Site`), and the origin of every POST everywhere.
 */
export function isFromOurPages(context: Context): boolean {
  const site = context.get('Sec-Fetch-Site');
  if (site !== '') return site === 'same-origin';
  const origin = context.get('Origin');
  return origin !== '' && origin === baseOf(context);
}

/** A form of this very session. */
export function isOurForm(token: string, given: string): boolean {
  return token !== '' && sameText(formToken(token), given);
}

export function baseOf(context: Context): string {
  return `${context.protocol}://${context.host}`;
}

/** '' where there is none. */
export function sessionCookie(context: Context): string {
  const value = cookie(context, SESSION);
  return TOKEN.test(value) ? value : '';
}

export function setSession(context: Context, token: string): void {
  setCookie(context, SESSION, token, token === '' ? 0 : SESSION_LIFE_MS / 1_000, 'HttpOnly; ');
}

export function languageCookie(context: Context): Language | null {
  const value = cookie(context, LANGUAGE);
  return isLanguage(value) ? value : null;
}

export function setLanguage(context: Context, language: Language): void {
  setCookie(context, LANGUAGE, language, 365 * 86_400, 'HttpOnly; ');
}

function cookie(context: Context, name: string): string {
  const all = context.get('Cookie').split(/;\s*/);
  return all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

function setCookie(
  context: Context,
  name: string,
  value: string,
  seconds: number,
  flags: string,
): void {
  const secure = context.secure ? 'Secure; ' : '';
  const text = `${name}=${value}; Path=/admin; Max-Age=${seconds}; ${flags}${secure}SameSite=Strict`;
  context.append('Set-Cookie', text);
}
