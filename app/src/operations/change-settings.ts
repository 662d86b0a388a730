// Changes settings and secrets together. They lie in two files, so the order of the writes makes
// sure that whatever a power cut leaves behind sends nothing with somebody else's password.
import { type Refusal, refuse } from '../domain/failures.ts';
import type { Log } from '../ports/log.ts';
import { SettingsError, type SettingsStore } from '../ports/settings-store.ts';
import { forbidden, may } from './access.ts';
import type { Principal } from './gateway.ts';
import { canonicalJson } from './request-schema.ts';
import { type Documents, type FieldProblem, problemsOf } from './settings-problems.ts';
import { merged, presence, type SettingsPatch, type SettingsView } from './settings-patch.ts';
import {
  type Secrets,
  type Settings,
  secretsSchema,
  settingsSchema,
  type WebhookSettings,
} from './settings-schema.ts';

export interface SettingsStores {
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly log: Log;
}

export type SettingsChanged =
  /** On disk, and what is sent from here on is sent by it. */
  | { kind: 'changed'; settings: SettingsView; before: SettingsView }
  | { kind: 'refused'; refusal: Refusal };

export type ChangeSettings = (who: Principal, patch: SettingsPatch) => Promise<SettingsChanged>;

/** One change after another: the steps of two must not mix. */
export function settingsChanger(stores: SettingsStores): ChangeSettings {
  let tail: Promise<unknown> = Promise.resolve();
  return (who, patch) => {
    const turn = tail.then(() => changeSettings(stores, who, patch));
    tail = turn.catch(() => undefined); // whoever asked for it was told
    return turn;
  };
}

/** Everything but terminals and keys, with `true` for each secret that is set. */
export function viewSettings({
  settings,
  secrets,
}: {
  readonly settings: Pick<SettingsStore<Settings>, 'current'>;
  readonly secrets: Pick<SettingsStore<Secrets>, 'current'>;
}): SettingsView {
  const { version: _version, terminals: _terminals, ...shown } = settings.current();
  const { version: _hidden, keys: _keys, driverOptions: _options, ...hidden } = secrets.current();
  const unset = shown.webhooks.map(({ name }) => [name, '']);
  const webhooks = { ...Object.fromEntries(unset), ...hidden.webhooks };
  return { ...shown, secrets: presence({ ...hidden, webhooks }) };
}

async function changeSettings(
  stores: SettingsStores,
  who: Principal,
  patch: SettingsPatch,
): Promise<SettingsChanged> {
  if (!may(who, 'configure')) return { kind: 'refused', refusal: forbidden('configure') };
  const before = { settings: stores.settings.current(), secrets: stores.secrets.current() };
  const viewBefore = viewSettings(stores);
  const { secrets: secretPatch = {}, ...settingsPatch } = patch;
  const settings = settingsSchema.safeParse(merged(before.settings, settingsPatch, settingsSchema));
  const secrets = secretsSchema.safeParse(merged(before.secrets, secretPatch, secretsSchema));
  if (!settings.success || !secrets.success) {
    return invalid([
      ...fieldsOf(settings.error?.issues ?? [], ''),
      ...fieldsOf(secrets.error?.issues ?? [], 'secrets.'),
    ]);
  }
  const next = { settings: settings.data, secrets: secrets.data };
  const problems = problemsOf(before, next, patch);
  if (problems.length > 0) return invalid(problems);
  try {
    await write(stores, before, next, Object.keys(settingsPatch));
  } catch (error) {
    if (error instanceof SettingsError) return invalid(error.issues);
    throw error;
  }
  const changed = [...Object.keys(settingsPatch), ...Object.keys(secretPatch).map(hiddenName)];
  stores.log.info('settings-changed', { key: who.name, changed: changed.join(' ') });
  return { kind: 'changed', settings: viewSettings(stores), before: viewBefore };
}

/**
 * The stored password goes to the stored server, before, after, and where the power goes between
 * two writes: while a password changes together with its server or user, no server is set, so that
 * registrations wait. A webhook whose secret changes together with its address has no secret in
 * between, and its messages wait too.
 */
async function write(
  stores: SettingsStores,
  before: Documents,
  next: Documents,
  sections: readonly string[],
): Promise<void> {
  const { settings, secrets } = stores;
  const held = heldWebhooks(before, next);
  const holdsServer = serverChangesWithPassword(before, next);
  if (holdsServer) {
    await settings.change((draft) => {
      delete draft.registration.url;
    });
  }
  try {
    await changeSecrets(secrets, (draft) => {
      draft.registration = next.secrets.registration;
      draft.webhooks = { ...next.secrets.webhooks };
      for (const name of held) delete draft.webhooks[name];
    });
  } catch (error) {
    // The old password is in its place still: so is the server.
    if (holdsServer) {
      await settings.change((draft) => {
        draft.registration = before.settings.registration;
      });
    }
    throw error;
  }
  if (sections.length > 0) {
    await settings.change((draft) => {
      Object.assign(draft, only(next.settings, sections));
    });
  }
  const gone = removedWebhooks(before, next);
  await changeSecrets(secrets, (draft) => {
    draft.webhooks = { ...draft.webhooks, ...next.secrets.webhooks };
    for (const name of gone) delete draft.webhooks[name];
  });
}

/** Writes only where there is something to write. */
async function changeSecrets(
  store: SettingsStore<Secrets>,
  mutate: (draft: Secrets) => void,
): Promise<void> {
  const draft = structuredClone(store.current());
  mutate(draft);
  if (canonicalJson(draft) === canonicalJson(store.current())) return;
  await store.change(mutate);
}

function serverChangesWithPassword(before: Documents, next: Documents): boolean {
  const [old, fresh] = [before.settings.registration, next.settings.registration];
  const otherPlace = old.url !== fresh.url || old.user !== fresh.user;
  const { password } = before.secrets.registration;
  const sends = old.enabled && old.url !== undefined;
  return sends && otherPlace && password !== next.secrets.registration.password;
}

function removedWebhooks(before: Documents, next: Documents): readonly string[] {
  const kept = new Set(next.settings.webhooks.map(({ name }) => name));
  return before.settings.webhooks.map(({ name }) => name).filter((name) => !kept.has(name));
}

function heldWebhooks(before: Documents, next: Documents): readonly string[] {
  return Object.entries(before.secrets.webhooks)
    .filter(([name, secret]) => next.secrets.webhooks[name] !== secret)
    .map(([name]) => name)
    .filter(
      (name) =>
        addressOf(before.settings.webhooks, name) !== addressOf(next.settings.webhooks, name),
    );
}

function addressOf(hooks: readonly WebhookSettings[], name: string): string | undefined {
  return hooks.find((hook) => hook.name === name)?.url;
}

function only(settings: Settings, sections: readonly string[]): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(structuredClone(settings)).filter(([name]) => sections.includes(name)),
  );
}

function fieldsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  prefix: string,
): readonly FieldProblem[] {
  return issues.map(({ path, message }) => ({
    path: `${prefix}${path.map(String).join('.')}`,
    message,
  }));
}

function hiddenName(name: string): string {
  return `secrets.${name}`;
}

function invalid(errors: readonly FieldProblem[]): SettingsChanged {
  const named = errors.map(({ path }) => path).join(', ');
  const refusal = refuse('invalid-request', `the settings are not valid: ${named}`, { errors });
  return { kind: 'refused', refusal };
}
