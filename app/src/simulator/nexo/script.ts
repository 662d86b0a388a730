// What a simulated nexo terminal is told to do next: customers, hosts, cables and faults.

/** One payment. Everything left out goes well. */
export interface PaymentScript {
  /** An ErrorCondition, or a yes; `Partial` approves half. */
  readonly verdict?:
    | 'Success'
    | 'Partial'
    | 'Refusal'
    | 'Cancel'
    | 'InvalidCard'
    | 'WrongPIN'
    | 'PaymentRestriction'
    | 'UnreachableHost'
    | 'DeviceOut'
    | 'Busy'
    | 'NotAllowed'
    | 'MessageFormat'
    | `${string}:${string}`;
  /** On top of the sum, minor units. */
  readonly tip?: number;
  /** Papers with the answer: none, as failures may come without. */
  readonly papers?: boolean;
  readonly signature?: boolean;
  /** The customer waits with his card until somebody aborts, at most this long. */
  readonly holdMs?: number;
  readonly holdAt?: 'before-card' | 'after-authorisation';
  /** The answer is lost on its way. */
  readonly lost?: 'answer' | 'request' | 'status-500' | 'garbage' | 'other-service-id';
  /** The power goes: before the card nothing happened, afterwards the journal knows of it. */
  readonly reboot?: 'before-card' | 'after-authorisation';
  /** Parts that the schema demands and the field leaves out. */
  readonly bareFailure?: boolean;
  readonly sumInAnswer?: number;
  readonly pan?: string;
  readonly brand?: string;
  /** The name under which somebody armed it. */
  readonly fault?: string;
}

/** What customers do by themselves. */
export interface Manner {
  /** From «present card» to a card. */
  answerAfterMs: number;
  /** A card comes by itself; otherwise somebody presents one, or the customer goes away. */
  autoCard: boolean;
  /** That card. */
  card: PaymentScript;
}

export function defaultManner(): Manner {
  return { answerAfterMs: 0, autoCard: true, card: {} };
}

/** Without a card for so long, the customer has gone away. */
export const CARD_WAIT_MS = 60_000;

export interface Knobs {
  /** So many logins are answered with Busy. */
  loginBusy: number;
  /** Why a login is refused; null = it is not. */
  loginRefused: string | null;
  /** So many payments and reversals are answered with Busy. */
  paymentBusy: number;
  /** So many questions about a transaction are answered as unfinished. */
  statusBusy: number;
  /** What «unfinished» is called: Swedbank says Busy, the standard InProgress. */
  unfinished: 'Busy' | 'InProgress';
  /** Questions are answered with the transaction before, whatever was asked. */
  statusOlder: boolean;
  /** Questions with a reference are not understood. */
  statusPlainOnly: boolean;
  reversalFails: boolean;
  /** Version 3.0 of the standard: ManufacturerID instead of ProviderIdentification. */
  standard30: boolean;
  /** What is refused at once is answered without the parts that the schema demands. */
  bareRefusals: boolean;
  /** Diagnosis, totals and reconciliation are known. */
  services: boolean;
  hostReachable: boolean;
  /** How paper is announced in the default style. */
  printMode: 'NotRequired' | 'Immediate' | 'PrintEnd';
  /** The flag of display texts; null = left out. */
  displayFlag: boolean | null;
  /** How long the terminal waits for the cashier, seconds. */
  inputSeconds: number;
  /** Text ids before texts. */
  textIds: boolean;
}

export function defaultKnobs(): Knobs {
  return {
    loginBusy: 0,
    loginRefused: null,
    paymentBusy: 0,
    statusBusy: 0,
    unfinished: 'Busy',
    statusOlder: false,
    statusPlainOnly: false,
    reversalFails: false,
    standard30: false,
    bareRefusals: false,
    services: false,
    hostReachable: true,
    printMode: 'NotRequired',
    displayFlag: false,
    inputSeconds: 30,
    textIds: true,
  };
}
