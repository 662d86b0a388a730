// One Register by hand: a payment of nothing, past the outbox and the ledger, for an administrator
// who wants to see what the processing server says.
import { DELIVERY_ERROR_LENGTH_MAX } from '../domain/limits.ts';
import type { Language } from '../operations/settings-schema.ts';
import type { Random } from '../ports/clock.ts';
import type {
  RegistrationCheck,
  RegistrationTest,
  RegistrationTestRequest,
} from '../ports/outbound.ts';
import { register, type RegistrationParts, type Said, saidBy, serviceUrl } from './registration.ts';
import type { RegistrationPayload } from './registration-message.ts';

const UID_PREFIX = 'tillgate-test-';
const UID_BYTES = 8;
/** Register has no field for a remark: the one line of the order says it. */
const LINE_NAMES: Readonly<Record<Language, string>> = {
  uk: 'Перевірка зв’язку з Tillgate, не оплата',
  en: 'Test of the link with Tillgate, not a payment',
  ru: 'Проверка связи с Tillgate, не оплата',
};

export async function testRegistration(
  parts: RegistrationParts & { readonly random: Pick<Random, 'bytes'> },
  asked: RegistrationTestRequest,
  signal: AbortSignal,
): Promise<RegistrationTest> {
  const { settings, clock, random } = parts;
  const { registration, terminals, shop } = settings.current();
  const { url } = registration;
  if (url === undefined) return { kind: 'not-sent', why: 'no-address' };
  const { among = null } = asked;
  const allowed = terminals.filter(({ id }) => among === null || among.includes(id));
  const terminal = allowed.find(({ id }) => id === (asked.terminal ?? id))?.id;
  if (terminal === undefined) return { kind: 'not-sent', why: 'unknown-terminal' };
  const uid = `${UID_PREFIX}${Buffer.from(random.bytes(UID_BYTES)).toString('hex')}`;
  const payload: RegistrationPayload = {
    terminal,
    uid,
    amount: 0,
    payAmount: 0,
    chargeAmount: 0,
    restAmount: 0,
    payType: 1,
    order: [{ id: 'test', name: LINE_NAMES[shop.language], count: 1, cost: 0 }],
    time: Math.floor(clock.now() / 1_000),
  };
  const began = clock.monotonic();
  const came = await register(parts, { ...registration, url }, payload, signal);
  const tookMs = Math.round(clock.monotonic() - began);
  const said = await saidBy(came);
  const words = 'error' in said ? said.error.slice(0, DELIVERY_ERROR_LENGTH_MAX) : '';
  const { kind: answer, status } = said;
  const head = { kind: 'sent', uid, terminal, url: serviceUrl(url) } as const;
  return { ...head, answer, status, words, check: checkOf(said), tookMs };
}

function checkOf(said: Said): RegistrationCheck {
  switch (said.kind) {
    case 'accepted':
      return 'document';
    case 'refused':
      return 'rules';
    case 'fault':
      return said.heals ? 'server' : 'contract';
    case 'no-answer':
      return said.check;
  }
}
