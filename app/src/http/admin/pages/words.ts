// States as people see them: a word and a shape; colour only repeats them.
import { amountOf, type Operation, type OperationState } from '../../../domain/operation.ts';
import { KIND_WORDS, LINK_WORDS, STATE_WORDS } from '../../../domain/texts/states.ts';
import type { LinkName } from '../../../operations/gateway.ts';
import type { Language } from '../../../operations/settings-schema.ts';
import type { Visit } from '../parts.ts';

export interface Badge {
  readonly look: 'good' | 'working' | 'alarm' | 'off';
  readonly icon: string;
  readonly word: string;
}

const STATE_LOOKS: Readonly<Record<OperationState, readonly [Badge['look'], string]>> = {
  accepted: ['working', 'working'],
  queued: ['working', 'working'],
  running: ['working', 'working'],
  confirming: ['working', 'working'],
  approved: ['good', 'good'],
  declined: ['off', 'no'],
  cancelled: ['off', 'no'],
  failed: ['off', 'no'],
  reversed: ['off', 'back'],
  unknown: ['alarm', 'alarm'],
};

const LINK_LOOKS: Readonly<Record<LinkName, readonly [Badge['look'], string]>> = {
  ready: ['good', 'good'],
  busy: ['working', 'working'],
  connecting: ['working', 'working'],
  unresolved: ['alarm', 'alarm'],
  offline: ['alarm', 'no'],
  disabled: ['off', 'off'],
};

export function badgeOfState(state: OperationState, language: Language): Badge {
  const [look, icon] = STATE_LOOKS[state];
  return { look, icon, word: STATE_WORDS[language][state] };
}

export function badgeOfLink(link: LinkName, language: Language): Badge {
  const [look, icon] = LINK_LOOKS[link];
  return { look, icon, word: LINK_WORDS[language][link] };
}

export function kindWord(operation: Operation, language: Language): string {
  return KIND_WORDS[language][operation.request.kind];
}

/** A part of the gateway's health by its name; one that is not known keeps it. */
export function partWord(name: string, { t }: Visit): string {
  switch (name) {
    case 'ledger':
      return t.partLedger;
    case 'gateway':
      return t.partGateway;
    case 'clock':
      return t.partClock;
    case 'settings':
      return t.partSettings;
    default:
      return name;
  }
}

/** A line of a list of operations. */
export function rowOf(operation: Operation, visit: Visit, terminalName: (id: string) => string) {
  const { request, result, seen } = operation;
  const amount = operation.approvedAmount ?? amountOf(request);
  return {
    href: `/admin/operations/${encodeURIComponent(operation.id)}`,
    id: operation.id,
    when: visit.f.when(operation.createdAt),
    kind: kindWord(operation, visit.language),
    terminal: terminalName(request.terminal),
    reference: request.reference,
    card: shortMask(result?.card?.mask ?? seen.cardMask),
    amount: amount === null ? null : visit.f.money(amount, request.currency),
    badge: badgeOfState(operation.state, visit.language),
  };
}

/** `516815******9659` → `•• 9659`. */
export function shortMask(mask: string | null): string | null {
  const last = mask === null ? null : (/\d{4}$/.exec(mask)?.[0] ?? null);
  return last === null ? mask : `••\u00A0${last}`;
}
