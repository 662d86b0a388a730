// Starts an operation or returns the known one. The order of checks is part of the contract.
import { type Refusal, refuse } from '../domain/failures.ts';
import type { OperationId, TerminalId } from '../domain/ids.ts';
import { minorUnits } from '../domain/money.ts';
import {
  KINDS,
  needsTerminal,
  type Operation,
  type OperationRequest,
  type RequestBody,
} from '../domain/operation.ts';
import { beyondLimits, forbidden, may, visible } from './access.ts';
import { concludeAtOnce } from './cash.ts';
import type { GatewayContext } from './context.ts';
import type { Principal, Started } from './gateway.ts';
import { bodyHash, type OperationBody } from './request-schema.ts';
import type { TerminalLane } from './terminal-lane.ts';

export async function start(
  context: GatewayContext,
  who: Principal,
  id: OperationId,
  body: OperationBody,
): Promise<Started> {
  if (!may(who, 'start')) return refused(forbidden('start'));
  const beyond = beyondLimits(who, body);
  if (beyond !== null) return refused(beyond);

  const hash = bodyHash(body);
  // From the last look at the id to `record` nothing is awaited: two equal requests that arrive
  // together cannot both be new.
  let known = context.ledger.find(id);
  while (known === null && context.journal.awaits(id)) {
    await context.journal.settled(id);
    known = context.ledger.find(id);
  }
  if (known !== null) return repeated(who, known, hash);

  const lane = chooseLane(context, who, body);
  if ('code' in lane) return refused(lane);
  const original = originalFor(context, who, body);
  if (original !== null && 'code' in original) return refused(original);
  const unable = unsupported(lane, body);
  if (unable !== null) return refused(unable);

  const patient = body.busy === 'wait' && needsTerminal(body.kind);
  const admission = needsTerminal(body.kind)
    ? lane.admission(KINDS[body.kind].gated, patient)
    : 'free';
  if (admission === 'unresolved' || admission === 'busy') return refused(busy(lane, admission));
  const closed = context.closed();
  if (closed !== null) return refused(closed);

  const at = context.clock.now();
  const request = requestOf(lane, body);
  const accepted = {
    kind: 'accepted',
    at,
    id,
    request,
    bodyHash: hash,
    askedBy: who.name,
  } as const;
  if (!needsTerminal(body.kind)) return concludeAtOnce(context, accepted);
  const entries =
    admission === 'queue'
      ? [
          { id, event: accepted },
          { id, event: { kind: 'queued', at } as const },
        ]
      : [{ id, event: accepted }];
  const recorded = context.journal.record(...entries);
  const operation = recorded.operations.at(-1);
  if (operation === undefined) throw new Error('an acceptance made no row');
  // The lane goes on at once: the ledger keeps the order, so `running` cannot be durable before
  // `accepted`, and both usually share one commit.
  lane.take(operation, original);
  try {
    await recorded.durable;
  } catch (error) {
    lane.discard(operation);
    context.log.error('acceptance-not-written', { operation: id }, error);
    return refused(refuse('ledger-unavailable', 'the ledger cannot be written'));
  }
  return { kind: 'operation', operation, repeated: false };
}

function repeated(who: Principal, known: Operation, hash: string): Started {
  if (visible(who, known) === null) {
    const detail = 'this key may not use the terminal of that operation';
    return refused(refuse('forbidden', detail, { operation: known.id }));
  }
  if (known.bodyHash !== hash) {
    return refused(
      refuse('id-reused', 'this id belongs to an operation with another body', {
        operation: known.id,
        bodyHash: known.bodyHash,
        createdAt: new Date(known.createdAt).toISOString(),
      }),
    );
  }
  return { kind: 'operation', operation: known, repeated: true };
}

/** Of requests that name no terminal. */
function unnamedLane(context: GatewayContext, who: Principal): TerminalLane | Refusal {
  const allowed = (id: string): boolean => who.limits.terminals?.includes(id) ?? true;
  const lanes = context.fleet.lanes().filter(({ id }) => allowed(id));
  const { defaultTerminal } = context.settings.current().http;
  if (defaultTerminal !== undefined && allowed(defaultTerminal)) {
    // Never another one in its place: the customer stands at this one.
    const named = lanes.find(({ id }) => id === defaultTerminal);
    return named ?? refuse('unknown-terminal', `${defaultTerminal}, the default, is disabled`);
  }
  const [only, second] = lanes;
  if (only === undefined) return refuse('unknown-terminal', 'no terminal is set up');
  return second === undefined ? only : refuse('unknown-terminal', 'several terminals: name one');
}

function chooseLane(
  context: GatewayContext,
  who: Principal,
  body: OperationBody,
): TerminalLane | Refusal {
  if (body.terminal === undefined) return unnamedLane(context, who);
  const lane = context.fleet.lane(body.terminal as TerminalId); // the body's schema is the brand
  return lane ?? refuse('unknown-terminal', `no terminal ${body.terminal}, or it is disabled`);
}

/** The operation that `of` names, null where there is none to name, or why it will not do. */
function originalFor(
  context: GatewayContext,
  who: Principal,
  body: OperationBody,
): Operation | null | Refusal {
  if (!('of' in body) || body.of === undefined) return null;
  const original = visible(who, context.ledger.find(body.of));
  if (original === null) return refuse('unknown-operation', `of: no operation ${body.of}`);
  const problem = originalProblem(original, body);
  return problem === null
    ? original
    : refuse('invalid-request', `of: ${problem}`, { errors: [{ path: 'of', message: problem }] });
}

function originalProblem(original: Operation, body: OperationBody): string | null {
  if (original.state !== 'approved') return `${original.id} is ${original.state}, not approved`;
  const taken = original.approvedAmount;
  if (taken === null) return `${original.id} moved no money`;
  if (original.request.kind === 'cash') return `${original.id} was paid in cash`;
  const amount = 'amount' in body ? (body.amount ?? null) : null;
  // A completion may pass what was held where the scheme allows it; the bank decides that.
  if (body.kind !== 'completion' && amount !== null && amount > taken) {
    return `the amount is above the ${taken} of ${original.id}`;
  }
  return null;
}

function unsupported(lane: TerminalLane, body: OperationBody): Refusal | null {
  const { capabilities } = lane.driver;
  const cannot = (detail: string): Refusal =>
    refuse('unsupported-by-terminal', detail, { terminal: lane.id });
  if (needsTerminal(body.kind) && !capabilities.kinds.includes(body.kind)) {
    return cannot(`this terminal has no ${body.kind}`);
  }
  if (body.kind === 'instalment' && !capabilities.instalments.includes(body.product)) {
    return cannot(`products of this terminal: ${capabilities.instalments.join(', ')}`);
  }
  if (body.kind === 'service' && !capabilities.services.includes(body.service)) {
    return cannot(`services of this terminal: ${capabilities.services.join(', ')}`);
  }
  if (body.currency !== undefined && body.currency !== lane.settings.currency) {
    return cannot(`this terminal works in ${lane.settings.currency}`);
  }
  const { merchants } = lane.settings;
  const named = body.merchant ?? 0;
  if (named !== 0 && merchants.length > 0 && !merchants.some(({ index }) => index === named)) {
    return cannot(`this terminal has no merchant ${named}`);
  }
  return null;
}

function busy(lane: TerminalLane, admission: 'busy' | 'unresolved'): Refusal {
  if (admission === 'unresolved') {
    return refuse('terminal-unresolved', 'an earlier operation of this terminal is unresolved', {
      terminal: lane.id,
      operation: lane.unresolved,
    });
  }
  return refuse('terminal-busy', 'the terminal is busy with another operation', {
    terminal: lane.id,
    operation: lane.current,
    queued: lane.queued,
  });
}

function requestOf(lane: TerminalLane, body: OperationBody): OperationRequest {
  return {
    ...withDefaults(body),
    terminal: lane.id,
    currency: body.currency ?? lane.settings.currency,
    merchant: body.merchant ?? null,
    reference: body.reference ?? null,
    cashier: body.cashier ?? null,
    order: body.order ?? null,
  };
}

function withDefaults(body: OperationBody): RequestBody {
  switch (body.kind) {
    case 'purchase':
      return { kind: body.kind, amount: body.amount, discount: body.discount ?? minorUnits(0) };
    case 'refund':
      return { kind: body.kind, amount: body.amount, of: body.of ?? null, rrn: body.rrn ?? null };
    case 'void':
      return { kind: body.kind, of: body.of ?? null, invoice: body.invoice ?? null };
    case 'preauthorization':
    case 'deposit':
    case 'cash-advance':
      return { kind: body.kind, amount: body.amount };
    case 'completion': {
      const { kind, amount } = body;
      const [of, rrn, authCode] = [body.of ?? null, body.rrn ?? null, body.authCode ?? null];
      return { kind, amount, of, rrn, authCode, held: body.held ?? null };
    }
    case 'cashback':
      return { kind: body.kind, amount: body.amount, cash: body.cash };
    case 'cash': {
      const { kind, amount, paid, change, rest } = body;
      return { kind, amount, paid, change, rest };
    }
    case 'instalment':
      return { kind: body.kind, product: body.product, parts: body.parts, amount: body.amount };
    case 'instalment-refund': {
      const { kind, amount } = body;
      const product = body.product ?? null;
      return { kind, amount, product, agreement: body.agreement ?? null, of: body.of ?? null };
    }
    case 'service': {
      const { kind, service } = body;
      return { kind, service, amount: body.amount ?? null, parameters: body.parameters ?? {} };
    }
    case 'receipt-copy':
      return { kind: body.kind, invoice: body.invoice ?? null };
    case 'settlement':
    case 'totals':
    case 'settlement-copy':
    case 'journal':
    case 'balance':
    case 'identify':
    case 'read-card':
    case 'check-host':
    case 'info':
      return { kind: body.kind };
  }
}

function refused(refusal: Refusal): Started {
  return { kind: 'refused', refusal };
}
