// The page of one operation: how it stands, what happened, the receipt, the evidence, what may be done.
import type { OperationId } from '../../../domain/ids.ts';
import { isFinal, type Operation } from '../../../domain/operation.ts';
import { textOf } from '../../../domain/texts/index.ts';
import type { Done } from '../../../operations/gateway.ts';
import { EventStreams } from '../../rest/event-streams.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import type { Faults } from '../form.ts';
import {
  actionsOf,
  handAdjust,
  handAnswer,
  handRefund,
  handResolve,
  handVoid,
} from './operation-actions.ts';
import { evidenceOf } from './evidence-table.ts';
import { factsOf } from './operation-facts.ts';
import { phrase } from '../texts/phrases/index.ts';
import { timelineOf } from './timeline.ts';
import { refusalText } from './refusals.ts';
import { terminalNames } from './terminal-names.ts';
import { badgeOfState, kindWord } from './words.ts';

const PATH = '/admin/operations/:id';

export function operationRoutes(services: Services): PageRoute[] {
  const streams = new EventStreams(services.gateway, services.clock);
  const page = (visit: Visit, faults: Faults = {}): Reply => operationPage(services, visit, faults);
  const post = (
    name: string,
    right: 'act' | 'resolve',
    handle: (operation: Operation, visit: Visit) => Promise<Reply | Faults>,
  ): PageRoute => ({
    method: 'POST',
    path: `${PATH}/${name}`,
    right,
    section: 'operations',
    handle: async (visit) => {
      const operation = find(services, visit);
      if (operation === null) return { kind: 'refused', status: 404, why: 'noSuchOperation' };
      const result = await handle(operation, visit);
      return isReply(result) ? result : page(visit, result);
    },
  });
  return [
    { method: 'GET', path: PATH, right: 'look', section: 'operations', handle: (v) => page(v) },
    {
      method: 'GET',
      path: `${PATH}/events`,
      right: 'look',
      handle: (visit) => watch(services, streams, visit),
    },
    {
      method: 'GET',
      path: `${PATH}/receipt`,
      right: 'look',
      handle: (visit) => receiptPage(services, visit),
    },
    post('cancel', 'act', (operation, visit) => handCancel(services, operation, visit)),
    post('void', 'act', (operation, visit) => handVoid(services, operation, visit)),
    post('refund', 'act', (operation, visit) => handRefund(services, operation, visit)),
    post('answer', 'act', (operation, visit) => handAnswer(services, operation, visit)),
    post('adjust', 'act', (operation, visit) => handAdjust(services, operation, visit)),
    post('resolve', 'resolve', (operation, visit) => handResolve(services, operation, visit)),
  ];
}

function find({ gateway }: Services, visit: Visit): Operation | null {
  return gateway.find(visit.who, (visit.params['id'] ?? '') as OperationId); // unknown ids find none
}

async function handCancel(
  { gateway }: Services,
  operation: Operation,
  visit: Visit,
): Promise<Reply | Faults> {
  const done: Done = await gateway.cancel(visit.who, operation.id);
  if (done.kind === 'refused') return { all: refusalText(done.refusal, visit) };
  visit.audit('cancel', `operation ${operation.id}`, { state: operation.state }, null);
  return see(`/admin/operations/${operation.id}`, 'cancelAsked');
}

function operationPage(services: Services, visit: Visit, faults: Faults): Reply {
  const { gateway } = services;
  const operation = find(services, visit);
  if (operation === null) return { kind: 'refused', status: 404, why: 'noSuchOperation' };
  const { language, f, t } = visit;
  const { id, request, result, message } = operation;
  const views = gateway.terminals(visit.who);
  const events = gateway.events(visit.who, id, 0);
  const position = operation.state === 'queued' ? gateway.queuePosition(id) : null;
  const receipt = result?.receipt ?? null;
  const live = !isFinal(operation.state);
  const display = events.findLast(({ event }) => event.kind === 'display')?.event;
  const model = {
    id,
    path: `/admin/operations/${encodeURIComponent(id)}`,
    title: kindWord(operation, language),
    when: f.when(operation.createdAt),
    badge: badgeOfState(operation.state, language),
    message: textOf(message.code, language),
    terminalText: message.terminalText === null ? null : phrase(message.terminalText, language),
    position: position === null ? null : f.fill(t.placeInQueue, { n: position }),
    live: live ? `/admin/operations/${encodeURIComponent(id)}/events` : null,
    display: display?.kind === 'display' ? phrase(display.text, language) : '',
    moving: live && operation.state !== 'unknown',
    facts: factsOf(operation, visit, terminalNames(views)),
    order: (request.order ?? []).map((item) => ({
      name: item.name,
      count: f.number(item.count),
      cost: f.money(item.cost, request.currency),
    })),
    receipts: [
      { title: t.customerCopy, name: 'customer', text: receipt?.customer ?? null },
      {
        title: t.merchantCopy,
        name: 'merchant',
        // One text for both copies is shown once.
        text: receipt?.merchant === receipt?.customer ? null : (receipt?.merchant ?? null),
      },
    ].filter(({ text }) => text !== null),
    evidence: evidenceOf(operation, visit),
    resolution: resolutionOf(operation, visit),
    messages: messagesOf(services, operation, visit),
    timeline: timelineOf(events, operation, visit),
    actions: actionsOf(services, operation, visit),
    values: visit.form.values(),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'operation.njk', model, status };
}

function resolutionOf(operation: Operation, { t, f }: Visit): string | null {
  const { resolution } = operation;
  if (resolution === null) return null;
  const when = f.when(resolution.at);
  switch (resolution.by) {
    case 'evidence':
      return f.fill(t.resolvedByEvidence, { when });
    case 'person':
      return f.fill(t.resolvedByPerson, { when, name: resolution.name, reason: resolution.reason });
    case 'operation':
      return f.fill(t.resolvedByOperation, { when, id: resolution.operation });
  }
}

/** What was told to the processing server and to others about it. */
function messagesOf({ outbound }: Services, operation: Operation, { f, t, language }: Visit) {
  const items = outbound?.list({ operation: operation.id, limit: 20 }) ?? [];
  return items.map((item) => ({
    id: item.id,
    topic: item.topic === 'registration' ? t.registration : t.webhook,
    when: f.when(item.createdAt),
    state: { waiting: t.msgWaiting, parked: t.msgParked, delivered: t.msgDelivered }[item.state],
    parked: item.state === 'parked',
    attempts: f.number(item.attempts),
    fault: item.lastError === null ? null : phrase(item.lastError, language),
  }));
}

function receiptPage(services: Services, visit: Visit): Reply {
  const operation = find(services, visit);
  if (operation === null) return { kind: 'refused', status: 404, why: 'noSuchOperation' };
  const copy = visit.query.get('copy') === 'merchant' ? 'merchant' : 'customer';
  const text = operation.result?.receipt?.[copy] ?? null;
  if (text === null) return { kind: 'refused', status: 404, why: 'noReceipt' };
  const model = { text, back: `/admin/operations/${encodeURIComponent(operation.id)}` };
  return { kind: 'page', template: 'receipt.njk', model };
}

function watch(services: Services, streams: EventStreams, visit: Visit): Reply {
  const operation = find(services, visit);
  if (operation === null) return { kind: 'refused', status: 404, why: 'noSuchOperation' };
  if (streams.full) return { kind: 'refused', status: 429, why: 'tooManyStreams' };
  const { who, language, lastEventId } = visit;
  const after = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0;
  const say = (text: string): string => phrase(text, language);
  const request = { who, id: operation.id, language, after, say };
  return { kind: 'events', run: (sink) => streams.run(request, sink) };
}

function isReply(result: Reply | Faults): result is Reply {
  return 'kind' in result;
}
