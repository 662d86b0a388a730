// After a loss: what we expect to find in the terminal's journal, and how it is read.
import type { Expectation, TerminalFacts } from '../../domain/evidence.ts';
import { minorUnits } from '../../domain/money.ts';
import type { Operation } from '../../domain/operation.ts';
import { type Core, readerContext, setWatermark } from './core.ts';
import { text } from './fields.ts';
import { completeIdentity } from './identity.ts';
import { canonicalInvoice } from './journal.ts';
import { STATUS_IDLE } from './messages.ts';
import { readFacts } from './reader.ts';
import { planOf } from './requests.ts';
import type { Session } from './session.ts';

export function expectationOf(
  core: Core,
  operation: Operation,
  original: Operation | null,
): Expectation {
  const { request } = operation;
  const plan = planOf(operation, original, core.setup, core.options);
  const planned = plan.kind === 'plan' ? plan : null;
  const sums = new Set(planned?.amounts);
  if (operation.adjusted !== null) sums.add(operation.adjusted.amount);
  if (planned !== null && planned.withoutCash !== null) sums.add(minorUnits(planned.withoutCash));
  // Index 0 is whichever merchant the terminal holds for its default.
  const merchant = planned?.merchant === '0' ? null : (planned?.merchant ?? null);
  const tids = core.identity?.merchantTerminalIds ?? {};
  return {
    kind: request.kind,
    amounts: [...sums],
    currency: request.currency,
    merchantTerminalId: merchant === null ? null : (tids[merchant] ?? null),
    startedAt: operation.startedAt ?? operation.createdAt,
    cardMask: operation.seen.cardMask,
    voids: canonicalInvoice(planned?.voids ?? null),
  };
}

/** Null while the terminal cannot be asked. Sends no operation. */
export async function lookUp(
  core: Core,
  operation: Operation,
  original: Operation | null,
  signal: AbortSignal,
): Promise<TerminalFacts | null> {
  const ready = await core.link.ready(core.options.readyWaitMs, signal);
  if (ready === null) return null;
  const release = await core.mutex.acquire(core.options.readyWaitMs);
  if (release === null) return null;
  try {
    const session = core.link.session;
    if (session === null || !(await isIdle(core, session, signal))) return null;
    await completeIdentity(core, session);
    const { watermark } = operation;
    const sameWatermark = watermark !== null && watermark.readAt === core.lost?.readAt;
    const voids = voidedBy(operation, original);
    const facts = await readFacts(session, readerContext(core), {
      watermark,
      watermarkFingerprint: sameWatermark ? (core.lost?.fingerprint ?? null) : null,
      voids: voids ?? null,
      startedAt: operation.startedAt ?? operation.createdAt,
      terminalId: core.identity?.terminalId ?? null,
      now: () => core.clock.now(),
      clockTrusted: core.clock.trusted(),
      signal,
    });
    if (facts === null) return null;
    learn(core, facts);
    // Without the receipt that was to be voided, «nothing new» may be a mark upon the old.
    const blind = voids === undefined && facts.newer.length === 0;
    return blind ? { ...facts, complete: false } : facts;
  } finally {
    release();
  }
}

/** The receipt to be voided; null for other kinds, undefined where it is not known here. */
function voidedBy(operation: Operation, original: Operation | null): string | null | undefined {
  const { request } = operation;
  if (request.kind !== 'void') return null;
  return request.invoice ?? original?.result?.invoice ?? undefined;
}

/** SPEC 3.8: it answers a ping, its status is 0, and it says that nothing is in progress. */
async function isIdle(core: Core, session: Session, signal: AbortSignal): Promise<boolean> {
  const { pingTimeoutMs } = core.options;
  const ping = { method: 'PingDevice', params: {}, signal, timeoutMs: pingTimeoutMs } as const;
  const pinged = await session.exchange(ping);
  if (pinged.kind !== 'answered') return false;
  const status = await session.service('getLastStatMsgCode', {}, pingTimeoutMs);
  if (status.kind === 'silent' || status.kind === 'cut') return false;
  if (status.kind === 'answered') {
    const code = text(status.params, 'LastStatMsgCode') ?? STATUS_IDLE;
    if (code !== STATUS_IDLE) return false;
  }
  const last = await session.service('getLastResult', {}, pingTimeoutMs);
  if (last.kind === 'silent' || last.kind === 'cut') return false;
  return !(last.kind === 'answered' && text(last.params, 'LastResult') === '2');
}

/** What the journal told is known from here on: a late reply about it is no news. */
function learn(core: Core, facts: TerminalFacts): void {
  for (const entry of facts.newer) {
    const { rrn } = entry.result;
    if (rrn !== null)
      core.known.learn(`${entry.kinds.includes('void') ? 'void' : 'sale'} rrn ${rrn}`);
  }
  setWatermark(core, facts.lastInvoice, null);
  core.watermarkStale = true;
  core.quiet = false;
}
