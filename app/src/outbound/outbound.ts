// Everything that the appliance tells others, put together: entries, workers, and what an
// administrator may see and do of it.
import type { OperationEvent } from '../domain/event.ts';
import type { Operation } from '../domain/operation.ts';
import type { RegistrationSettings, Secrets, Settings } from '../operations/settings-schema.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { OutboxEntry } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { OutboundControl, ProbeRequest, WsdlRead } from '../ports/outbound.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import { Delivery } from './delivery.ts';
import { type EntryParts, outboxOf, REGISTRATION_TOPIC, WEBHOOK_TOPIC } from './entries.ts';
import { ask, basic, charsetOf } from './foreign-server.ts';
import { registrar, serviceUrl } from './registration.ts';
import { testRegistration } from './registration-test.ts';
import { webhookCaller } from './webhook.ts';
import { readWsdl } from './wsdl.ts';

export interface OutboundParts {
  readonly outbox: Outbox;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly present: EntryParts['present'];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Outbound extends OutboundControl {
  /** For `createGateway`: what must be told of an event. */
  readonly outboxOf: (event: OperationEvent, operation: Operation) => readonly OutboxEntry[];
  /** Begins to deliver what is waiting. */
  start(): void;
  /** After every durable event: something may be due. */
  wake(): void;
  stop(): Promise<void>;
}

export function createOutbound(parts: OutboundParts): Outbound {
  const { outbox, settings, secrets } = parts;
  const deliveries = [
    new Delivery({ ...parts, topic: REGISTRATION_TOPIC, deliver: registrar(parts) }),
    new Delivery({ ...parts, topic: WEBHOOK_TOPIC, deliver: webhookCaller(parts) }),
  ];
  const hurry = (): void => {
    for (const delivery of deliveries) delivery.hurry();
  };
  settings.onChange((next, before) => {
    if (outboundPart(next) !== outboundPart(before)) hurry();
  });
  secrets.onChange((next, before) => {
    if (secretPart(next) !== secretPart(before)) hurry();
  });
  return {
    outboxOf: outboxOf(parts),
    start: () => {
      for (const delivery of deliveries) delivery.start();
    },
    wake: () => {
      for (const delivery of deliveries) delivery.wake();
    },
    stop: async () => {
      await Promise.all(deliveries.map((delivery) => delivery.stop()));
    },
    list: (query) => outbox.list(query),
    counts: () => outbox.counts(),
    replay: async (id) => {
      const found = await outbox.replay(id);
      if (found) for (const delivery of deliveries) delivery.wake();
      return found;
    },
    probe: (asked, signal) => probe(parts, asked, signal),
    test: (asked, signal) => testRegistration(parts, asked, signal),
  };
}

async function probe(
  { settings, secrets, clock }: OutboundParts,
  asked: ProbeRequest,
  signal: AbortSignal,
): Promise<WsdlRead & { readonly url: string }> {
  const own: RegistrationSettings = settings.current().registration;
  const base = asked.url ?? own.url;
  if (base === undefined) return { kind: 'refused', url: '', detail: 'no address is set' };
  const url = new URL(serviceUrl(base));
  if (![...url.searchParams.keys()].some((key) => key.toLowerCase() === 'wsdl')) {
    url.search = 'wsdl';
  }
  const { href } = url;
  // The stored password goes to the stored server only.
  const mayUseOwn = asked.url === undefined || sameOrigin(asked.url, own.url);
  const password = asked.password ?? (mayUseOwn ? secrets.current().registration.password : '');
  const answer = await ask(
    {
      method: 'GET',
      url: href,
      headers: { Accept: 'text/xml, */*', ...basic(asked.user ?? own.user, password) },
      body: null,
      authority: asked.authority ?? own.authority,
      timeoutMs: own.timeoutMs,
    },
    clock,
    signal,
  );
  if (answer.kind === 'failed') return { kind: 'refused', url: href, detail: answer.detail };
  if (answer.status !== 200) {
    const detail =
      answer.status === 401 ? 'the user or the password is refused' : 'no WSDL is here';
    return { kind: 'refused', url: href, detail: `HTTP ${answer.status}: ${detail}` };
  }
  return { ...(await readWsdl(answer.body, charsetOf(answer.type))), url: href };
}

function sameOrigin(a: string, b: string | undefined): boolean {
  return b !== undefined && new URL(a).origin === new URL(b).origin;
}

function outboundPart({ registration, webhooks }: Settings): string {
  return JSON.stringify({ registration, webhooks });
}

function secretPart({ registration, webhooks }: Secrets): string {
  return JSON.stringify({ registration, webhooks });
}
