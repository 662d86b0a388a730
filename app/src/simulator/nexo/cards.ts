// Cards that can be presented to a simulated nexo terminal. Numbers are invented.
import type { SimulatedCard } from '../../ports/simulators.ts';
import type { PaymentScript } from './script.ts';

interface Card extends PaymentScript {
  readonly description: string;
  readonly pan: string;
  readonly brand: string;
}

const card = (description: string, changes: PaymentScript = {}): Card => ({
  pan: '5168150000009659',
  brand: 'Mastercard Debit',
  ...changes,
  description,
});

export const CARDS = {
  good: card('Approves; contactless Mastercard with a PIN.'),
  visa: card('Approves; Visa.', { pan: '4731170000009838', brand: 'Visa Credit' }),
  signature: card('Approves; the cashier must check the signature.', {
    pan: '4731170000002220',
    brand: 'Visa Credit',
    signature: true,
  }),
  tip: card('Approves, and gives a tip of 5.00.', { tip: 500 }),
  partial: card('The bank approves half of the sum (Partial).', { verdict: 'Partial' }),
  'insufficient-funds': card('Declined: Refusal.', { verdict: 'Refusal' }),
  'no-paper': card('Declined without receipts.', { verdict: 'Refusal', papers: false }),
  expired: card('Declined: InvalidCard.', { verdict: 'InvalidCard' }),
  'wrong-pin': card('Declined: WrongPIN.', { verdict: 'WrongPIN' }),
  blocked: card('Declined: PaymentRestriction.', { verdict: 'PaymentRestriction' }),
  'issuer-down': card('The host is lost: UnreachableHost.', { verdict: 'UnreachableHost' }),
} as const satisfies Record<string, Card>;

export type CardName = keyof typeof CARDS;

export function isCardName(name: string): name is CardName {
  return Object.hasOwn(CARDS, name);
}

/** What a host's answer becomes on this protocol; others are refusals. */
const HOST_CODES: Readonly<Record<string, PaymentScript>> = {
  '0000': {},
  '0010': { verdict: 'Partial' },
  '0054': { verdict: 'InvalidCard' },
  '0055': { verdict: 'WrongPIN' },
  '0062': { verdict: 'PaymentRestriction' },
  '0091': { verdict: 'UnreachableHost' },
};

/** Null where a card of this name is not known. */
export function scriptOf(presented: Partial<SimulatedCard>): PaymentScript | null {
  const name = presented.name ?? 'good';
  if (!isCardName(name)) return null;
  const { description: _description, ...known } = CARDS[name];
  const { pan, brand, hostCode } = presented;
  return {
    ...known,
    ...(pan === undefined ? {} : { pan }),
    ...(brand === undefined ? {} : { brand }),
    ...(hostCode === undefined ? {} : (HOST_CODES[hostCode] ?? { verdict: 'Refusal' })),
  };
}
