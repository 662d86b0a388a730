// Tells the 1C processing server of one payment.
import { DELIVERY_ERROR_LENGTH_MAX, SOAP_INT_MAX } from '../domain/limits.ts';
import type { RegistrationSettings, Secrets, Settings } from '../operations/settings-schema.ts';
import type { Clock } from '../ports/clock.ts';
import type { OutboxItem } from '../ports/outbox.ts';
import { CONTENT_TYPES } from '../xml/envelope.ts';
import type { Delivered } from './delivery.ts';
import { ask, basic, charsetOf, type ForeignAnswer } from './foreign-server.ts';
import {
  readRegisterAnswer,
  registerEnvelope,
  type RegistrationPayload,
  registrationPayloadSchema,
} from './registration-message.ts';

export interface RegistrationParts {
  readonly settings: { current(): Settings };
  readonly secrets: { current(): Secrets };
  readonly clock: Clock;
}

export function registrar(
  parts: RegistrationParts,
): (item: OutboxItem, signal: AbortSignal) => Promise<Delivered> {
  return async (item, signal) => {
    const { registration } = parts.settings.current();
    if (!registration.enabled || registration.url === undefined) {
      return { kind: 'retry', error: 'the processing server is switched off or has no address' };
    }
    const payload = registrationPayloadSchema.safeParse(parsed(item.payload));
    if (!payload.success) return { kind: 'park', error: 'the entry of the outbox is damaged' };
    const tooLarge = beyondInt(payload.data);
    if (tooLarge !== null) return { kind: 'park', error: `${tooLarge} is beyond xs:int` };
    const answer = await ask(
      {
        method: 'POST',
        url: serviceUrl(registration.url),
        headers: {
          ...soapHeaders(registration),
          ...basic(registration.user, parts.secrets.current().registration.password),
        },
        body: registerEnvelope(payload.data, registration),
        authority: registration.authority,
        timeoutMs: registration.timeoutMs,
      },
      parts.clock,
      signal,
    );
    return judge(answer);
  };
}

/** The administrator of a 1C server knows its address; where the service is, 1C decides. */
export function serviceUrl(url: string): string {
  const address = new URL(url);
  if (address.pathname === '/' && address.search === '') address.pathname = '/ws/pos.1cws';
  return address.href;
}

/**
 * A server that was not reached, or answered with a page instead of SOAP, is asked again for
 * ever: the shop has to mend it. What the service itself says about this payment is believed.
 */
async function judge(answer: ForeignAnswer): Promise<Delivered> {
  if (answer.kind === 'failed') return { kind: 'retry', error: answer.detail };
  const { status, type, body } = answer;
  if (status === 401 || status === 403) {
    return { kind: 'retry', error: `HTTP ${status}: the user or the password is refused` };
  }
  const said = await readRegisterAnswer(body, charsetOf(type));
  switch (said.kind) {
    case 'accepted':
      return status === 200
        ? { kind: 'delivered' }
        : { kind: 'retry', error: `true with HTTP ${status}` };
    case 'refused':
      return { kind: 'park', error: 'the processing server answered false' };
    case 'fault':
      return { kind: said.heals ? 'fault' : 'park', error: `HTTP ${status}: ${said.text}` };
    case 'unreadable': {
      const page = body.toString('utf8').replace(/\s+/g, ' ').slice(0, DELIVERY_ERROR_LENGTH_MAX);
      return { kind: 'retry', error: `HTTP ${status} without SOAP (${said.detail}): ${page}` };
    }
  }
}

function soapHeaders(settings: RegistrationSettings): Readonly<Record<string, string>> {
  const action = settings.soapAction ?? `${settings.namespace}#pos:Register`;
  const type = CONTENT_TYPES[settings.soap];
  return settings.soap === '1.1'
    ? { 'Content-Type': type, SOAPAction: `"${action}"` }
    : { 'Content-Type': `${type}; action="${action}"` };
}

function beyondInt(payload: RegistrationPayload): string | null {
  const { amount, payAmount, chargeAmount, restAmount } = payload;
  const sums = { amount, payAmount, chargeAmount, restAmount };
  const [name] = Object.entries(sums).find(([, sum]) => Math.abs(sum) > SOAP_INT_MAX) ?? [];
  return name ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
