// Who is told of payments: the 1C processing server and webhooks, and messages put aside.
import { TERMINAL_TEST_DEADLINE_MS } from '../../../domain/limits.ts';
import { registrationSchema, webhookSchema } from '../../../operations/settings-schema.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';

const PATH = '/admin/integration';
const SECRET_BYTES = 24;

type Post = (path: string, handle: (visit: Visit) => Promise<Reply | Faults>) => PageRoute;

export function outboundRoutes(services: Services, post: Post): PageRoute[] {
  return [
    post('registration', (visit) => handRegistration(services, visit)),
    post('registration/probe', (visit) => handProbe(services, visit)),
    post('webhooks', (visit) => handWebhook(services, visit)),
    post('webhooks/remove', (visit) => handRemove(services, visit)),
    post('messages/:id/replay', (visit) => handReplay(services, visit)),
  ];
}

export function outboundModel(services: Services, visit: Visit) {
  const { settings, secrets, outbound, oneTime } = services;
  const { registration, webhooks } = settings.current();
  const fresh = oneTime.get(visit.token);
  const shown = fresh?.kind === 'webhook' || fresh?.kind === 'probe' ? fresh : null;
  if (shown !== null) oneTime.delete(visit.token);
  return {
    registration: {
      enabled: registration.enabled,
      url: registration.url ?? '',
      soap: registration.soap,
      user: registration.user,
      hasPassword: secrets.current().registration.password !== '',
      priceElement: registration.priceElement,
      corrections: registration.corrections,
    },
    soapVersions: ['1.1', '1.2'].map((one) => ({ value: one, text: `SOAP ${one}` })),
    priceElements: ['cost', 'price'].map((one) => ({ value: one, text: one })),
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
      topic: item.topic,
      when: visit.f.when(item.createdAt),
      attempts: visit.f.number(item.attempts),
      fault: item.lastError ?? '',
    })),
  };
}

async function handRegistration(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form, t } = visit;
  const before = services.settings.current().registration;
  const url = form.text('registrationUrl');
  const { url: _url, ...rest } = before;
  const parsed = registrationSchema.safeParse({
    ...rest,
    enabled: form.checked('registrationEnabled'),
    ...(url === '' ? {} : { url }),
    soap: form.text('registrationSoap'),
    user: form.text('registrationUser'),
    priceElement: form.text('priceElement'),
    corrections: form.checked('corrections'),
  });
  if (!parsed.success || (parsed.data.enabled && url === ''))
    return { registrationUrl: t.notAnAddress };
  const next = parsed.data;
  await services.settings.change((draft) => {
    draft.registration = next;
  });
  const password = form.raw('registrationPassword');
  if (password !== '') {
    await services.secrets.change((draft) => {
      draft.registration.password = password;
    });
  }
  visit.audit('registration-change', 'registration', before, {
    ...next,
    passwordSet: password !== '',
  });
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
    oneTime.set(visit.token, { kind: 'probe', values: values.map((one) => one.slice(0, 400)) });
    return see(`${PATH}?probe=1`);
  } finally {
    forget();
  }
}

async function handWebhook(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form, t } = visit;
  const parsed = webhookSchema.safeParse({
    name: form.text('webhookName'),
    url: form.text('webhookUrl'),
  });
  if (!parsed.success) {
    const named = parsed.error.issues.some(({ path }) => path[0] === 'name');
    return named ? { webhookName: t.terminalIdWrong } : { webhookUrl: t.notAnAddress };
  }
  const webhook = parsed.data;
  const { webhooks } = services.settings.current();
  if (webhooks.some(({ name }) => name === webhook.name)) return { webhookName: t.nameTaken };
  const secret = Buffer.from(services.random.bytes(SECRET_BYTES)).toString('base64url');
  // The secret first: a webhook without one would send unsigned messages.
  await services.secrets.change((draft) => {
    draft.webhooks[webhook.name] = secret;
  });
  await services.settings.change((draft) => {
    draft.webhooks.push(webhook);
  });
  visit.audit('webhook-add', `webhook ${webhook.name}`, null, { url: webhook.url });
  services.oneTime.set(visit.token, { kind: 'webhook', values: [webhook.name, secret] });
  return see(PATH);
}

async function handRemove(services: Services, visit: Visit): Promise<Reply | Faults> {
  const name = visit.form.text('name');
  const before = services.settings.current().webhooks.find((one) => one.name === name);
  if (before === undefined) return { all: visit.t.noSuchKey };
  await services.settings.change((draft) => {
    draft.webhooks = draft.webhooks.filter((one) => one.name !== name);
  });
  await services.secrets.change((draft) => {
    delete draft.webhooks[name];
  });
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
