// `make run`: a simulated terminal and a key that everybody sees, so that a first payment is one
// line away. Nothing here runs outside of the demonstration.
import { join } from 'node:path';
import { putKey } from './operations/keys.ts';
import type { Secrets, Settings } from './operations/settings-schema.ts';
import { terminalSchema } from './operations/settings-schema.ts';
import type { Clock, Random } from './ports/clock.ts';
import type { SettingsStore } from './ports/settings-store.ts';
import { DurableFile } from './storage/durable-file.ts';

const KEY_NAME = 'demo';
const TERMINAL = 'till-1';

interface Parts {
  readonly folder: string;
  /** TILLGATE_DEMO_KEY; null makes a secret at the first start and keeps it beside the settings. */
  readonly demoKey: string | null;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Sets up terminal and key where they are missing; resolves with the key's secret. */
export async function prepareDemonstration(parts: Parts): Promise<string> {
  if (parts.settings.current().terminals.length === 0) {
    await parts.settings.change((draft) => {
      draft.terminals.push(
        terminalSchema.parse({
          id: TERMINAL,
          name: 'Simulated terminal',
          driver: 'privat-json',
          address: 'sim://privat-json?answerAfterMs=1500',
        }),
      );
    });
  }
  const secret = parts.demoKey ?? (await keptSecret(parts));
  await putKey(parts.secrets, parts.clock, {
    name: KEY_NAME,
    role: 'administrator',
    secret,
    limits: { terminals: null, kinds: null, amountMax: null },
  });
  return secret;
}

async function keptSecret({ folder, random }: Parts): Promise<string> {
  const file = new DurableFile(join(folder, 'demo-key'));
  const kept = await file.read();
  if (kept !== null) return kept.text.trim();
  const secret = Buffer.from(random.bytes(18)).toString('base64url');
  await file.write(`${secret}\n`);
  return secret;
}

/** What `make run` prints: where to look, the key, and a line that makes a purchase. */
export function welcomeText(port: number, secret: string, oneTimeCode: string | null): string {
  const base = `http://127.0.0.1:${port}`;
  const code = oneTimeCode === null ? '' : `   (one-time code ${oneTimeCode})`;
  return `
Tillgate, demonstration: one simulated terminal, no money moves.

  Start page   ${base}/
  Pages        ${base}/admin${code}
  HTTP API     ${base}/docs
  Key          ${KEY_NAME} / ${secret}   (role administrator)

A purchase of 123.45 UAH; the same line again returns the same result and charges nothing:

  curl -X PUT '${base}/v1/operations/sale-1?wait=60' \\
    -H 'Authorization: Bearer ${secret}' -H 'Content-Type: application/json' \\
    -d '{"kind":"purchase","amount":12345,"reference":"order 77"}'

`;
}
