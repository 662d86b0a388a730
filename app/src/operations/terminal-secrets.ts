// Options of drivers that are secrets (a key of message authentication): the settings hold a token
// in their place, the values lie among the secrets. Whoever sees, exports or logs the settings sees
// that one is set, and whether it is another than before.
import { createHash } from 'node:crypto';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { DriverCatalog, TerminalSetup } from '../ports/terminal-driver.ts';
import type { Secrets, Settings, TerminalSettings } from './settings-schema.ts';

type Stored = Secrets['driverOptions'];
/** Names of the secret options of a driver. */
export type SecretNames = (driver: string) => readonly string[];

export interface SecretStores {
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
}

const TOKEN = /^secret:[0-9a-f]{16}$/;

export function isSecretToken(value: unknown): boolean {
  return typeof value === 'string' && TOKEN.test(value);
}

/** The terminal as it may be shown, and what has to be stored for it. */
export function hideSecrets(
  terminal: TerminalSettings,
  names: readonly string[],
): { terminal: TerminalSettings; stored: Stored } {
  const plain = Object.entries(terminal.options).filter(
    ([name, value]) => names.includes(name) && value !== '' && !isSecretToken(value),
  );
  if (plain.length === 0) return { terminal, stored: {} };
  const hidden = plain.map(([name, value]) => ({ name, value: String(value) }));
  const tokens = hidden.map(({ name, value }) => [name, tokenOf(terminal.id, name, value)]);
  const stored = hidden.map(({ name, value }) => [tokenOf(terminal.id, name, value), value]);
  return {
    terminal: { ...terminal, options: { ...terminal.options, ...Object.fromEntries(tokens) } },
    stored: Object.fromEntries(stored) as Stored, // pairs of texts
  };
}

/** The options as the driver needs them; a token of nothing stays, and the driver refuses it. */
export function revealSecrets<T extends Pick<TerminalSettings, 'options'>>(
  setup: T,
  stored: Stored,
): T {
  const options = Object.entries(setup.options).map(([name, value]) => [
    name,
    isSecretToken(value) ? (stored[String(value)] ?? value) : value,
  ]);
  return { ...setup, options: Object.fromEntries(options) };
}

/** Drivers that are made of, and checked with, the values themselves. */
export function revealing(catalog: DriverCatalog, secrets: SettingsStore<Secrets>): DriverCatalog {
  const revealed = (setup: TerminalSetup) => revealSecrets(setup, secrets.current().driverOptions);
  return {
    names: catalog.names,
    check: (setup) => catalog.check(revealed(setup)),
    create: (setup) => catalog.create(revealed(setup)),
    normaliseAddress: (address) => catalog.normaliseAddress(address),
    secretOptions: (driver) => catalog.secretOptions?.(driver) ?? [],
  };
}

/** The values are on disk before the settings name them; afterwards `dropUnused` may run. */
export async function keepSecrets(secrets: SettingsStore<Secrets>, stored: Stored): Promise<void> {
  const known = secrets.current().driverOptions;
  if (Object.keys(stored).every((token) => token in known)) return;
  await secrets.change((draft) => {
    Object.assign(draft.driverOptions, stored);
  });
}

/**
 * Forgets the values that no terminal names any more. None while a newer release's settings are only
 * partly understood: what is not may name them.
 */
export async function dropUnused({ settings, secrets }: SecretStores): Promise<void> {
  if ((settings.unused?.() ?? []).length > 0) return;
  const used = new Set(
    settings.current().terminals.flatMap(({ options }) => Object.values(options)),
  );
  const unused = Object.keys(secrets.current().driverOptions).filter((token) => !used.has(token));
  if (unused.length === 0) return;
  await secrets.change((draft) => {
    for (const token of unused) delete draft.driverOptions[token];
  });
}

/** Settings of an older version, or written by hand, hold such values themselves. */
export async function moveSecrets(stores: SecretStores, names: SecretNames): Promise<boolean> {
  const { settings, secrets } = stores;
  const moved = settings
    .current()
    .terminals.map((terminal) => hideSecrets(terminal, names(terminal.driver)));
  const stored: Stored = Object.assign({}, ...moved.map((one) => one.stored));
  if (Object.keys(stored).length === 0) return false;
  await keepSecrets(secrets, stored);
  const write = () =>
    settings.change((draft) => {
      draft.terminals = draft.terminals.map(
        (terminal) => hideSecrets(terminal, names(terminal.driver)).terminal,
      );
    });
  // Twice: the copy of the last content, which lies beside the file, must not hold them either.
  await write();
  await write();
  await dropUnused(stores);
  return true;
}

/** Tells apart, and nobody can count back: such keys have 128 bits and more. */
function tokenOf(terminal: string, name: string, value: string): string {
  const hash = createHash('sha256').update(`${terminal}\0${name}\0${value}`).digest('hex');
  return `secret:${hash.slice(0, 16)}`;
}
