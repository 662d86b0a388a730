// Integration: keys, snippets with this box's address, SOAP, the 1C processing server, webhooks.
import { addKey, removeKey, rightsOf } from '../../../operations/keys.ts';
import { keyLimitsSchema, ROLES } from '../../../operations/settings-schema.ts';
import { KINDS, type OperationKind } from '../../../domain/operation.ts';
import { ROLE_WORDS, KIND_WORDS } from '../../../domain/texts/states.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { change, type FieldTable } from './change.ts';
import { outboundRoutes, outboundModel } from './outbound-settings.ts';
import { snippetsFor } from './snippets.ts';

const PATH = '/admin/integration';
const SOAP_FIELDS: FieldTable = {
  'soap.defaultTerminal': ['defaultTerminal', 'noSuchTerminal'],
  'soap.publicAddress': ['publicAddress', 'notAnAddress'],
};
const KEY_NAME = /^[A-Za-z0-9._-]{1,64}$/;

export function integrationRoutes(services: Services): PageRoute[] {
  const page = (visit: Visit, faults: Faults = {}): Reply =>
    integrationPage(services, visit, faults);
  const post = (path: string, handle: (visit: Visit) => Promise<Reply | Faults>): PageRoute => ({
    method: 'POST',
    path: `${PATH}/${path}`,
    right: 'configure',
    section: 'integration',
    handle: async (visit) => {
      const result = await handle(visit);
      return isReply(result) ? result : page(visit, result);
    },
  });
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'configure',
      section: 'integration',
      handle: (visit) => page(visit),
    },
    post('keys', (visit) => handKey(services, visit)),
    post('keys/revoke', (visit) => handRevoke(services, visit)),
    post('soap', (visit) => handSoap(services, visit)),
    post('browsers', (visit) => handBrowsers(services, visit)),
    post('certification', (visit) => handCertification(services, visit)),
    ...outboundRoutes(services, post),
  ];
}

function isReply(result: Reply | Faults): result is Reply {
  // No form has a field of this name.
  return 'kind' in result;
}

function integrationPage(services: Services, visit: Visit, faults: Faults): Reply {
  const { settings, secrets, gateway } = services;
  const { language, f, t } = visit;
  const fresh = services.oneTime.get(visit.token);
  if (fresh?.kind === 'key') services.oneTime.delete(visit.token);
  const newKey =
    fresh?.kind === 'key' ? { name: fresh.values[0] ?? '', secret: fresh.values[1] ?? '' } : null;
  const { soap } = settings.current();
  const typed = visit.form.has('publicAddress') ? visit.form : null;
  const terminals = gateway.terminals(visit.who).map(({ settings: one }) => one.id);
  const model = {
    newKey,
    keys: secrets.current().keys.map((key) => ({
      name: key.name,
      role: ROLE_WORDS[language][key.role],
      limits: limitsText(key.limits, visit),
      createdAt: f.when(key.createdAt),
    })),
    roles: ROLES.map((role) => ({ value: role, text: ROLE_WORDS[language][role] })),
    terminals: [{ value: '', text: t.all }, ...terminals.map((id) => ({ value: id, text: id }))],
    kinds: [
      { value: '', text: t.all },
      ...Object.keys(KINDS).map((kind) => ({
        value: kind,
        text: KIND_WORDS[language][kind as OperationKind], // the keys of the table
      })),
    ],
    snippets: snippetsFor(visit.base, terminals[0] ?? 'till-1', newKey?.secret ?? null),
    base: visit.base,
    hasNexo: services.nexo !== null,
    // The demonstration has simulated terminals whatever the setting says.
    certification: services.mode === 'demonstration' ? null : settings.current().certification,
    soap: {
      enabled: typed?.checked('soapEnabled') ?? soap.enabled,
      authentication: typed?.checked('soapAuthentication') ?? soap.authentication,
      defaultTerminal: typed?.text('defaultTerminal') ?? soap.defaultTerminal ?? '',
      publicAddress: typed?.text('publicAddress') ?? soap.publicAddress ?? '',
      wsdl: `${visit.base}/?wsdl`,
    },
    origins: visit.form.has('origins')
      ? visit.form.raw('origins')
      : settings.current().http.origins.join('\n'),
    ...outboundModel(services, visit),
    values: visit.form.values(),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'integration.njk', model, status };
}

function limitsText(
  limits: {
    readonly terminals: readonly string[] | null;
    readonly kinds: readonly string[] | null;
    readonly amountMax: number | null;
  },
  { t, f }: Visit,
): string {
  const parts = [
    limits.terminals === null ? '' : limits.terminals.join(', '),
    limits.kinds === null ? '' : limits.kinds.join(', '),
    limits.amountMax === null ? '' : `≤ ${f.money(limits.amountMax, 'UAH')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? t.noLimits : parts.join(' · ');
}

async function handKey(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form, t } = visit;
  const name = form.text('keyName');
  const role = ROLES.find((one) => one === form.text('role'));
  const faults: Record<string, string> = {};
  if (!KEY_NAME.test(name)) faults['keyName'] = t.keyNameWrong;
  const amountMax = form.text('amountMax') === '' ? null : form.money('amountMax', 'UAH');
  if (form.text('amountMax') !== '' && amountMax === null) faults['amountMax'] = t.notASum;
  const limits = keyLimitsSchema.safeParse({
    terminals: listOf(form.text('keyTerminal')),
    kinds: listOf(form.text('keyKind')),
    amountMax,
  });
  if (!limits.success) faults['keyTerminal'] = t.notValid;
  if (role === undefined || !limits.success || Object.keys(faults).length > 0) return faults;
  const key = { name, role, limits: limits.data };
  const added = await addKey(services.secrets, services, key);
  if (added.kind === 'name-taken') return { keyName: t.nameTaken };
  if (added.kind === 'too-many') return { keyName: t.tooMany };
  visit.audit('key-add', `key ${name}`, null, { role, limits: limits.data });
  services.oneTime.set(visit.token, { kind: 'key', values: [name, added.secret] });
  return see(PATH);
}

function listOf(text: string): string[] | null {
  return text === '' ? null : [text];
}

async function handRevoke({ secrets }: Services, visit: Visit): Promise<Reply | Faults> {
  const name = visit.form.text('name');
  const key = secrets.current().keys.find((one) => one.name === name);
  const removed = await removeKey(secrets, name);
  if (removed === 'last-administrator') return { all: visit.t.lastAdministratorKey };
  if (removed === 'unknown' || key === undefined) return { all: visit.t.noSuchKey };
  visit.audit('key-revoke', `key ${name}`, { ...rightsOf(key) }, null);
  return see(PATH, 'keyRevoked');
}

async function handSoap(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form } = visit;
  const before = services.settings.current().soap;
  const soap = {
    enabled: form.checked('soapEnabled'),
    authentication: form.checked('soapAuthentication'),
    defaultTerminal: form.text('defaultTerminal') || null,
    publicAddress: form.text('publicAddress') || null,
  };
  const faults = await change(services, visit, { soap }, SOAP_FIELDS);
  if (faults !== null) return faults;
  visit.audit('soap-change', 'soap', before, services.settings.current().soap);
  return see(PATH, 'saved');
}

/** Tills that run in a browser, by the origins of their pages. */
async function handBrowsers(services: Services, visit: Visit): Promise<Reply | Faults> {
  const before = services.settings.current().http;
  const origins = visit.form
    .raw('origins')
    .split(/\s+/)
    .filter((one) => one !== '');
  const changed = await services.changeSettings(visit.who, { http: { origins } });
  if (changed.kind === 'refused') return { origins: visit.t.notOrigins };
  visit.audit('browsers-change', 'browsers', before, { origins });
  return see(PATH, 'saved');
}

/** Simulated terminals for an integrator: their knobs are there, or not, from this answer on. */
async function handCertification(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { certification: before } = services.settings.current();
  const certification = visit.form.checked('certification');
  const faults = await change(services, visit, { certification }, {});
  if (faults !== null) return faults;
  const object = 'certification';
  visit.audit('certification-change', object, { certification: before }, { certification });
  return see(PATH, 'saved');
}
