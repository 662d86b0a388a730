// Cards that can be presented to a simulated terminal of a small protocol. Numbers are invented.
import type { SimulatedCard } from '../../ports/simulators.ts';

export interface DeskCard {
  readonly description: string;
  readonly pan: string;
  readonly brand: string;
  /** The host's answer; 0 = approved, 1001 = the customer stopped. */
  readonly code: number;
}

const card = (description: string, changes: Partial<DeskCard> = {}): DeskCard => ({
  pan: '5168150000009659',
  brand: 'Mastercard',
  code: 0,
  ...changes,
  description,
});

export const CARDS = {
  good: card('Approves; contactless Mastercard.'),
  visa: card('Approves; Visa.', { pan: '4731170000009838', brand: 'Visa' }),
  'insufficient-funds': card('Declined: 51, no money on it.', { code: 51 }),
  'wrong-pin': card('Declined: 55, the PIN is wrong.', { code: 55 }),
  expired: card('Declined: 54, the card has expired.', { code: 54 }),
  stolen: card('Declined: 43, the bank wants it back.', { code: 43 }),
  'issuer-down': card('Declined: 91, the card’s bank does not answer.', { code: 91 }),
  unlisted: card('Answered with a code that no table has: 77.', { code: 777 }),
} as const satisfies Record<string, DeskCard>;

export type CardName = keyof typeof CARDS;

export function isCardName(name: string): name is CardName {
  return Object.hasOwn(CARDS, name);
}

/** Null where a card of this name is not known. */
export function cardOf(presented: Partial<SimulatedCard>): DeskCard | null {
  const name = presented.name ?? 'good';
  if (!isCardName(name)) return null;
  const { pan, brand, hostCode } = presented;
  return {
    ...CARDS[name],
    ...(pan === undefined ? {} : { pan }),
    ...(brand === undefined ? {} : { brand }),
    ...(hostCode === undefined ? {} : { code: Number(hostCode) }),
  };
}

export function masked(pan: string): string {
  return `${pan.slice(0, 6)}XXXXXX${pan.slice(-4)}`;
}
