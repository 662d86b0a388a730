// Cash that was taken: written down and concluded in one transaction, without the terminal.
import type { OperationEvent } from '../domain/event.ts';
import { refuse } from '../domain/failures.ts';
import { amountOf } from '../domain/operation.ts';
import { EMPTY_RESULT } from '../domain/outcome.ts';
import type { GatewayContext } from './context.ts';
import type { Started } from './gateway.ts';

/** The till states what has happened already, so nothing can be lost between the two events. */
export async function concludeAtOnce(
  context: GatewayContext,
  accepted: Extract<OperationEvent, { kind: 'accepted' }>,
): Promise<Started> {
  const { id, at, request } = accepted;
  const concluded = {
    kind: 'concluded',
    at,
    outcome: {
      kind: 'approved',
      code: 'approved',
      approvedAmount: amountOf(request),
      discount: null,
      bonus: null,
      result: EMPTY_RESULT,
    },
  } as const;
  const recorded = context.journal.record({ id, event: accepted }, { id, event: concluded });
  const operation = recorded.operations.at(-1);
  if (operation === undefined) throw new Error('an acceptance made no row');
  try {
    await recorded.durable;
  } catch (error) {
    context.log.error('acceptance-not-written', { operation: id }, error);
    return {
      kind: 'refused',
      refusal: refuse('ledger-unavailable', 'the ledger cannot be written'),
    };
  }
  return { kind: 'operation', operation, repeated: false };
}
