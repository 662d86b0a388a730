// A whole gateway in this process, and an administrator at its pages without a browser.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Appliance, openAppliance } from '../../app/src/appliance.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { PASSWORD } from './kit.ts';

export interface Box {
  readonly folder: string;
  readonly log: QuietLog;
  appliance(): Appliance;
  base(): string;
  /** Resolves when the gateway that a page has asked to restart is open again. */
  restarted(): Promise<void>;
  close(): Promise<void>;
}

export interface Visitor {
  get(path: string): Promise<{ status: number; text: string }>;
  /** A form as a page shows it: fields, the session's token, this site as its origin. */
  post(path: string, fields?: Readonly<Record<string, string>>, change?: Change): Promise<Answer>;
  /** The same with files, as a browser sends them. */
  upload(path: string, parts: Parts, change?: Change): Promise<Answer>;
  readonly cookie: string;
  readonly token: string;
}

export type Parts = readonly (readonly [name: string, value: string | Buffer])[];
export interface Change {
  readonly token?: string;
  readonly origin?: string;
  readonly cookie?: string;
  readonly tokenLast?: boolean;
}
export interface Answer {
  readonly status: number;
  readonly to: string;
  readonly text: string;
  readonly bytes: Buffer;
}

/** `given`: the data folder of an earlier box. */
export async function boxFor(
  t: TestContext,
  given: string | null = null,
  demonstration = true,
): Promise<Box> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'tillgate-keeping-'));
  const log = new QuietLog();
  let restarts: Promise<void> = Promise.resolve();
  const news = new EventEmitter();
  const open = (): Promise<Appliance> =>
    openAppliance({
      folder,
      host: '127.0.0.1',
      port: 0,
      tlsPort: 0,
      demonstration,
      demoKey: demonstration ? 'test-key-0123456789' : null,
      notifySocket: null,
      watchdogUsec: null,
      onAppliance: false,
      hand: null,
      log,
      onFatal: (error) => {
        throw error;
      },
      onRestart: () => {
        restarts = (async () => {
          await current.stop();
          current = await open();
        })();
        news.emit('asked');
      },
    });
  let current = await open();
  const close = async (): Promise<void> => {
    await restarts;
    await current.stop();
  };
  t.after(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    log,
    appliance: () => current,
    base: () => `http://127.0.0.1:${current.port}`,
    restarted: async (asked = once(news, 'asked', { signal: AbortSignal.timeout(20_000) })) => {
      await asked;
      await restarts;
    },
    close,
  };
}

/** The administrator of a new box. */
export async function administrator(box: Box): Promise<Visitor> {
  const code = readFileSync(join(box.folder, 'one-time-code'), 'utf8').trim();
  const fields = { code, name: 'Olena', login: 'admin', password: PASSWORD };
  return signedIn(box, '/admin/first-start', {
    ...fields,
    shop: 'Corner shop',
    language: 'en',
    timeZone: 'Europe/Kyiv',
  });
}

export function signIn(box: Box, login: string, password: string): Promise<Visitor> {
  return signedIn(box, '/admin/sign-in', { login, password });
}

async function signedIn(
  box: Box,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Visitor> {
  const response = await fetch(`${box.base()}${path}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers: { origin: box.base(), 'accept-language': 'en' },
    signal: AbortSignal.timeout(20_000),
  });
  const cookie =
    /tillgate_session=[^;]+/.exec(response.headers.getSetCookie().join(';'))?.[0] ?? '';
  assert.notEqual(cookie, '', await response.text());
  return visitorWith(box, cookie);
}

async function visitorWith(box: Box, cookie: string): Promise<Visitor> {
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${box.base()}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
      ...init,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const to = response.headers.get('location') ?? '';
    return { status: response.status, to, text: bytes.toString('utf8'), bytes };
  };
  const headers = (change: Change = {}) => ({
    cookie: change.cookie ?? cookie,
    origin: change.origin ?? box.base(),
    'accept-language': 'en',
  });
  const me = await ask('/admin/system', { headers: headers() });
  const token = /name="form" value="([^"]+)"/.exec(me.text)?.[1] ?? '';
  return {
    cookie,
    token,
    get: (path) => ask(path, { headers: headers() }),
    post: (path, fields = {}, change = {}) =>
      ask(path, {
        method: 'POST',
        headers: headers(change),
        body: new URLSearchParams({ form: change.token ?? token, ...fields }),
      }),
    upload: (path, parts, change = {}) => {
      const body = new FormData();
      if (change.tokenLast !== true) body.append('form', change.token ?? token);
      for (const [name, value] of parts) {
        if (typeof value === 'string') body.append(name, value);
        else body.append(name, new Blob([new Uint8Array(value)]), `${name}.bin`);
      }
      if (change.tokenLast === true) body.append('form', token);
      return ask(path, { method: 'POST', headers: headers(change), body });
    },
  };
}
