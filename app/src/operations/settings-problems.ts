// What no schema of one field can see: settings that would work for nobody, or send a password
// where it does not belong. Only sections that a change names are judged.
import { X509Certificate } from 'node:crypto';
import type { SettingsPatch } from './settings-patch.ts';
import type { Secrets, Settings } from './settings-schema.ts';

export interface Documents {
  readonly settings: Settings;
  readonly secrets: Secrets;
}

/** `path` names the field as in `GET /v1/settings`, e.g. `webhooks.0.authority`. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export function problemsOf(
  before: Documents,
  next: Documents,
  patch: SettingsPatch,
): readonly FieldProblem[] {
  const names = (section: string): boolean => Object.hasOwn(patch, section);
  const hidden = (section: string): boolean => Object.hasOwn(patch.secrets ?? {}, section);
  return [
    ...(names('shop') ? shopProblems(next.settings) : []),
    ...(names('http') ? originProblems(next.settings) : []),
    ...(names('http') ? defaultProblems(next.settings, 'http') : []),
    ...(names('soap') ? defaultProblems(next.settings, 'soap') : []),
    ...(names('settlement') ? settlementProblems(next.settings) : []),
    ...(names('nexo') ? nexoProblems(next) : []),
    ...(names('registration') ? registrationProblems(before, next, patch) : []),
    ...(names('webhooks') || hidden('webhooks') ? webhookProblems(before, next) : []),
  ];
}

function shopProblems({ shop }: Settings): FieldProblem[] {
  try {
    Intl.DateTimeFormat('en', { timeZone: shop.timeZone });
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: 'shop.timeZone', message: 'no such time zone, e.g. Europe/Kyiv' }];
  }
}

/** A browser compares origins letter by letter: what it never sends would never match. */
function originProblems({ http }: Settings): FieldProblem[] {
  return http.origins.flatMap((origin, index) =>
    URL.canParse(origin) && new URL(origin).origin === origin
      ? []
      : [{ path: `http.origins.${index}`, message: 'an origin, e.g. https://pos.example' }],
  );
}

function defaultProblems(settings: Settings, section: 'http' | 'soap'): FieldProblem[] {
  const { terminals } = settings;
  const { defaultTerminal } = settings[section];
  return defaultTerminal === undefined || terminals.some(({ id }) => id === defaultTerminal)
    ? []
    : [{ path: `${section}.defaultTerminal`, message: `no terminal ${defaultTerminal}` }];
}

/** A name that is spelled wrong would never be settled, and nobody would miss it. */
function settlementProblems({ settlement, terminals }: Settings): FieldProblem[] {
  return (settlement.terminals ?? []).flatMap((id, index) =>
    terminals.some((terminal) => terminal.id === id)
      ? []
      : [{ path: `settlement.terminals.${index}`, message: `no terminal ${id}` }],
  );
}

/** A till that is paired with nothing would be refused, and nobody would know why. */
function nexoProblems({ settings, secrets }: Documents): FieldProblem[] {
  const { facade, listenPort } = settings.nexo;
  const wrong = facade.pairings.flatMap(({ terminal, key }, index) => [
    ...(settings.terminals.some(({ id }) => id === terminal)
      ? []
      : [{ path: `nexo.facade.pairings.${index}.terminal`, message: `no terminal ${terminal}` }]),
    ...(key === undefined || secrets.keys.some(({ name }) => name === key)
      ? []
      : [{ path: `nexo.facade.pairings.${index}.key`, message: `no key ${key}` }]),
  ]);
  return facade.enabled && facade.port === listenPort
    ? [...wrong, { path: 'nexo.facade.port', message: 'is the port for terminals' }]
    : wrong;
}

function registrationProblems(
  before: Documents,
  next: Documents,
  patch: SettingsPatch,
): FieldProblem[] {
  const [old, fresh] = [before.settings.registration, next.settings.registration];
  const problems = authorityProblems(fresh.authority, 'registration.authority');
  if (fresh.enabled && fresh.url === undefined) {
    problems.push({ path: 'registration.url', message: 'required while it is enabled' });
  }
  const sends = fresh.user !== '' && fresh.url !== undefined;
  const otherServer = old.url !== undefined && originOf(old.url) !== originOf(fresh.url);
  if (sends && otherServer && before.secrets.registration.password !== '' && !saysPassword(patch)) {
    problems.push({
      path: 'secrets.registration.password',
      message: 'the stored password belongs to another server; give the one for this server',
    });
  }
  return problems;
}

function saysPassword({ secrets }: SettingsPatch): boolean {
  const section = secrets?.['registration'];
  if (section === undefined) return false;
  return section === null || (typeof section === 'object' && Object.hasOwn(section, 'password'));
}

function webhookProblems(before: Documents, next: Documents): FieldProblem[] {
  const { webhooks } = next.settings;
  const secrets = next.secrets.webhooks;
  const strange = Object.keys(secrets)
    .filter((name) => before.secrets.webhooks[name] !== secrets[name])
    .filter((name) => !webhooks.some((hook) => hook.name === name))
    .map((name) => ({ path: `secrets.webhooks.${name}`, message: `no webhook ${name}` }));
  const unsigned = webhooks
    .filter(({ name, disabled }) => !disabled && secrets[name] === undefined)
    .map(({ name }) => ({
      path: `secrets.webhooks.${name}`,
      message: 'required: its messages are signed with it',
    }));
  const authorities = webhooks.flatMap(({ authority }, index) =>
    authorityProblems(authority, `webhooks.${index}.authority`),
  );
  return [...strange, ...unsigned, ...authorities];
}

/** TLS would refuse to start with what is no certificate. */
function authorityProblems(pem: string | undefined, path: string): FieldProblem[] {
  const reason = pem === undefined ? null : whyNoCertificate(pem);
  return reason === null ? [] : [{ path, message: `not a certificate in PEM: ${reason}` }];
}

function whyNoCertificate(pem: string): string | null {
  try {
    return new X509Certificate(pem).fingerprint256 === '' ? 'empty' : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function originOf(url: string | undefined): string | null {
  return url === undefined ? null : new URL(url).origin;
}
