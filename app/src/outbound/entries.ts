// Which events somebody outside is told of, and in what words. Called inside the ledger's append:
// pure, fast, and the same for the same event.
import type { OperationEvent } from '../domain/event.ts';
import { amountOf, type Operation, type OperationKind } from '../domain/operation.ts';
import type { Settings } from '../operations/settings-schema.ts';
import { uidOf } from '../operations/till-uid.ts';
import type { OutboxEntry } from '../ports/ledger.ts';
import type { RegistrationPayload } from './registration-message.ts';

export const REGISTRATION_TOPIC = 'registration';
export const WEBHOOK_TOPIC = 'webhook';

export interface EntryParts {
  readonly settings: { current(): Settings };
  /** The operation as the API shows it, in the language of the shop. */
  readonly present: (operation: Operation) => unknown;
}

export function outboxOf(
  parts: EntryParts,
): (event: OperationEvent, operation: Operation) => readonly OutboxEntry[] {
  return (event, operation) => {
    const settings = parts.settings.current();
    return [
      ...registrationEntries(event, operation, settings),
      ...webhookEntries(event, operation, settings, parts.present),
    ];
  };
}

/** Which way the money of a kind goes; a preauthorization moves none before its completion. */
const DIRECTIONS: { readonly [K in OperationKind]?: 'in' | 'back' } = {
  purchase: 'in',
  completion: 'in',
  cashback: 'in',
  instalment: 'in',
  service: 'in',
  cash: 'in',
  refund: 'back',
  'instalment-refund': 'back',
};

function registrationEntries(
  event: OperationEvent,
  operation: Operation,
  settings: Settings,
): readonly OutboxEntry[] {
  const { enabled, corrections } = settings.registration;
  if (!enabled) return [];
  const payload = registrationOf(event, operation);
  if (payload === null || (payload.amount < 0 && !corrections)) return [];
  const { terminal } = operation.request;
  return [
    {
      topic: REGISTRATION_TOPIC,
      lane: terminal,
      operation: operation.id,
      payload: JSON.stringify(payload),
    },
  ];
}

/** What the processing server is told of this event, or null. */
function registrationOf(event: OperationEvent, operation: Operation): RegistrationPayload | null {
  const { request, approvedAmount } = operation;
  const common = { terminal: request.terminal, payType: 1, order: request.order } as const;
  if (event.kind === 'reversed') {
    // The void is a payment of its own with the opposite sign, told by its own id.
    const [asked, taken] = [amountOf(request) ?? 0, approvedAmount ?? 0];
    const sums = { amount: asked, payAmount: taken, chargeAmount: 0, restAmount: 0 };
    return { ...common, ...opposite(sums), uid: event.by, time: seconds(event.at) };
  }
  const ends = event.kind === 'concluded' || event.kind === 'resolved';
  if (!ends || operation.state !== 'approved' || approvedAmount === null) return null;
  const head = { ...common, uid: uidOf(operation), time: seconds(event.at) };
  if (request.kind === 'cash') {
    const { amount, paid, change, rest } = request;
    const sums = { amount, payAmount: paid, chargeAmount: change, restAmount: rest };
    return { ...head, ...sums, payType: 0 };
  }
  if (request.kind === 'void') {
    // With an original the reversal tells it, in the same transaction.
    if (request.of !== null) return null;
    const sums = { amount: approvedAmount, payAmount: approvedAmount };
    return { ...head, ...opposite({ ...sums, chargeAmount: 0, restAmount: 0 }) };
  }
  const direction = DIRECTIONS[request.kind];
  if (direction === undefined) return null;
  const amount = amountOf(request) ?? approvedAmount;
  const sums = { amount, payAmount: approvedAmount, chargeAmount: 0, restAmount: 0 };
  return { ...head, ...(direction === 'in' ? sums : opposite(sums)) };
}

type Sums = Pick<RegistrationPayload, 'amount' | 'payAmount' | 'chargeAmount' | 'restAmount'>;

/** The types of the seed have no sign for money that goes back; `xs:int` has one. */
function opposite({ amount, payAmount, chargeAmount, restAmount }: Sums): Sums {
  return {
    amount: 0 - amount,
    payAmount: 0 - payAmount,
    chargeAmount: 0 - chargeAmount,
    restAmount: 0 - restAmount,
  };
}

function seconds(at: number): number {
  return Math.floor(at / 1_000);
}

/** Events after which the state is another one. */
const STATE_CHANGES: readonly OperationEvent['kind'][] = [
  'accepted',
  'queued',
  'started',
  'confirming',
  'concluded',
  'lost',
  'resolved',
  'reversed',
];

function webhookEntries(
  event: OperationEvent,
  operation: Operation,
  settings: Settings,
  present: EntryParts['present'],
): readonly OutboxEntry[] {
  const hooks = settings.webhooks.filter(
    ({ disabled, states }) => !disabled && (states?.includes(operation.state) ?? true),
  );
  if (hooks.length === 0 || !STATE_CHANGES.includes(event.kind)) return [];
  const payload = JSON.stringify({
    type: `operation.${operation.state}`,
    at: new Date(event.at).toISOString(),
    operation: present(operation),
  });
  return hooks.map(({ name }) => ({
    topic: WEBHOOK_TOPIC,
    // Ordered for each operation and receiver: one that is away does not hold the others.
    lane: `${name}/${operation.id}`,
    operation: operation.id,
    payload,
  }));
}
