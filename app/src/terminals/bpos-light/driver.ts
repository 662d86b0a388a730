// B-POS light: purchase with confirmation, void, settlement. It has no journal to ask.
import { OPERATION_DEADLINE_MS } from '../../domain/limits.ts';
import { type MinorUnits, minorUnits } from '../../domain/money.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  DriverCapabilities,
  Exchange,
  TerminalDriver,
  TerminalSetup,
} from '../../ports/terminal-driver.ts';
import type { Transport } from '../../ports/transport.ts';
import { meaningOf } from '../wire/bank-codes.ts';
import { expectationWithout, noFacts } from '../wire/no-journal.ts';
import { type Visit, Visits } from '../wire/visits.ts';
import { type BposLightOptions, merchantIdOf } from './options.ts';
import { codeOf, conclude, resultOf, totalsOf } from './outcome.ts';
import { ask, type Asking, type Reply } from './session.ts';

export interface BposLightParts {
  readonly setup: TerminalSetup;
  readonly options: BposLightOptions;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const CAPABILITIES: DriverCapabilities = {
  kinds: ['purchase', 'void', 'settlement'],
  instalments: [],
  services: [],
  cancel: true,
  adjust: false,
};

type Field = readonly [string, string];
type Planned =
  | { kind: 'plan'; verb: Asking['verb']; fields: readonly Field[]; amount: MinorUnits | null }
  | { kind: 'refused'; outcome: Outcome };

export function createBposLightDriver(parts: BposLightParts): TerminalDriver {
  const { setup, options, clock } = parts;
  const visits = new Visits({
    ...parts,
    address: setup.address,
    checkEveryMs: options.checkEveryMs,
  });
  return {
    capabilities: CAPABILITIES,
    start: () => visits.start(),
    stop: () => visits.stop(),
    link: () => visits.state,
    identity: () => null,
    clockSkewMs: () => null,
    lastSeen: () => visits.lastSeen,
    onLinkChange: (listener) => visits.onChange(listener),
    perform: async (exchange) => {
      const plan = planOf(exchange, setup, options);
      if (plan.kind === 'refused') return plan.outcome;
      const visited = await visits.visit(options.turnWaitMs, async (visit) => {
        await exchange.started(null);
        return run(visit, exchange, plan, parts);
      });
      if (visited.kind === 'visited') return visited.value;
      return visited.kind === 'busy'
        ? failedOutcome('terminal-busy-itself')
        : failedOutcome('terminal-offline', visited.reason);
    },
    expectation: (operation) => expectationWithout(operation),
    lookUp: () => Promise.resolve(noFacts(clock.now())),
    test: () => visits.test(options.turnWaitMs),
  };
}

function planOf(exchange: Exchange, setup: TerminalSetup, options: BposLightOptions): Planned {
  const { operation, original } = exchange;
  const { request } = operation;
  const id = merchantIdOf(options, request.merchant ?? setup.defaultMerchant);
  const merchant: Field[] = id === null ? [] : [['MID', id]];
  switch (request.kind) {
    case 'purchase': {
      if (request.discount > 0) return refused('terminal-refused', 'this protocol has no discount');
      const fields: Field[] = [['AMOUNT', String(request.amount)], ...merchant];
      return { kind: 'plan', verb: 'PUR', fields, amount: request.amount };
    }
    case 'void': {
      const invoice = request.invoice ?? original?.result?.invoice ?? null;
      if (invoice === null) return refused('original-not-usable', null);
      const amount = original?.approvedAmount ?? null;
      return { kind: 'plan', verb: 'CAN', fields: [['INVOICE', invoice], ...merchant], amount };
    }
    case 'settlement':
      return { kind: 'plan', verb: 'SET', fields: merchant, amount: null };
    default:
      return refused('method-missing', null);
  }
}

function refused(
  code: 'terminal-refused' | 'original-not-usable' | 'method-missing',
  text: string | null,
): Planned {
  return { kind: 'refused', outcome: failedOutcome(code, text) };
}

async function run(
  visit: Visit,
  exchange: Exchange,
  plan: Extract<Planned, { kind: 'plan' }>,
  { options, clock }: BposLightParts,
): Promise<Outcome> {
  const { ackTimeoutMs, trustCodeOnly } = options;
  const reply = await ask(visit, clock, {
    verb: plan.verb,
    fields: plan.fields,
    ackTimeoutMs,
    timeoutMs: OPERATION_DEADLINE_MS,
    signal: exchange.signal,
    cancel: exchange.cancelRequested,
    onText: (text) => exchange.display('', text),
  });
  const interrupted = exchange.cancelRequested.aborted;
  if (reply.kind !== 'answered') return concludeWithout(reply, plan.verb, interrupted);
  if (plan.verb === 'SET') return concludeSettlement(reply.fields);
  const verdict = conclude(reply.fields, { amount: plan.amount, interrupted, trustCodeOnly });
  if (verdict.kind === 'no') return verdict.outcome;
  const { result } = verdict;
  const sum = plan.amount ?? minorUnits(0);
  const mask = result.card?.mask ?? null;
  if (mask !== null) exchange.cardSeen(mask);
  if (plan.verb === 'PUR') {
    // Without its invoice a purchase cannot be confirmed, and the terminal takes it back.
    if (result.invoice === null) return unknownOutcome('contradictory-answer', null, result);
    await exchange.confirming(sum, result);
    const confirmed = await confirm(visit, result.invoice, options, clock);
    if (!confirmed) return unknownOutcome('confirm-lost', null, result);
  }
  const approvedAmount = plan.amount;
  return {
    kind: 'approved',
    code: 'approved',
    approvedAmount,
    discount: null,
    bonus: null,
    result,
  };
}

async function confirm(
  visit: Visit,
  invoice: string,
  { ackTimeoutMs, confirmTimeoutMs }: BposLightOptions,
  clock: Clock,
): Promise<boolean> {
  const reply = await ask(visit, clock, {
    verb: 'CON',
    fields: [['INVOICE', invoice]],
    ackTimeoutMs,
    timeoutMs: confirmTimeoutMs,
    signal: null,
    cancel: null,
    onText: () => undefined,
  });
  return reply.kind === 'answered' && codeOf(reply.fields['RC'] ?? null) === 0;
}

function concludeWithout(
  reply: Exclude<Reply, { kind: 'answered' }>,
  verb: Asking['verb'],
  interrupted: boolean,
): Outcome {
  switch (reply.kind) {
    case 'aborted': {
      // A purchase that ends before our confirmation cannot stand; the others need none.
      if (verb !== 'PUR') return unknownOutcome('lost-answer');
      const code = interrupted ? 'cancelled-by-till' : 'cancelled-at-terminal';
      return { kind: 'cancelled', code, terminalText: null, result: null };
    }
    case 'refused':
      return failedOutcome('terminal-refused');
    case 'lost':
      return unknownOutcome(reply.code);
  }
}

/** It empties the terminal's journal: only a listed code is certain. */
function concludeSettlement(fields: Readonly<Record<string, string>>): Outcome {
  const result = { ...resultOf(fields), extra: totalsOf(fields) };
  const meaning = meaningOf(codeOf(result.responseCode));
  const terminalText = fields['MSG'] ?? null;
  switch (meaning.kind) {
    case 'approved': {
      const nothing = { approvedAmount: null, discount: null, bonus: null };
      return { kind: 'approved', code: 'done', ...nothing, result };
    }
    case 'declined':
    case 'refused':
      return { kind: 'failed', code: meaning.code, terminalText, result };
    case 'cancelled':
      return { kind: 'cancelled', code: 'cancelled-at-terminal', terminalText, result };
    case 'unknown':
      return unknownOutcome(meaning.code, terminalText, result);
  }
}
