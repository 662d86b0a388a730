// Register as XML: what the seed says of its parameters, and what the server answers.
import { z } from 'zod';
import type { RegistrationSettings } from '../operations/settings-schema.ts';
import { readEnvelope, writeEnvelope } from '../xml/envelope.ts';
import { child, escapeXml, readXml } from '../xml/read.ts';

/** As it lies in the outbox. Money of refunds, voids and reversals is negative. */
export const registrationPayloadSchema = z.object({
  terminal: z.string(),
  uid: z.string(),
  /** Asked by the till. */
  amount: z.int(),
  /** Taken from the card, or cash that went in. */
  payAmount: z.int(),
  /** Change that was given. */
  chargeAmount: z.int(),
  /** Change that could not be given. */
  restAmount: z.int(),
  /** 0 = cash, 1 = card. */
  payType: z.union([z.literal(0), z.literal(1)]),
  order: z
    .array(z.object({ id: z.string(), name: z.string(), count: z.number(), cost: z.int() }))
    .readonly()
    .nullable(),
  /** Seconds since 1970. */
  time: z.int(),
});
export type RegistrationPayload = z.infer<typeof registrationPayloadSchema>;

export function registerEnvelope(
  payload: RegistrationPayload,
  settings: RegistrationSettings,
): string {
  const { terminal } = payload;
  const values = {
    terminal_id: settings.terminalIds[terminal] ?? terminal,
    uid: payload.uid,
    amount: payload.amount,
    pay_amount: payload.payAmount,
    charge_amount: payload.chargeAmount,
    rest_amount: payload.restAmount,
    pay_type: payload.payType,
  };
  const parameters = Object.entries(values).map(([name, value]) => element(`m:${name}`, value));
  const items = (payload.order ?? []).map(
    ({ id, name, count, cost }) =>
      `<o:orderitem>${element('o:id', id)}${element('o:name', name)}` +
      `${element('o:count', decimal(count))}${element(`o:${settings.priceElement}`, cost)}` +
      `</o:orderitem>`,
  );
  // An empty order is valid for every server; nil is not.
  return writeEnvelope(
    settings.soap,
    `<m:Register xmlns:m="${escapeXml(settings.namespace)}" ` +
      `xmlns:o="${escapeXml(settings.orderNamespace)}">${parameters.join('')}` +
      `<m:order>${items.join('')}</m:order>${element('m:time', payload.time)}</m:Register>`,
  );
}

/** What a server said to Register. */
export type RegisterAnswer =
  | { kind: 'accepted' }
  | { kind: 'refused' }
  /** `heals`: the fault is the server's own and may be gone the next time. */
  | { kind: 'fault'; heals: boolean; text: string }
  /** No SOAP at all: a page of the web server, half an answer. */
  | { kind: 'unreadable'; detail: string };

export async function readRegisterAnswer(
  body: Uint8Array,
  charset: string | null,
): Promise<RegisterAnswer> {
  const read = await readXml(body, charset);
  if (read.kind === 'refused') return { kind: 'unreadable', detail: read.detail };
  const envelope = readEnvelope(read.root);
  switch (envelope.kind) {
    case 'refused':
      return { kind: 'unreadable', detail: envelope.detail };
    case 'fault': {
      const heals = envelope.code === 'receiver' || envelope.code === null;
      return { kind: 'fault', heals, text: envelope.text };
    }
    case 'body': {
      const answer = envelope.body;
      const said = child(answer, 'return')?.text.trim();
      if (answer.name !== 'RegisterResponse') {
        return { kind: 'unreadable', detail: `${answer.name} is not RegisterResponse` };
      }
      if (said === 'true' || said === '1') return { kind: 'accepted' };
      if (said === 'false' || said === '0') return { kind: 'refused' };
      return { kind: 'fault', heals: true, text: 'the answer has no boolean return' };
    }
  }
}

function element(name: string, value: string | number): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** The shortest decimal without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
}
