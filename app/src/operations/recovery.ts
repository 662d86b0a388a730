// Finds out what became of a lost operation: reads the terminal's journal until evidence decides
// or a person does. Never sends the operation again.
import { judge } from '../domain/evidence.ts';
import type { OperationId } from '../domain/ids.ts';
import { AMBIGUOUS_RETRY_MS, LOOKUP_RETRY_MS } from '../domain/limits.ts';
import { isFinal, type Operation } from '../domain/operation.ts';
import { reversalOf } from './exchange.ts';
import type { LaneContext, TerminalLane } from './terminal-lane.ts';

/** Runs until the operation is resolved or `signal` aborts; never throws. */
export async function recover(
  lane: TerminalLane,
  id: OperationId,
  original: Operation | null,
  signal: AbortSignal,
  context: LaneContext,
): Promise<void> {
  let pause = LOOKUP_RETRY_MS.first;
  while (!signal.aborted) {
    const looked = await look(lane, id, original, signal, context);
    if (looked === 'decided') {
      lane.release(id);
      return;
    }
    const ambiguous = looked === 'ambiguous';
    await rest(lane, ambiguous ? AMBIGUOUS_RETRY_MS : pause, signal, context);
    pause = ambiguous ? LOOKUP_RETRY_MS.first : Math.min(pause * 2, LOOKUP_RETRY_MS.longest);
  }
}

type Looked = 'decided' | 'ambiguous' | 'not-yet';

async function look(
  lane: TerminalLane,
  id: OperationId,
  original: Operation | null,
  signal: AbortSignal,
  context: LaneContext,
): Promise<Looked> {
  const { journal, clock, log } = context;
  try {
    return await lane.lookUpTurn(async () => {
      const operation = journal.head(id);
      if (signal.aborted) return 'not-yet';
      if (operation === null || isFinal(operation.state)) {
        // Ended elsewhere: by a person, or by a lane that these settings replaced.
        await journal.settled(id);
        const ended = journal.durable(id);
        return ended === null || isFinal(ended.state) ? 'decided' : 'not-yet';
      }
      if (operation.state !== 'unknown') return 'not-yet';
      const facts = await lane.driver.lookUp(operation, signal, original);
      if (facts === null || signal.aborted) return 'not-yet';
      const expectation = lane.driver.expectation(operation, original);
      const { outcome, record } = judge(expectation, operation.watermark, facts);
      context.lookedUp(outcome !== null);
      if (outcome === null || outcome.kind === 'unknown') {
        if (operation.evidence?.code !== record.code) {
          const event = { kind: 'examined', at: clock.now(), record } as const;
          await journal.record({ id, event }).durable;
        }
        return 'ambiguous';
      }
      const at = clock.now();
      const resolution = { by: 'evidence', at } as const;
      const event = { kind: 'resolved', at, outcome, resolution, record } as const;
      const reversal = reversalOf(operation, original, outcome, at, journal);
      await journal.record({ id, event }, ...reversal).durable;
      return 'decided';
    });
  } catch (error) {
    log.error('look-up-failed', { operation: id, terminal: lane.id }, error);
    return 'not-yet';
  }
}

/** Sleeps, but a link that comes back ends the sleep: the terminal may be asked again. */
async function rest(
  lane: TerminalLane,
  ms: number,
  signal: AbortSignal,
  context: LaneContext,
): Promise<void> {
  if (signal.aborted) return;
  const wake = new AbortController();
  const sleeping = AbortSignal.any([signal, wake.signal]);
  const unlisten = lane.onReady(() => wake.abort(new Error('link is back')));
  await context.clock.sleep(ms, sleeping).catch(() => undefined);
  unlisten();
}
