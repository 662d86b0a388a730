// `make run`: simulated terminals and a key that everybody sees, so that a first payment is one line
// away. Nothing here runs outside of the demonstration.
import { join } from 'node:path';
import { openStandIn } from './bank-library/stand-in.ts';
import { putKey } from './operations/keys.ts';
import type { Secrets, Settings } from './operations/settings-schema.ts';
import { terminalSchema } from './operations/settings-schema.ts';
import { type LibraryFactory, LibraryError } from './ports/bank-library.ts';
import type { Clock, Random } from './ports/clock.ts';
import type { SettingsStore } from './ports/settings-store.ts';
import { TransportError } from './ports/transport.ts';
import { standInFolder } from './simulator/bpos/stand-in.ts';
import { DurableFile } from './storage/durable-file.ts';

const KEY_NAME = 'demo';
const TERMINAL = 'till-1';
const STAND_IN_TERMINAL = 'till-2';
/** In every language that the pages have, and wherever the terminal is named. */
const STAND_IN_NAME = 'BPOS: stand-in of the bank’s library (макет, без грошей)';

interface Parts {
  readonly folder: string;
  /** TILLGATE_DEMO_KEY; null makes a secret at the first start and keeps it beside the settings. */
  readonly demoKey: string | null;
  /** Null where nobody compiled it: then there is no terminal behind it. */
  readonly standIn: LibraryFactory | null;
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
  if (parts.standIn !== null) await addStandIn(parts);
  const secret = parts.demoKey ?? (await keptSecret(parts));
  await putKey(parts.secrets, parts.clock, {
    name: KEY_NAME,
    role: 'administrator',
    secret,
    limits: { terminals: null, kinds: null, amountMax: null },
  });
  return secret;
}

/** Once: whoever takes the terminal away does not get it back at the next start. */
async function addStandIn({ settings, folder }: Parts): Promise<void> {
  const shown = new DurableFile(join(folder, 'stand-in-shown'));
  if ((await shown.read()) !== null) return;
  const taken = settings.current().terminals.some(({ id }) => id === STAND_IN_TERMINAL);
  if (!taken) {
    await settings.change((draft) => {
      draft.terminals.push(
        terminalSchema.parse({
          id: STAND_IN_TERMINAL,
          name: STAND_IN_NAME,
          driver: 'bpos',
          address: 'sim://bpos?answerAfterMs=1500',
          defaultMerchant: 1,
          // Longer than the stand-in waits for a confirmation; a shop's terminal needs 90 s.
          options: { settleMs: 5_000, idleCheckMs: 15_000 },
        }),
      );
      // A first payment names no terminal.
      if (draft.terminals.some(({ id }) => id === TERMINAL)) {
        draft.http.defaultTerminal ??= TERMINAL;
        draft.soap.defaultTerminal ??= TERMINAL;
      }
    });
  }
  await shown.write('yes\n');
}

export function simulatorsFolder(folder: string): string {
  return join(folder, 'simulators');
}

/** Null where the file is not there. */
export function standInOf(parts: {
  readonly file: string;
  readonly folder: string;
  readonly clock: Clock;
}): Promise<LibraryFactory | null> {
  const terminalFolder = (owner: string): string =>
    standInFolder(simulatorsFolder(parts.folder), owner);
  return openStandIn({ ...parts, terminalFolder });
}

/** For one terminal, whose files are there before its library looks at them. */
export function standInFor(
  standIn: LibraryFactory | null,
  prepare: () => Promise<string>,
): LibraryFactory | null {
  if (standIn === null) return null;
  return {
    current: () => standIn.current(),
    start: async (owner, signal) => {
      try {
        await prepare();
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        throw new LibraryError('not-loaded', error.message, false, error);
      }
      return standIn.start(owner, signal);
    },
  };
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
export function welcomeText(
  port: number,
  secret: string,
  oneTimeCode: string | null,
  hasStandIn: boolean,
): string {
  const base = `http://127.0.0.1:${port}`;
  const code = oneTimeCode === null ? '' : `   (one-time code ${oneTimeCode})`;
  const terminals = hasStandIn
    ? `simulated terminals (${TERMINAL}, and ${STAND_IN_TERMINAL} behind a stand-in of the bank’s library)`
    : 'one simulated terminal';
  return `
Tillgate, demonstration: ${terminals}, no money moves.

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
