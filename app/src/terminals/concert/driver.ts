// Concert E+ (Telium over USB or RS-232). It has no journal to ask, no confirmation and no cancel.
import { failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import type { MinorUnits } from '../../domain/money.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  DriverCapabilities,
  Exchange,
  TerminalDriver,
  TerminalSetup,
} from '../../ports/terminal-driver.ts';
import type { Transport } from '../../ports/transport.ts';
import { expectationWithout, noFacts } from '../wire/no-journal.ts';
import { Visits } from '../wire/visits.ts';
import { CONCERT_AMOUNT_MAX, encodeRequest, type TransactionType } from './messages.ts';
import type { ConcertOptions } from './options.ts';
import { conclude } from './outcome.ts';
import { ask, type Reply } from './session.ts';

export interface ConcertParts {
  readonly setup: TerminalSetup;
  readonly options: ConcertOptions;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const CAPABILITIES: DriverCapabilities = {
  kinds: ['purchase', 'refund', 'void'],
  instalments: [],
  services: [],
  cancel: false,
  adjust: false,
};

type Planned =
  | { kind: 'plan'; type: TransactionType; amount: MinorUnits }
  | { kind: 'refused'; outcome: Outcome };

export function createConcertDriver(parts: ConcertParts): TerminalDriver {
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
      const plan = planOf(exchange);
      if (plan.kind === 'refused') return plan.outcome;
      const { amount, type } = plan;
      const { withReport, forceOnline, trustCodeOnly } = options;
      const position = String(options.position).padStart(2, '0');
      const { currency } = setup;
      const request = { position, amount, currency, type, withReport, forceOnline };
      const visited = await visits.visit(options.turnWaitMs, (visit) =>
        ask(visit, clock, {
          frame: encodeRequest(request),
          timeoutMs: options.answerTimeoutMs,
          signal: exchange.signal,
          onSending: () => exchange.started(null),
        }),
      );
      if (visited.kind === 'busy') return failedOutcome('terminal-busy-itself');
      if (visited.kind === 'unavailable') return failedOutcome('terminal-offline', visited.reason);
      const reply = visited.value;
      return reply.kind === 'answered'
        ? conclude(reply.answer, { position, amount, currency, trustCodeOnly })
        : concludeWithout(reply);
    },
    expectation: (operation) => expectationWithout(operation),
    lookUp: () => Promise.resolve(noFacts(clock.now())),
    test: () => visits.test(options.turnWaitMs),
  };
}

function concludeWithout(reply: Exclude<Reply, { kind: 'answered' }>): Outcome {
  switch (reply.kind) {
    case 'not-started': {
      // A scanner or a printer on the wrong socket opens as well as a terminal does.
      const told = reply.device === null ? '' : `; on the line: ${reply.device}`;
      return failedOutcome('terminal-offline', `the terminal does not answer the call${told}`);
    }
    case 'refused':
      return failedOutcome('terminal-refused');
    case 'lost':
      return unknownOutcome(reply.code);
  }
}

function refused(text: string): Planned {
  return { kind: 'refused', outcome: failedOutcome('terminal-refused', text) };
}

function sum(amount: MinorUnits, type: TransactionType): Planned {
  return amount > CONCERT_AMOUNT_MAX
    ? refused('the sum has more than eight digits')
    : { kind: 'plan', type, amount };
}

function planOf({ operation, original }: Exchange): Planned {
  const { request } = operation;
  switch (request.kind) {
    case 'purchase':
      return request.discount > 0
        ? refused('this protocol has no discount')
        : sum(request.amount, 'debit');
    case 'refund':
      return sum(request.amount, 'credit');
    case 'void': {
      const amount = original?.approvedAmount ?? null;
      // The protocol names no receipt; which sale is taken back is settled on the terminal.
      return amount === null
        ? { kind: 'refused', outcome: failedOutcome('original-not-usable') }
        : sum(amount, 'cancel');
    }
    default:
      return { kind: 'refused', outcome: failedOutcome('method-missing') };
  }
}
