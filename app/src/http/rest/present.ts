// Domain → JSON of the API. What is not named here does not leave the box.
import type { EvidenceRecord } from '../../domain/evidence.ts';
import type { MessageCode } from '../../domain/failures.ts';
import type { Instant } from '../../domain/ids.ts';
import { amountOf, isFinal, type Operation, type Question } from '../../domain/operation.ts';
import { textOf } from '../../domain/texts/index.ts';
import type { Principal, TerminalView } from '../../operations/gateway.ts';
import type { Language } from '../../operations/settings-schema.ts';
import type { StoredEvent } from '../../ports/ledger.ts';
import type { OperationEventView, OperationView, TerminalViewBody } from './schemas.ts';

export function presentOperation(
  operation: Operation,
  language: Language,
  queuePosition: number | null,
): OperationView {
  const { request } = operation;
  return {
    id: operation.id,
    kind: request.kind,
    terminal: request.terminal,
    state: operation.state,
    final: isFinal(operation.state),
    amount: amountOf(request),
    approvedAmount: operation.approvedAmount,
    discount: discountOf(operation),
    bonus: operation.bonus,
    currency: request.currency,
    merchant: request.merchant,
    createdAt: time(operation.createdAt),
    startedAt: timeOrNull(operation.startedAt),
    finishedAt: timeOrNull(operation.finishedAt),
    cancelRequestedAt: timeOrNull(operation.cancelRequestedAt),
    reference: request.reference,
    cashier: request.cashier,
    askedBy: operation.askedBy,
    request: ownFields(operation),
    order: request.order === null ? null : request.order.map((item) => ({ ...item })),
    adjusted: operation.adjusted,
    queuePosition,
    question: presentQuestion(operation.question),
    result: operation.result,
    message: presentMessage(operation.message, language),
    resolution:
      operation.resolution === null
        ? null
        : { ...operation.resolution, at: time(operation.resolution.at) },
    evidence: operation.evidence === null ? null : presentEvidence(operation.evidence),
  };
}

/** Live texts are small and many; the whole operation goes only with the last event. */
export function presentEvent(
  stored: StoredEvent,
  row: Operation,
  language: Language,
): { name: string; data: unknown } {
  const { event } = stored;
  if (event.kind === 'display') {
    const { status, text } = event;
    return { name: 'display', data: { at: time(event.at), status, text } };
  }
  const final = isFinal(row.state);
  const data: OperationEventView = {
    at: time(event.at),
    event: event.kind,
    state: row.state,
    final,
    message: presentMessage(row.message, language),
    question: presentQuestion(row.question),
    operation: final ? presentOperation(row, language, null) : null,
  };
  return { name: 'operation', data };
}

export function presentTerminal(view: TerminalView, who: Principal): TerminalViewBody {
  const { settings, identity, capabilities } = view;
  return {
    id: settings.id,
    name: settings.name,
    driver: settings.driver,
    link: view.link,
    since: time(view.since),
    reason: view.reason,
    current: view.current,
    unresolved: view.unresolved,
    queued: view.queued,
    currency: settings.currency,
    defaultMerchant: settings.defaultMerchant,
    merchants: merchantsOf(view),
    capabilities: {
      kinds: [...capabilities.kinds],
      instalments: [...capabilities.instalments],
      services: [...capabilities.services],
      cancel: capabilities.cancel,
      adjust: capabilities.adjust,
    },
    lastSeen: timeOrNull(view.lastSeen),
    clockSkewMs: view.clockSkewMs,
    vendor: identity?.vendor ?? null,
    model: identity?.model ?? null,
    firmware: identity?.firmware ?? null,
    terminalId: identity?.terminalId ?? null,
    // Addresses and options tell where to attack; a till needs neither.
    settings: who.role === 'administrator' ? { ...settings } : null,
  };
}

export function time(at: Instant): string {
  return new Date(at).toISOString();
}

function timeOrNull(at: Instant | null): string | null {
  return at === null ? null : time(at);
}

/** The discount given; before the end the adjusted one, else the asked one. */
function discountOf(operation: Operation): number | null {
  const { request } = operation;
  const asked = 'discount' in request ? request.discount : null;
  return operation.discount ?? operation.adjusted?.discount ?? asked;
}

/** What only this kind has: `of`, `rrn`, `parts`, … */
function ownFields(operation: Operation): Record<string, unknown> {
  const {
    kind: _kind,
    terminal: _terminal,
    currency: _currency,
    merchant: _merchant,
    reference: _reference,
    cashier: _cashier,
    order: _order,
    ...own
  } = operation.request;
  return own;
}

function presentMessage(
  message: { readonly code: MessageCode; readonly terminalText: string | null },
  language: Language,
): OperationView['message'] {
  const { text, remedy } = textOf(message.code, language);
  return { code: message.code, text, remedy, terminalText: message.terminalText };
}

function presentQuestion(question: Question | null): OperationView['question'] {
  if (question === null) return null;
  return { ...question, askedAt: time(question.askedAt), deadline: time(question.deadline) };
}

function presentEvidence(record: EvidenceRecord): OperationView['evidence'] {
  const { watermark, facts } = record;
  return {
    at: time(record.at),
    decided: record.decided,
    code: record.code,
    watermark: watermark === null ? null : { ...watermark, readAt: time(watermark.readAt) },
    facts: { ...facts, readAt: time(facts.readAt) },
    entries: record.entries.map((entry) => ({
      ...entry,
      fields: entry.fields.map((field) => ({ ...field })),
    })),
  };
}

/** Names that an administrator gave, and the terminal's own for the rest. */
function merchantsOf({ settings, identity }: TerminalView): TerminalViewBody['merchants'] {
  const named = settings.merchants.map(({ index, name, taxCode }) => ({ index, name, taxCode }));
  const told = Object.entries(identity?.merchants ?? {})
    .filter(([index]) => !named.some((merchant) => merchant.index === Number(index)))
    .map(([index, name]) => ({ index: Number(index), name, taxCode: '' }));
  return [...named, ...told]
    .sort((a, b) => a.index - b.index)
    .map((merchant) => ({
      ...merchant,
      terminalId: identity?.merchantTerminalIds[String(merchant.index)] ?? null,
    }));
}
