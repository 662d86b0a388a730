// Cards that can be presented to a simulated terminal. Numbers are invented; none is a real card.

export interface Card {
  readonly pan: string;
  readonly brand: string;
  readonly issuer: string;
  readonly expiry: string;
  /** `022` stripe, `051` chip, `071` contactless. */
  readonly entry: string;
  readonly pin: boolean;
  readonly signature: boolean;
  /** The host's answer. `0010` approves half of the sum. */
  readonly hostCode: string;
  /** Name of the discount group: the terminal asks the till for a corrected sum. */
  readonly loyalty: string | null;
  /** Kopecks on the account, for GetBalance. */
  readonly balance: number;
}

const GOOD: Card = {
  pan: '5168150000009659',
  brand: 'MasterCard',
  issuer: 'MASTERCARD ПРИВАТ',
  expiry: '3012',
  entry: '071',
  pin: true,
  signature: false,
  hostCode: '0000',
  loyalty: null,
  balance: 1_234_567,
};

interface NamedCard extends Card {
  readonly description: string;
}

const card = (description: string, changes: Partial<Card> = {}): NamedCard => ({
  ...GOOD,
  ...changes,
  description,
});

export const CARDS = {
  good: card('Approves; contactless MasterCard with a PIN.'),
  visa: card('Approves; chip Visa with a PIN.', {
    pan: '4731170000009838',
    brand: 'VISA',
    issuer: 'VISA ПРИВАТ',
    entry: '051',
  }),
  contactless: card('Approves without asking for a PIN.', { pan: '5168150000001112', pin: false }),
  signature: card('Approves; the cashier must check the signature.', {
    pan: '4731170000002220',
    brand: 'VISA',
    issuer: 'VISA',
    entry: '022',
    pin: false,
    signature: true,
  }),
  bonus: card('Approves; its discount group asks the till for a corrected sum (status 11).', {
    pan: '5168150000003338',
    loyalty: 'BONUS_PLUS',
  }),
  partial: card('The bank approves half of the sum (0010).', {
    pan: '5168150000004446',
    hostCode: '0010',
  }),
  'insufficient-funds': card('Declined: not enough money (0051).', {
    pan: '5168150000005554',
    hostCode: '0051',
  }),
  expired: card('Declined: expired card (0054).', {
    pan: '5168150000006662',
    expiry: '2001',
    hostCode: '0054',
  }),
  'wrong-pin': card('Declined: wrong PIN (0055).', { pan: '5168150000007770', hostCode: '0055' }),
  'pin-tries-exceeded': card('Declined: too many wrong PINs (0075).', {
    pan: '5168150000008886',
    hostCode: '0075',
  }),
  blocked: card('Declined: restricted card (0062).', { pan: '5168150000009998', hostCode: '0062' }),
  'do-not-honour': card('Declined by the bank without a reason (0005).', {
    pan: '5168150000001005',
    hostCode: '0005',
  }),
  'limit-exceeded': card('Declined: over the limit (0061).', {
    pan: '5168150000001061',
    hostCode: '0061',
  }),
  'issuer-down': card('Declined: the issuer does not answer (0091).', {
    pan: '5168150000001091',
    hostCode: '0091',
  }),
  'chip-decline': card('The chip itself declines (1002).', {
    pan: '5168150000001002',
    entry: '051',
    hostCode: '1002',
  }),
} as const satisfies Record<string, NamedCard>;

export type CardName = keyof typeof CARDS;

export function isCardName(name: string): name is CardName {
  return Object.hasOwn(CARDS, name);
}

/** First six and last four digits. */
export function mask(pan: string, style: 'stars' | 'crosses'): string {
  const hidden = Math.max(0, pan.length - 10);
  // Crosses are the older form, which shows the first four digits only.
  return style === 'stars'
    ? `${pan.slice(0, 6)}${'*'.repeat(hidden)}${pan.slice(-4)}`
    : `${pan.slice(0, 4)}${'X'.repeat(hidden + 2)}${pan.slice(-4)}`;
}

/** What the slip and the reply say about a code. */
export function hostText(code: string): string {
  return HOST_TEXTS[code] ?? 'Відмова';
}

const HOST_TEXTS: Readonly<Record<string, string>> = {
  '0000': 'Схвалено',
  '0005': 'Відмова банку',
  '0010': 'Схвалено частково',
  '0051': 'Недостатньо коштів',
  '0054': 'Картка прострочена',
  '0055': 'Невірний ПІН',
  '0061': 'Перевищено ліміт',
  '0062': 'Картка обмежена',
  '0075': 'Перевищено кількість спроб ПІН',
  '0091': 'Емітент недоступний',
  '1000': 'Операція неможлива',
  '1001': 'Oперація скасов.',
  '1002': 'Відмова картки',
  '1003': 'Журнал заповнений, виконайте звірку',
  '1004': "Немає зв'язку з банком",
  '1005': 'Немає паперу',
  '1008': 'Операцію вже завершено',
};
