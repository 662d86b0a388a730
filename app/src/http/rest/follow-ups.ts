// What may be asked of an operation that exists.
import { z } from 'zod';
import type { MinorUnits } from '../../domain/money.ts';
import type { OperationId } from '../../domain/ids.ts';
import type { Done } from '../../operations/gateway.ts';
import { problem } from '../errors.ts';
import { OPERATION_EXAMPLE } from './examples.ts';
import { operationReply, unknownOperation } from './operations.ts';
import { type Call, type Content, refusalReply, type Reply, type Route, route } from './route.ts';
import { adjustBody, answerBody, nothing, operationPath, resolveBody } from './schemas.ts';
import type { Services } from './services.ts';

const replies = {
  200: {
    description: 'The operation, already final',
    schema: 'Operation',
    example: OPERATION_EXAMPLE,
  },
  202: { description: 'The operation, not final yet', schema: 'Operation' },
} as const satisfies Record<number, Content>;

const problems = ['unknown-operation', 'not-cancellable', 'ledger-unavailable'] as const;
const common = { tag: 'Operations', params: operationPath, query: nothing, problems } as const;

export function followUpRoutes(services: Services): Route[] {
  return [
    cancelRoute(services),
    ...answerRoutes(services),
    resolveRoute(services),
    eventsRoute(services),
    receiptRoute(services),
  ];
}

function cancelRoute(services: Services): Route {
  return route({
    ...common,
    method: 'POST',
    path: '/v1/operations/{id}/cancel',
    name: 'cancelOperation',
    summary: 'Ask to stop it. A request, not a verdict: an approval that wins the race stands',
    access: 'start',
    body: null,
    replies: { 202: { description: 'The operation, asked to stop', schema: 'Operation' } },
    handle: async (call) => {
      const done = await services.gateway.cancel(call.who, call.params.id);
      const reply = doneReply(services, done, call);
      return reply.kind === 'json' ? { ...reply, status: 202 } : reply;
    },
  });
}

function answerRoutes(services: Services): Route[] {
  return [
    route({
      ...common,
      method: 'POST',
      path: '/v1/operations/{id}/adjust',
      name: 'adjustOperation',
      summary: 'Answer a terminal that waits for a corrected amount (loyalty)',
      access: 'start',
      body: {
        schema: adjustBody,
        name: 'Adjustment',
        example: { amount: 11_000, discount: 1_345 },
      },
      replies,
      handle: async (call) => {
        // The schema's bounds are the brand.
        const [amount, discount] = [call.body.amount, call.body.discount] as MinorUnits[];
        const given = {
          kind: 'adjust',
          amount: amount ?? (0 as MinorUnits),
          discount: discount ?? (0 as MinorUnits),
        } as const;
        const done = await services.gateway.answer(call.who, call.params.id, given);
        return doneReply(services, done, call);
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/v1/operations/{id}/answer',
      name: 'answerOperation',
      summary: "Answer a terminal's question to the cashier (signature)",
      access: 'start',
      body: { schema: answerBody, name: 'Confirmation', example: { confirmed: true } },
      replies,
      handle: async (call) => {
        const given = { kind: 'confirm', confirmed: call.body.confirmed } as const;
        const done = await services.gateway.answer(call.who, call.params.id, given);
        return doneReply(services, done, call);
      },
    }),
  ];
}

function resolveRoute(services: Services): Route {
  return route({
    ...common,
    method: 'POST',
    path: '/v1/operations/{id}/resolve',
    name: 'resolveOperation',
    summary: "End an unknown operation by a person's decision, with name and reason",
    access: 'resolve',
    body: {
      schema: resolveBody,
      name: 'Verdict',
      example: { verdict: 'failed', name: 'Olena Koval', reason: 'No slip, the host has nothing' },
    },
    replies,
    handle: async (call) => {
      const { verdict, name, reason, amount } = call.body;
      const done = await services.gateway.resolve(call.who, call.params.id, {
        verdict,
        name,
        reason,
        amount: (amount ?? null) as MinorUnits | null, // the schema's bounds are the brand
      });
      const reply = doneReply(services, done, call);
      if (reply.kind !== 'json') return reply;
      const object = `operation ${call.params.id}`;
      const after = { state: verdict, name, reason, amount: amount ?? null };
      return { ...reply, deed: { act: 'resolve', object, before: { state: 'unknown' }, after } };
    },
  });
}

function eventsRoute(services: Services): Route {
  return route({
    ...common,
    method: 'GET',
    path: '/v1/operations/{id}/events',
    name: 'watchOperation',
    summary: "Server-Sent Events: the terminal's display texts and every change of state",
    description:
      'Events are `display` (DisplayEvent) and `operation` (OperationEvent). Their ids are places ' +
      'in the ledger: with Last-Event-ID a client goes on where it was, without a gap. The stream ' +
      'ends after the final event; whoever has that one already is answered 204.',
    access: 'read',
    headers: { 'Last-Event-ID': 'The id of the last event that the client has' },
    body: null,
    replies: {
      200: { description: 'The stream', schema: 'events' },
      204: { description: 'Nothing will follow: do not connect again', schema: null },
    },
    problems: ['unknown-operation', 'too-many-requests'],
    handle: (call) => watch(services, call),
  });
}

function watch(services: Services, call: Call<{ id: OperationId }, unknown, null>): Reply {
  const { who, language } = call;
  const { id } = call.params;
  if (services.gateway.find(who, id) === null) return unknownOperation(id);
  const header = call.header('Last-Event-ID');
  // What is not a place in our ledger is not ours; the whole stream is the safe answer to it.
  const after = /^\d{1,15}$/.test(header) ? Number(header) : 0;
  const request = { who, id, language, after };
  if (services.streams.finished(request)) return { kind: 'empty', status: 204 };
  if (services.streams.full) {
    const refused = problem('too-many-requests', 'too many event streams are open');
    return { kind: 'problem', problem: refused, headers: { 'Retry-After': '5' } };
  }
  return { kind: 'events', run: (sink) => services.streams.run(request, sink) };
}

function receiptRoute(services: Services): Route {
  return route({
    ...common,
    method: 'GET',
    path: '/v1/operations/{id}/receipt',
    name: 'readReceipt',
    summary: 'The receipt as the terminal made it, ready to print',
    access: 'read',
    query: z.strictObject({
      copy: z
        .enum(['merchant', 'customer'])
        .optional()
        .meta({ description: 'Whose copy; the customer’s where nothing is said' }),
    }),
    body: null,
    replies: { 200: { description: 'Plain text in UTF-8', schema: 'text' } },
    problems: ['unknown-operation', 'no-receipt'],
    handle: (call) => {
      const operation = services.gateway.find(call.who, call.params.id);
      if (operation === null) return unknownOperation(call.params.id);
      const copy = call.query.copy ?? 'customer';
      const body = operation.result?.receipt?.[copy] ?? null;
      if (body === null) {
        const detail = `operation ${operation.id} has no ${copy} copy of a receipt`;
        return { kind: 'problem', problem: problem('no-receipt', detail) };
      }
      return { kind: 'text', status: 200, type: 'text/plain; charset=utf-8', body };
    },
  });
}

function doneReply(
  services: Services,
  done: Done,
  call: Pick<Call<unknown, unknown, unknown>, 'language'>,
): Reply {
  if (done.kind === 'refused') return refusalReply(done.refusal);
  return operationReply(services, done.operation, call);
}
