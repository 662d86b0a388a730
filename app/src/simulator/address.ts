// `sim://privat-json?answerAfterMs=3000&firmware=old&…`: what a simulated terminal is to be.
import { SIMULATOR_DELAY_MS_MAX } from '../domain/limits.ts';
import type { SimulatorSettings } from '../ports/simulators.ts';
import { isCardName } from './privat-json/cards.ts';
import { defaultProfile, hash, merchantsOf, type TerminalProfile } from './privat-json/profile.ts';

export interface SimulatedTerminalOptions {
  readonly profile: TerminalProfile;
  readonly settings: Partial<SimulatorSettings>;
}

/** Terminals of the same name are the same device in every process. */
export function seedOf(name: string): number {
  return Buffer.from(name, 'utf8').reduce((seed, byte) => hash(seed, byte), 1);
}

type Draft = { profile: TerminalProfile; settings: Partial<SimulatorSettings> };

/** Every option, in the order in which it is documented. */
const OPTIONS: Readonly<Record<string, (draft: Draft, value: string) => Draft>> = {
  answerAfterMs: (draft, value) => withSetting(draft, { answerAfterMs: milliseconds(value) }),
  autoCard: (draft, value) => withSetting(draft, { autoCard: yesOrNo(value) }),
  card: (draft, value) => {
    if (!isCardName(value)) throw new RangeError(`no card of this name: ${value}`);
    return withSetting(draft, { defaultCard: value });
  },
  adjust: (draft, value) => withSetting(draft, { adjust: yesOrNo(value) }),
  askPin: (draft, value) => withSetting(draft, { askPin: yesOrNo(value) }),
  firmware: (draft, value) => {
    if (value !== 'old' && value !== 'new') throw new RangeError('firmware is old or new');
    const old = { descriptionKey: 'errorDescritption', receiptInfo: false } as const;
    return value === 'old' ? withProfile(draft, old) : draft;
  },
  merchants: (draft, value) => {
    const count = Number(value);
    if (!Number.isInteger(count) || count < 1 || count > 90)
      throw new RangeError('merchants: 1 to 90');
    const names = Array.from({ length: count }, (_, at) => `ТОВ «Приклад ${at + 1}»`);
    return withProfile(draft, { merchants: merchantsOf(draft.profile.seed, names) });
  },
  skewMs: (draft, value) => {
    const clockSkewMs = Number(value);
    if (!Number.isSafeInteger(clockSkewMs)) throw new RangeError('skewMs is a whole number');
    return withProfile(draft, { clockSkewMs });
  },
  declinesInJournal: (draft, value) => withProfile(draft, { declinesInJournal: yesOrNo(value) }),
  onLinkLoss: (draft, value) => {
    if (value !== 'finish' && value !== 'cancel')
      throw new RangeError('onLinkLoss: finish, cancel');
    return withProfile(draft, { onLinkLoss: value });
  },
  lateInterrupt: (draft, value) => {
    if (value !== 'reverse' && value !== 'stand')
      throw new RangeError('lateInterrupt: reverse, stand');
    return withProfile(draft, { lateInterrupt: value });
  },
};

/** Throws RangeError where the address names another protocol, option or value. */
export function parseSimulatorAddress(name: string, address: string): SimulatedTerminalOptions {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== 'sim:' || url.hostname !== 'privat-json') {
    throw new RangeError(`not the address of a simulated terminal: ${address}`);
  }
  let draft: Draft = { profile: defaultProfile(seedOf(name)), settings: {} };
  for (const [option, value] of url.searchParams) {
    const apply = Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
    if (apply === undefined)
      throw new RangeError(`no such option of a simulated terminal: ${option}`);
    draft = apply(draft, value);
  }
  return draft;
}

export function isDelay(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= SIMULATOR_DELAY_MS_MAX;
}

function withSetting(draft: Draft, settings: Partial<SimulatorSettings>): Draft {
  return { ...draft, settings: { ...draft.settings, ...settings } };
}

function withProfile(draft: Draft, profile: Partial<TerminalProfile>): Draft {
  return { ...draft, profile: { ...draft.profile, ...profile } };
}

function yesOrNo(value: string): boolean {
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw new RangeError(`yes is 1 or true, no is 0 or false: ${value}`);
}

function milliseconds(value: string): number {
  const ms = value.trim() === '' ? Number.NaN : Number(value);
  if (!isDelay(ms)) throw new RangeError(`not a duration in milliseconds: ${value}`);
  return ms;
}
