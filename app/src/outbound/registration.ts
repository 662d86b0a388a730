// Tells the 1C processing server of one payment.
import { DELIVERY_ERROR_LENGTH_MAX, SOAP_INT_MAX } from '../domain/limits.ts';
import type { RegistrationSettings, Secrets, Settings } from '../operations/settings-schema.ts';
import type { Clock } from '../ports/clock.ts';
import type { RegistrationCheck } from '../ports/outbound.ts';
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
    const { url } = registration;
    const answer = await register(parts, { ...registration, url }, payload.data, signal);
    return judge(await saidBy(answer));
  };
}

/** One call of Register. */
export function register(
  { secrets, clock }: Pick<RegistrationParts, 'secrets' | 'clock'>,
  registration: RegistrationSettings & { readonly url: string },
  payload: RegistrationPayload,
  signal: AbortSignal,
): Promise<ForeignAnswer> {
  return ask(
    {
      method: 'POST',
      url: serviceUrl(registration.url),
      headers: {
        ...soapHeaders(registration),
        ...basic(registration.user, secrets.current().registration.password),
      },
      body: registerEnvelope(payload, registration),
      authority: registration.authority,
      timeoutMs: registration.timeoutMs,
    },
    clock,
    signal,
  );
}

/** The administrator of a 1C server knows its address; where the service is, 1C decides. */
export function serviceUrl(url: string): string {
  const address = new URL(url);
  if (address.pathname === '/' && address.search === '') address.pathname = '/ws/pos.1cws';
  return address.href;
}

/** What came back of a call; `error` and `check` are for people. */
export type Said =
  | { kind: 'accepted' | 'refused'; status: number }
  /** `heals`: the fault is the server's own and may be gone the next time. */
  | { kind: 'fault'; status: number; heals: boolean; error: string }
  | { kind: 'no-answer'; status: number | null; error: string; check: RegistrationCheck };

export async function saidBy(answer: ForeignAnswer): Promise<Said> {
  if (answer.kind === 'failed') {
    const { code, detail } = answer;
    return { kind: 'no-answer', status: null, error: detail, check: checkOfLink(code) };
  }
  const { status, type, body } = answer;
  const noAnswer = { kind: 'no-answer', status } as const;
  if (status === 401 || status === 403) {
    const check = 'credentials';
    return { ...noAnswer, error: `HTTP ${status}: the user or the password is refused`, check };
  }
  const said = await readRegisterAnswer(body, charsetOf(type));
  switch (said.kind) {
    case 'accepted':
      return status === 200
        ? { kind: 'accepted', status }
        : { ...noAnswer, error: `true with HTTP ${status}`, check: 'server' };
    case 'refused':
      return { kind: 'refused', status };
    case 'fault':
      return { kind: 'fault', status, heals: said.heals, error: `HTTP ${status}: ${said.text}` };
    case 'unreadable': {
      const page = body.toString('utf8').replace(/\s+/g, ' ').slice(0, DELIVERY_ERROR_LENGTH_MAX);
      const check = status >= 500 ? 'server' : 'publication';
      return { ...noAnswer, error: `HTTP ${status} without SOAP (${said.detail}): ${page}`, check };
    }
  }
}

/** Why a link broke → what to look at; anything else is the address. */
const LINK_CHECKS: Readonly<Record<string, RegistrationCheck>> = {
  timeout: 'patience',
  cut: 'publication',
  'too-large': 'publication',
  ECONNRESET: 'publication',
  EPROTO: 'publication',
  HPE_INVALID_CONSTANT: 'publication',
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  CERT_HAS_EXPIRED: 'certificate',
  CERT_NOT_YET_VALID: 'certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
};

function checkOfLink(code: string): RegistrationCheck {
  return Object.hasOwn(LINK_CHECKS, code) ? (LINK_CHECKS[code] ?? 'address') : 'address';
}

/**
 * A server that was not reached, or answered with a page instead of SOAP, is asked again for
 * ever: the shop has to mend it. What the service itself says about this payment is believed.
 */
function judge(said: Said): Delivered {
  switch (said.kind) {
    case 'accepted':
      return { kind: 'delivered' };
    case 'refused':
      return { kind: 'park', error: 'the processing server answered false' };
    case 'fault':
      return { kind: said.heals ? 'fault' : 'park', error: said.error };
    case 'no-answer':
      return { kind: 'retry', error: said.error };
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
