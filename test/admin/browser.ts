// What a browser without scripts does: cookies, forms, redirects. For tests of pages that need no
// pictures.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Answer {
  readonly status: number;
  /** Path and query where a redirect led; the asked path otherwise. */
  readonly path: string;
  readonly html: string;
  /** The page's words, without its tags. */
  readonly text: string;
}

export class FormBrowser {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();
  #token = '';

  constructor(base: string) {
    this.#base = base;
  }

  get(path: string): Promise<Answer> {
    return this.#send(path, { method: 'GET' });
  }

  /** With the token of the last page, as its forms carry it. */
  post(path: string, fields: Readonly<Record<string, string | readonly string[]>> = {}) {
    const body = new URLSearchParams({ form: this.#token });
    for (const [name, value] of Object.entries(fields)) {
      for (const one of typeof value === 'string' ? [value] : value) body.append(name, one);
    }
    return this.#send(path, { method: 'POST', body });
  }

  upload(
    path: string,
    field: string,
    name: string,
    bytes: Buffer | Blob,
    timeoutMs?: number,
  ): Promise<Answer> {
    const body = new FormData();
    body.append('form', this.#token);
    body.append(field, bytes instanceof Blob ? bytes : new Blob([bytes]), name);
    return this.#send(path, { method: 'POST', body }, timeoutMs);
  }

  /** The first administrator, by the code that lies in the data folder. */
  firstStart(folder: string): Promise<void> {
    return this.firstStartBy(readFileSync(join(folder, 'one-time-code'), 'utf8').trim());
  }

  async firstStartBy(code: string): Promise<void> {
    await this.get('/admin/first-start');
    const done = await this.post('/admin/first-start', {
      code,
      name: 'Olena Koval',
      login: 'admin',
      password: 'three green frogs',
      shop: 'Corner shop',
      language: 'en',
      timeZone: 'Europe/Kyiv',
    });
    assert.match(done.path, /first-terminal/);
  }

  async signIn(login: string, password: string): Promise<void> {
    await this.get('/admin/sign-in');
    const done = await this.post('/admin/sign-in', { login, password });
    assert.equal(done.path, '/admin');
  }

  async #send(path: string, options: RequestInit, timeoutMs = 20_000): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${this.#base}${path}`, {
      ...options,
      redirect: 'manual',
      headers: { cookie, origin: this.#base, 'accept-language': 'en' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const html = await response.text();
    if (response.status === 303) return this.get(response.headers.get('location') ?? '');
    this.#token = /name="form" value="([^"]*)"/.exec(html)?.[1] ?? this.#token;
    const text = html
      .replaceAll(/<(script|style|svg)[\s\S]*?<\/\1>/g, ' ')
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
      .replaceAll(/\s+/g, ' ');
    return { status: response.status, path, html, text };
  }
}
