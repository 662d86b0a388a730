// Who is told of payments: the 1C processing server and webhooks, and messages put aside.
import { TERMINAL_TEST_DEADLINE_MS } from '../../../domain/limits.ts';
import { webhookSchema } from '../../../operations/settings-schema.ts';
import type { Faults } from '../form.ts';
import { change, type FieldTable } from './change.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { phrase } from '../texts/phrases/index.ts';
import { handRegistrationTest, registrationTestModel } from './registration-test.ts';

const PATH = '/admin/integration';
const SECRET_BYTES = 24;
const FIELDS: FieldTable = {
  'registration.url': ['registrationUrl', 'notAnAddress'],
  'registration.user': ['registrationUser', 'tooLong'],
  'secrets.registration.password': ['registrationPassword', 'passwordOfOther'],
};

type Post = (path: string, handle: (visit: Visit) => Promise<Reply | Faults>) => PageRoute;

export function outboundRoutes(services: Services, post: Post): PageRoute[] {
  return [
    post('registration', (visit) => handRegistration(services, visit)),
    post('registration/probe', (visit) => handProbe(services, visit)),
    post('registration/test', (visit) => handRegistrationTest(services, visit, PATH)),
    post('webhooks', (visit) => handWebhook(services, visit)),
    post('webhooks/remove', (visit) => handRemove(services, visit)),
    post('messages/:id/replay', (visit) => handReplay(services, visit)),
  ];
}

export function outboundModel(services: Services, visit: Visit) {
  const { settings, secrets, outbound, oneTime } = services;
  const { registration, webhooks } = settings.current();
  // A form that came back shows what was typed, ticks too.
  const typed = visit.form.has('registrationSoap') ? visit.form : null;
  const fresh = oneTime.get(visit.token);
  const shown = fresh?.kind === 'webhook' || fresh?.kind === 'probe' ? fresh : null;
  if (shown !== null) oneTime.delete(visit.token);
  return {
    registration: {
      enabled: typed?.checked('registrationEnabled') ?? registration.enabled,
      saved: registration.url !== undefined,
      url: typed?.text('registrationUrl') ?? registration.url ?? '',
      soap: typed?.text('registrationSoap') ?? registration.soap,
      user: typed?.text('registrationUser') ?? registration.user,
      hasPassword: secrets.current().registration.password !== '',
      priceElement: typed?.text('priceElement') ?? registration.priceElement,
      corrections: typed?.checked('corrections') ?? registration.corrections,
    },
    soapVersions: ['1.1', '1.2'].map((one) => ({ value: one, text: `SOAP ${one}` })),
    priceElements: ['cost', 'price'].map((one) => ({ value: one, text: one })),
    test: registrationTestModel(services, visit),
    probe: shown?.kind === 'probe' ? shown.values : [],
    webhooks: webhooks.map(({ name, url, disabled }) => ({ name, url, disabled })),
    newWebhook:
      shown?.kind === 'webhook'
        ? { name: shown.values[0] ?? '', secret: shown.values[1] ?? '' }
        : null,
    hasOutbound: outbound !== null,
    parked: (outbound?.list({ state: 'parked', limit: 20 }) ?? []).map((item) => ({
      id: item.id,
      operation: item.operation,
      topic: item.topic === 'registration' ? visit.t.registration : visit.t.webhook,
      when: visit.f.when(item.createdAt),
      attempts: visit.f.number(item.attempts),
      fault: phrase(item.lastError ?? '', visit.language),
    })),
  };
}

async function handRegistration(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form } = visit;
  const before = services.settings.current().registration;
  const password = form.raw('registrationPassword');
  const registration = {
    enabled: form.checked('registrationEnabled'),
    url: form.text('registrationUrl') || null,
    soap: form.text('registrationSoap'),
    user: form.text('registrationUser'),
    priceElement: form.text('priceElement'),
    corrections: form.checked('corrections'),
  };
  // An empty field leaves the password as it is.
  const secrets = password === '' ? {} : { secrets: { registration: { password } } };
  const faults = await change(services, visit, { registration, ...secrets }, FIELDS);
  if (faults !== null) return faults;
  const after = { ...services.settings.current().registration, passwordSet: password !== '' };
  visit.audit('registration-change', 'registration', before, after);
  return see(PATH, 'saved');
}

/** Reads the WSDL of the saved address; sends nothing. */
async function handProbe(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { outbound, clock, oneTime } = services;
  if (outbound === null) return { all: visit.t.notHere };
  const late = new AbortController();
  const forget = clock.after(TERMINAL_TEST_DEADLINE_MS, () => late.abort());
  try {
    const read = await outbound.probe({}, AbortSignal.any([late.signal, visit.gone]));
    const values =
      read.kind === 'refused'
        ? [read.url, read.detail]
        : [
            read.url,
            ...read.ports.map(({ name, soap }) => `${name} (SOAP ${soap})`),
            ...read.problems,
          ];
    const said = values.map((one) => phrase(one.slice(0, 400), visit.language));
    oneTime.set(visit.token, { kind: 'probe', values: said });
    return see(`${PATH}?probe=1`);
  } finally {
    forget();
  }
}

async function handWebhook(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form, t } = visit;
  const given = { name: form.text('webhookName'), url: form.text('webhookUrl') };
  const parsed = webhookSchema.safeParse(given);
  if (!parsed.success) {
    const named = parsed.error.issues.some(({ path }) => path[0] === 'name');
    return named ? { webhookName: t.terminalIdWrong } : { webhookUrl: t.notAnAddress };
  }
  const { name, url } = parsed.data;
  const { webhooks } = services.settings.current();
  if (webhooks.some((one) => one.name === name)) return { webhookName: t.nameTaken };
  const secret = Buffer.from(services.random.bytes(SECRET_BYTES)).toString('base64url');
  const patch = {
    webhooks: [...webhooks, parsed.data],
    secrets: { webhooks: { [name]: secret } },
  };
  const faults = await change(services, visit, patch, {});
  if (faults !== null) return faults;
  visit.audit('webhook-add', `webhook ${name}`, null, { url });
  services.oneTime.set(visit.token, { kind: 'webhook', values: [name, secret] });
  return see(PATH);
}

async function handRemove(services: Services, visit: Visit): Promise<Reply | Faults> {
  const name = visit.form.text('name');
  const { webhooks } = services.settings.current();
  const before = webhooks.find((one) => one.name === name);
  if (before === undefined) return { all: visit.t.noSuchKey };
  const patch = {
    webhooks: webhooks.filter((one) => one.name !== name),
    secrets: { webhooks: { [name]: null } },
  };
  const faults = await change(services, visit, patch, {});
  if (faults !== null) return faults;
  visit.audit('webhook-remove', `webhook ${name}`, { url: before.url }, null);
  return see(PATH, 'removed');
}

async function handReplay({ outbound }: Services, visit: Visit): Promise<Reply | Faults> {
  const id = Number(visit.params['id']);
  if (!Number.isSafeInteger(id) || !(await (outbound?.replay(id) ?? Promise.resolve(false)))) {
    return { all: visit.t.noSuchMessage };
  }
  visit.audit('message-replay', `message ${id}`, null, null);
  return see(PATH, 'replayed');
}
