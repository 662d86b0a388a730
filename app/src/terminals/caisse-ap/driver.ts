// Caisse-AP over IP: one message there, one back. It has no journal, no confirmation and no cancel.
import type { MinorUnits } from '../../domain/money.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  DriverCapabilities,
  TerminalDriver,
  TerminalSetup,
} from '../../ports/terminal-driver.ts';
import type { Transport } from '../../ports/transport.ts';
import type { OperationRequest } from '../../domain/operation.ts';
import { expectationWithout, noFacts } from '../wire/no-journal.ts';
import { type Visit, Visits } from '../wire/visits.ts';
import {
  type CaisseRequest,
  decodeTags,
  encodeRequest,
  MESSAGE_BYTES_MAX,
  type Tags,
} from './messages.ts';
import type { CaisseApOptions } from './options.ts';
import { conclude } from './outcome.ts';

export interface CaisseApParts {
  readonly setup: TerminalSetup;
  readonly options: CaisseApOptions;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const CAPABILITIES: DriverCapabilities = {
  kinds: ['purchase', 'refund'],
  instalments: [],
  services: [],
  cancel: false,
  adjust: false,
};

export function createCaisseApDriver(parts: CaisseApParts): TerminalDriver {
  const { setup, options, clock } = parts;
  const visits = new Visits({
    ...parts,
    address: setup.address,
    checkEveryMs: options.checkEveryMs,
  });
  const position = String(options.position).padStart(2, '0');
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
      const plan = planOf(exchange.operation.request);
      if ('kind' in plan) return plan;
      const { amount, type } = plan;
      const { currency } = setup;
      const request: CaisseRequest = { till: options.tillId, position, currency, amount, type };
      const visited = await visits.visit(options.turnWaitMs, async (visit) => {
        await exchange.started(null);
        if (!(await visit.send(encodeRequest(request)))) return unknownOutcome('send-failed');
        const tags = await answer(visit, clock, options.answerTimeoutMs, exchange.signal);
        if (typeof tags === 'string') return unknownOutcome(tags);
        const { trustCodeOnly } = options;
        return conclude(tags, { amount, currency, position, trustCodeOnly });
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

function planOf(
  request: OperationRequest,
): { amount: MinorUnits; type: CaisseRequest['type'] } | Outcome {
  switch (request.kind) {
    case 'purchase':
      return request.discount > 0
        ? failedOutcome('terminal-refused', 'this protocol has no discount')
        : { amount: request.amount, type: 'debit' };
    case 'refund':
      return { amount: request.amount, type: 'credit' };
    default:
      return failedOutcome('method-missing');
  }
}

/** Nothing marks the end of a message: it is whole, and then quiet for so long or closed. */
const QUIET_MS = 300;

async function answer(
  { reader }: Visit,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Tags | 'link-cut' | 'deadline-passed' | 'unreadable-answer'> {
  const end = clock.monotonic() + timeoutMs;
  const bytes: number[] = [];
  for (;;) {
    const decoded = decodeTags(Uint8Array.from(bytes));
    if (decoded.kind === 'garbage' || bytes.length > MESSAGE_BYTES_MAX) return 'unreadable-answer';
    const whole = decoded.kind === 'tags' ? decoded.tags : null;
    const begun = bytes.length > 0;
    // A cancel or a deadline does not cut an answer that is arriving.
    const wait = begun && whole !== null ? QUIET_MS : end - clock.monotonic();
    const read = await reader.next(wait, begun ? null : signal);
    switch (read.kind) {
      case 'byte':
        bytes.push(read.byte);
        break;
      case 'closed':
        return whole ?? (begun ? 'unreadable-answer' : 'link-cut');
      case 'silence':
      case 'aborted':
        return whole ?? (begun ? 'unreadable-answer' : 'deadline-passed');
    }
  }
}
