// Messages to others: what waits, what is parked, and how to try again; the processing server.
import { z } from 'zod';
import { PAGE_SIZE, VALIDATION_ERRORS_MAX } from '../../domain/limits.ts';
import { beyondTerminals } from '../../operations/access.ts';
import type { Principal } from '../../operations/gateway.ts';
import type { OutboundControl } from '../../ports/outbound.ts';
import type { OutboxItem } from '../../ports/outbox.ts';
import { problem } from '../errors.ts';
import { time } from './present.ts';
import { registrationTestBody } from './registration-schemas.ts';
import { refusalReply, type Reply, type Route, route } from './route.ts';
import {
  nothing,
  operationPath,
  type OutboxItemView,
  outboxItemView,
  registrationProbeBody,
  wholeNumber,
} from './schemas.ts';

const common = { tag: 'Outbox', access: 'configure', query: nothing } as const;

const query = z.strictObject({
  state: outboxItemView.shape.state.optional(),
  topic: outboxItemView.shape.topic.optional(),
  operation: operationPath.shape.id.optional(),
  limit: wholeNumber(z.int().min(1).max(PAGE_SIZE.largest).default(PAGE_SIZE.default)),
});

export function outboxRoutes(control: OutboundControl | null): Route[] {
  if (control === null) return [];
  return [listRoute(control), replayRoute(control), probeRoute(control), testRoute(control)];
}

function listRoute(control: OutboundControl): Route {
  return route({
    ...common,
    method: 'GET',
    path: '/v1/outbox',
    name: 'listOutbox',
    summary: 'Messages to others, newest first; `state=parked` are those that need a person',
    params: nothing,
    query,
    body: null,
    replies: { 200: { description: 'The messages and how many there are', schema: 'OutboxList' } },
    problems: [],
    handle: ({ query: { limit, ...wanted } }) => {
      const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
      const items = control.list({ ...Object.fromEntries(given), limit });
      const body = { items: items.map(presentItem), counts: control.counts() };
      return { kind: 'json', status: 200, body };
    },
  });
}

function replayRoute(control: OutboundControl): Route {
  return route({
    ...common,
    method: 'POST',
    path: '/v1/outbox/{id}/replay',
    name: 'replayOutboxItem',
    summary: 'Send a parked message again',
    params: z.strictObject({ id: wholeNumber(z.int().min(1)) }),
    body: null,
    replies: { 202: { description: 'It is tried again', schema: 'Replay' } },
    problems: ['no-parked-message'],
    handle: async ({ params: { id } }) =>
      (await control.replay(id))
        ? {
            kind: 'json',
            status: 202,
            body: { id, state: 'waiting' },
            deed: { act: 'message-replay', object: `message ${id}`, before: null, after: null },
          }
        : {
            kind: 'problem',
            problem: problem('no-parked-message', `no parked message ${id}`, { id }),
          },
  });
}

function probeRoute(control: OutboundControl): Route {
  return route({
    ...common,
    method: 'POST',
    path: '/v1/registration/probe',
    name: 'probeRegistration',
    summary: 'Read the WSDL of a processing server: address, namespace, soapAction. Sends nothing',
    params: nothing,
    body: {
      schema: registrationProbeBody,
      name: 'RegistrationProbe',
      example: { url: 'https://server.shop.lan/base/ws/pos.1cws', user: 'pos', password: '…' },
    },
    replies: { 200: { description: 'What was found, or why nothing', schema: 'ProbedService' } },
    problems: [],
    handle: async ({ body, hurry }) => {
      const { kind, ...found } = await control.probe(body, hurry);
      if (!('ports' in found)) return { kind: 'json', status: 200, body: { ok: false, ...found } };
      // A foreign document may name as many faults as it likes.
      const problems = found.problems.slice(0, VALIDATION_ERRORS_MAX);
      const ok = kind === 'service' && problems.length === 0;
      return { kind: 'json', status: 200, body: { ok, ...found, problems } };
    },
  });
}

function testRoute(control: OutboundControl): Route {
  return route({
    ...common,
    method: 'POST',
    path: '/v1/registration/test',
    name: 'testRegistration',
    summary: 'Send one Register with the sum 0 to the processing server',
    description:
      'The server gets a document of its own uid, `tillgate-test-…`, at once and once: it goes ' +
      'through neither the outbox nor the ledger. What the server says is the answer, also where ' +
      'it says no. Works while registration is switched off. A key that is limited to terminals tests ' +
      'for one of those only, the first of them where none is named.',
    params: nothing,
    body: { schema: registrationTestBody, name: 'RegistrationTest', example: {} },
    replies: { 200: { description: 'What the server said', schema: 'RegistrationTested' } },
    problems: ['no-processing-server', 'unknown-terminal'],
    handle: async ({ who, body, hurry }) => {
      const beyond = body.terminal === undefined ? null : beyondTerminals(who, body.terminal);
      if (beyond !== null) return refusalReply(beyond);
      const tested = await control.test({ ...body, among: who.limits.terminals }, hurry);
      if (tested.kind === 'not-sent') return notSent(tested.why, body.terminal, who);
      const { kind: _, ...answered } = tested;
      const { uid, terminal, url, answer, status } = answered;
      const after = { uid, terminal, url, answer, status };
      const deed = { act: 'registration-test', object: 'registration', before: null, after };
      return { kind: 'json', status: 200, body: answered, deed };
    },
  });
}

const NONE_ALLOWED = 'there is no terminal that this key may use';

function notSent(
  why: 'no-address' | 'unknown-terminal',
  terminal: string | undefined,
  { limits }: Principal,
): Reply {
  switch (why) {
    case 'no-address': {
      const detail = 'registration.url is not set: nothing was sent';
      return { kind: 'problem', problem: problem('no-processing-server', detail) };
    }
    case 'unknown-terminal': {
      const any = limits.terminals === null ? 'there is no terminal' : NONE_ALLOWED;
      const detail = terminal === undefined ? any : `no terminal ${terminal}`;
      return { kind: 'problem', problem: problem('unknown-terminal', detail) };
    }
  }
}

function presentItem(item: OutboxItem): OutboxItemView {
  const { id, topic, lane, operation, attempts, state, lastError } = item;
  return {
    id,
    topic,
    lane,
    operation,
    state,
    attempts,
    createdAt: time(item.createdAt),
    nextAt: nextTime(item),
    lastError,
    payload: JSON.parse(item.payload) as unknown, // written by us as JSON
  };
}

/** Null where nobody can tell: it is over, parked, or behind another one of its lane. */
function nextTime({ state, nextAt }: OutboxItem): string | null {
  const behind = nextAt === Number.MAX_SAFE_INTEGER;
  return state === 'waiting' && !behind ? time(nextAt) : null;
}
