import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DecidedOutcome, EventKind, OperationEvent } from '../../app/src/domain/event.ts';
import type { EvidenceRecord } from '../../app/src/domain/evidence.ts';
import { operationId, terminalId } from '../../app/src/domain/ids.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import {
  isFinal,
  isUnresolved,
  type Operation,
  type OperationKind,
  type OperationState,
  type Question,
  STATES,
} from '../../app/src/domain/operation.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import { transition } from '../../app/src/domain/transition.ts';

const AT = Date.UTC(2026, 0, 5, 10, 0, 0);
const SUM = minorUnits(12_345);
const OTHER = operationId('void-1');

const QUESTION: Question = {
  kind: 'adjust',
  askedAt: AT,
  deadline: AT + 25_000,
  loyalty: null,
  cardMask: null,
  entry: null,
};

const OUTCOMES: Readonly<Record<DecidedOutcome['kind'], DecidedOutcome>> = {
  approved: {
    kind: 'approved',
    code: 'approved',
    approvedAmount: SUM,
    discount: null,
    bonus: null,
    result: { ...EMPTY_RESULT, rrn: '014721258513' },
  },
  declined: { kind: 'declined', code: 'declined-by-bank', terminalText: null, result: null },
  cancelled: { kind: 'cancelled', code: 'cancelled-by-till', terminalText: null, result: null },
  failed: { kind: 'failed', code: 'terminal-refused', terminalText: null, result: null },
  reversed: { kind: 'reversed', code: 'reversed', terminalText: null, result: null },
};

const RECORD: EvidenceRecord = {
  at: AT,
  watermark: null,
  facts: {
    readAt: AT,
    idle: true,
    terminalId: null,
    batch: null,
    lastInvoice: null,
    complete: true,
  },
  entries: [],
  decided: false,
  code: 'evidence-no-watermark',
};

const EVENTS: Readonly<Record<EventKind, OperationEvent>> = {
  accepted: accepted('purchase'),
  queued: { kind: 'queued', at: AT },
  started: { kind: 'started', at: AT, watermark: null },
  display: { kind: 'display', at: AT, status: '3', text: 'Авторизація' },
  'card-seen': { kind: 'card-seen', at: AT, cardMask: '516815******9659' },
  'cancel-requested': { kind: 'cancel-requested', at: AT, by: 'till' },
  asked: { kind: 'asked', at: AT, question: QUESTION },
  answered: {
    kind: 'answered',
    at: AT,
    answer: { kind: 'adjust', amount: SUM, discount: minorUnits(0) },
    by: 'till',
  },
  unanswered: { kind: 'unanswered', at: AT },
  confirming: { kind: 'confirming', at: AT, approvedAmount: SUM, result: EMPTY_RESULT },
  concluded: { kind: 'concluded', at: AT, outcome: OUTCOMES.approved },
  lost: { kind: 'lost', at: AT, code: 'lost-answer', terminalText: null, result: null },
  examined: { kind: 'examined', at: AT, record: RECORD },
  resolved: {
    kind: 'resolved',
    at: AT,
    outcome: OUTCOMES.approved,
    resolution: { by: 'evidence', at: AT },
    record: RECORD,
  },
  reversed: { kind: 'reversed', at: AT, by: OTHER },
};

/** Events that bring a purchase into each state, each a path of its own life. */
const PATHS: Readonly<Record<OperationState, readonly OperationEvent[]>> = {
  accepted: [EVENTS.accepted],
  queued: [EVENTS.accepted, EVENTS.queued],
  running: [EVENTS.accepted, EVENTS.started],
  confirming: [EVENTS.accepted, EVENTS.started, EVENTS.confirming],
  unknown: [EVENTS.accepted, EVENTS.started, EVENTS.lost],
  approved: [EVENTS.accepted, EVENTS.started, EVENTS.concluded],
  declined: [EVENTS.accepted, EVENTS.started, concluded('declined')],
  cancelled: [EVENTS.accepted, EVENTS.started, concluded('cancelled')],
  failed: [EVENTS.accepted, EVENTS.started, concluded('failed')],
  reversed: [EVENTS.accepted, EVENTS.started, EVENTS.concluded, EVENTS.reversed],
};

// What each event makes of each open state; `–` is illegal. In a final state everything is,
// except that an approval can be reversed.
const LEGAL = `
                  accepted   queued     running     confirming  unknown
accepted          –          –          –           –           –
queued            queued     –          –           –           –
started           running    running    –           –           –
display           –          –          running     confirming  unknown
card-seen         –          –          running     confirming  unknown
cancel-requested  accepted   queued     running     confirming  unknown
asked             –          –          running     –           –
answered          –          –          –           –           –
unanswered        –          –          running     –           –
confirming        –          –          confirming  –           –
lost              –          –          unknown     unknown     –
examined          –          –          –           –           unknown
reversed          –          –          –           –           –
`;

// The same for conclusions and resolutions, by what they conclude.
const ENDINGS = `
                     accepted   queued     running    confirming  unknown
concluded approved   –          –          approved   approved    –
concluded declined   –          –          declined   –           –
concluded cancelled  cancelled  cancelled  cancelled  –           –
concluded failed     failed     failed     failed     –           –
concluded reversed   –          –          reversed   –           –
resolved approved    –          –          –          –           approved
resolved declined    –          –          –          –           declined
resolved cancelled   –          –          –          –           cancelled
resolved failed      –          –          –          –           failed
resolved reversed    –          –          –          –           reversed
`;

for (const { state, row, next } of cells(LEGAL, 1)) {
  test(`${row[0]} in ${state} ${next === '–' ? 'is illegal' : `leads to ${next}`}`, () => {
    expectStep(state, EVENTS[row[0] as EventKind], next); // the first column names events
  });
}

for (const { state, row, next } of cells(ENDINGS, 2)) {
  test(`${row.join(' ')} in ${state} ${next === '–' ? 'is illegal' : `leads to ${next}`}`, () => {
    const kind = row[1] as DecidedOutcome['kind']; // the second column names outcomes
    expectStep(state, row[0] === 'concluded' ? concluded(kind) : resolved(kind), next);
  });
}

test('every event is in one of the tables', () => {
  const named = new Set([...cells(LEGAL, 1), ...cells(ENDINGS, 2)].map(({ row }) => row[0]));
  assert.deepEqual(named, new Set(Object.keys(EVENTS)));
});

test('a final state takes no event, except that an approval can be reversed', () => {
  for (const state of STATES.filter(isFinal)) {
    for (const event of allEvents()) {
      const legal = state === 'approved' && event.kind === 'reversed';
      expectStep(state, event, legal ? 'reversed' : '–');
    }
  }
});

test('nothing happens to an operation that was not accepted', () => {
  for (const event of allEvents().filter(({ kind }) => kind !== 'accepted')) {
    const step = transition(null, event);
    assert.equal(step.kind, 'illegal', event.kind);
    assert.match(step.kind === 'illegal' ? step.reason : '', /before accepted/);
  }
});

test('cash is concluded without a terminal, a purchase is not', () => {
  const cash = operationAfter([accepted('cash')]);
  assert.equal(transition(cash, EVENTS.concluded).kind, 'moved');
  assert.equal(transition(at('accepted'), EVENTS.concluded).kind, 'illegal');
});

test('a question is answered once, and by an answer of its kind', () => {
  const asked = operationAfter([...PATHS.running, EVENTS.asked]);
  assert.equal(asked.message.code, 'waiting-for-adjustment');
  const confirm = { kind: 'confirm', confirmed: true } as const;
  const wrong = { kind: 'answered', at: AT, answer: confirm, by: 'till' } as const;
  assert.equal(transition(asked, wrong).kind, 'illegal');
  const answered = operationAfter([...PATHS.running, EVENTS.asked, EVENTS.answered]);
  assert.deepEqual(answered.adjusted, { amount: SUM, discount: 0 });
  assert.equal(answered.question, null);
  assert.equal(transition(answered, EVENTS.answered).kind, 'illegal');
});

test('an approval keeps what the terminal said, a reversal keeps the approved sum', () => {
  const approved = at('approved');
  assert.equal(approved.approvedAmount, SUM);
  assert.equal(approved.result?.rrn, '014721258513');
  const reversed = operationAfter([...PATHS.approved, EVENTS.reversed]);
  assert.equal(reversed.approvedAmount, SUM);
  assert.deepEqual(reversed.resolution, { by: 'operation', at: AT, operation: OTHER });
});

test('a bank’s yes that comes to nothing leaves no approved sum', () => {
  const lost = operationAfter([...PATHS.confirming, EVENTS.lost, resolved('declined')]);
  assert.equal(lost.state, 'declined');
  assert.equal(lost.approvedAmount, null);
});

test('the first request to cancel is the one that is remembered', () => {
  const later = { kind: 'cancel-requested', at: AT + 1, by: 'till' } as const;
  const twice = operationAfter([...PATHS.running, EVENTS['cancel-requested'], later]);
  assert.equal(twice.cancelRequestedAt, AT);
});

test('a person’s decision does not wipe out what the journal said', () => {
  const person = { by: 'person', at: AT, name: 'Олена', reason: 'чек', key: 'shift' } as const;
  const decision = { ...resolved('declined'), resolution: person, record: null };
  const operation = operationAfter([...PATHS.unknown, EVENTS.examined, decision]);
  assert.deepEqual(operation.evidence, RECORD);
  assert.deepEqual(operation.resolution, person);
});

test('whatever happens: one version a step, finals stay, unknown ends by resolution only', () => {
  const events = fc.array(fc.constantFrom(...allEvents()), { maxLength: 40 });
  fc.assert(
    fc.property(events, (later) => {
      let operation = at('accepted');
      for (const event of later) {
        const before = operation;
        const frozen = structuredClone(before);
        const step = transition(before, event);
        assert.deepEqual(before, frozen, 'the row before is not touched');
        if (step.kind === 'illegal') {
          assert.match(step.reason, new RegExp(`^${event.kind} in state ${before.state}$`));
          continue;
        }
        operation = step.operation;
        assert.equal(operation.version, before.version + 1);
        assert.deepEqual(operation.request, before.request);
        assert.equal(operation.bodyHash, before.bodyHash);
        if (isFinal(before.state)) {
          assert.equal(`${before.state} → ${operation.state}`, 'approved → reversed');
        }
        if (before.state === 'unknown' && operation.state !== 'unknown') {
          assert.equal(event.kind, 'resolved');
          assert.notEqual(operation.resolution, null);
        }
        assert.equal(operation.finishedAt !== null, isFinal(operation.state));
        assert.equal(isUnresolved(operation), operation.state === 'unknown');
        if (isFinal(operation.state)) assert.equal(operation.question, null);
        if (operation.state === 'approved') assert.notEqual(operation.result, null);
      }
    }),
    { numRuns: 300 },
  );
});

function expectStep(state: OperationState, event: OperationEvent, next: string): void {
  const before = at(state);
  const step = transition(before, event);
  if (next === '–') {
    assert.deepEqual(step, { kind: 'illegal', reason: `${event.kind} in state ${state}` });
    return;
  }
  assert.ok(step.kind === 'moved', step.kind === 'illegal' ? step.reason : '');
  assert.equal(step.operation.state, next);
  assert.equal(step.operation.version, before.version + 1);
}

function at(state: OperationState): Operation {
  const operation = operationAfter(PATHS[state]);
  assert.equal(operation.state, state);
  return operation;
}

function operationAfter(events: readonly OperationEvent[]): Operation {
  let operation: Operation | null = null;
  for (const event of events) {
    const step = transition(operation, event);
    assert.ok(step.kind === 'moved', step.kind === 'illegal' ? step.reason : '');
    operation = step.operation;
  }
  assert.ok(operation !== null);
  return operation;
}

function allEvents(): OperationEvent[] {
  const kinds = Object.keys(OUTCOMES) as DecidedOutcome['kind'][]; // the keys of the table
  return [...Object.values(EVENTS), ...kinds.map(concluded), ...kinds.map(resolved)];
}

function accepted(kind: Extract<OperationKind, 'purchase' | 'cash'>): OperationEvent {
  const zero = minorUnits(0);
  const body =
    kind === 'cash'
      ? { kind, amount: SUM, paid: SUM, change: zero, rest: zero }
      : { kind, amount: SUM, discount: zero };
  return {
    kind: 'accepted',
    at: AT,
    id: operationId('sale-1'),
    request: {
      ...body,
      terminal: terminalId('till-1'),
      currency: 'UAH',
      merchant: null,
      reference: null,
      cashier: null,
      order: null,
    },
    bodyHash: 'aa',
    askedBy: 'till',
  };
}

function concluded(kind: DecidedOutcome['kind']): Extract<OperationEvent, { kind: 'concluded' }> {
  return { kind: 'concluded', at: AT, outcome: OUTCOMES[kind] };
}

function resolved(kind: DecidedOutcome['kind']): Extract<OperationEvent, { kind: 'resolved' }> {
  const resolution = { by: 'evidence', at: AT } as const;
  return { kind: 'resolved', at: AT, outcome: OUTCOMES[kind], resolution, record: RECORD };
}

/** The cells of a table above; its first `names` columns name the row. */
function cells(
  table: string,
  names: number,
): { state: OperationState; row: readonly string[]; next: string }[] {
  const [head, ...rows] = table.trim().split('\n');
  const states = head!.trim().split(/\s+/) as OperationState[]; // the table’s head
  return rows.flatMap((line) => {
    const words = line.trim().split(/\s+/);
    assert.equal(words.length, names + states.length, line);
    return states.map((state, column) => ({
      state,
      row: words.slice(0, names),
      next: words[names + column]!,
    }));
  });
}
