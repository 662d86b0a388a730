// What a person does with a fresh appliance: read the screen, sign in, take a payment.
import assert from 'node:assert/strict';
import { BOOT_MS, type Vm } from './vm.ts';

/** In the language of the shop, which is Ukrainian until somebody says otherwise. */
export const READY = /Готово до платежів|Ready for payments/;
export const MENU = /0 = (?:назад|back)\): $/;
export const PAUSE = /Enter(?:, щоб продовжити| to go on): $/;
const CODE = /\b([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})\b/;
/** Number of the shell in the menu. */
const SHELL = '12';

/** Waits for the status screen with the code of the first sign-in, then for «ready». */
export async function firstScreen(vm: Vm): Promise<string> {
  const match = await vm.expect(CODE, BOOT_MS);
  await vm.expect(READY, BOOT_MS);
  return match[1] ?? assert.fail('no code');
}

/** A new administrator key from the console's menu; back on the status screen. */
export async function newKey(vm: Vm): Promise<string> {
  vm.type('');
  for (const answer of ['2', '2']) {
    await vm.expect(MENU, 60_000);
    vm.type(answer);
  }
  const match = await vm.expect(/console-\S+ \/ ([A-Za-z0-9_-]{43})\s/, 60_000);
  await vm.expect(PAUSE, 60_000);
  vm.type('');
  await vm.expect(MENU, 60_000);
  vm.type('0');
  return match[1] ?? assert.fail('no key');
}

/** Through the console's own menu; resolves in a root shell. */
export async function signIn(vm: Vm, code: string): Promise<void> {
  vm.type('');
  await vm.expect(MENU, 60_000);
  vm.type(SHELL);
  await vm.expect(/Логін[^:]*:[^:]*: $/, 60_000);
  vm.type('');
  await vm.expect(/Пароль[^:]*: $/, 60_000);
  vm.type(code);
  await vm.expect(/# $/, 60_000);
  await vm.run(
    'stty -echo cols 200; bind "set enable-bracketed-paste off"; PS1=; PS2=; export PAGER=cat SYSTEMD_COLORS=0',
  );
}

export async function signOut(vm: Vm): Promise<void> {
  vm.type('stty echo; exit');
  await vm.expect(MENU, 60_000);
  vm.type('0');
}

export interface Operation {
  readonly id: string;
  readonly state: string;
  readonly final: boolean;
  readonly amount: number;
}

/** The HTTP API as a till sees it. */
export function till(port: number, key: string) {
  const call = async (method: string, path: string, body?: unknown, timeoutMs = 60_000) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
  return {
    call,
    async addTerminal(id: string, address: string): Promise<void> {
      const { status, body } = await call('PUT', `/v1/terminals/${id}`, {
        name: id,
        driver: 'privat-json',
        address,
      });
      assert.ok(status === 200 || status === 201, JSON.stringify(body));
    },
    /** A sale on a terminal that is not reached yet fails at once, as it should. */
    async linkReady(id: string): Promise<void> {
      await this.waitUntil(async () => {
        const { body } = await call('GET', `/v1/terminals/${id}`);
        return (body as { link?: string }).link === 'ready';
      }, 180_000);
    },
    async purchase(id: string, amount: number, wait = 50): Promise<Operation> {
      const { body } = await call('PUT', `/v1/operations/${id}?wait=${wait}`, {
        kind: 'purchase',
        amount,
        busy: 'wait',
      });
      return body as Operation; // the API's own shape
    },
    async operation(id: string): Promise<Operation> {
      return (await call('GET', `/v1/operations/${id}`)).body as Operation; // the API's own shape
    },
    async waitUntil(what: () => Promise<boolean>, timeoutMs: number): Promise<void> {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        try {
          if (await what()) return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
        }
        if (Date.now() > deadline) throw new Error('it did not come about in time');
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    },
  };
}
