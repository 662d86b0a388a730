// Tells the till of a running operation: the terminal's texts, and its questions to the cashier.
import type { OperationId } from '../../domain/ids.ts';
import type { Question } from '../../domain/operation.ts';
import type { Gateway } from '../../operations/gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { TillLine } from './call-back.ts';
import type { Caller } from './pairing.ts';

/** The returned function ends it. */
export function follow(
  { gateway, clock, log }: { readonly gateway: Gateway; readonly clock: Clock; readonly log: Log },
  { who }: Caller,
  session: { readonly style: 'default' | 'light'; readonly line: TillLine | null },
  id: OperationId,
): () => void {
  const answer = async (question: Extract<Question, { kind: 'confirm' }>): Promise<void> => {
    // SPEC 5.7: a till of the light style looks at the signature after the answer, and takes the
    // payment back itself.
    const confirmed =
      session.style === 'light' ? true : ((await session.line?.confirm(question)) ?? null);
    if (confirmed === null) return;
    for (;;) {
      const done = await gateway.answer(who, id, { kind: 'confirm', confirmed });
      if (done.kind === 'operation') return;
      // The question is told when it is on disk, a moment before its answer can be taken.
      const early = done.refusal.code === 'not-cancellable' && clock.now() < question.deadline;
      const open = gateway.find(who, id)?.question?.kind === 'confirm';
      if (!early || !open) {
        log.warn('nexo-answer-refused', { code: done.refusal.code });
        return;
      }
      await clock.sleep(ANSWER_AGAIN_MS);
    }
  };
  return gateway.subscribe(id, ({ event }) => {
    if (event.kind === 'display') session.line?.show(event.text);
    if (event.kind !== 'asked' || event.question.kind !== 'confirm') return;
    answer(event.question).catch((error: unknown) => log.error('nexo-answer-failed', {}, error));
  });
}

const ANSWER_AGAIN_MS = 20;
