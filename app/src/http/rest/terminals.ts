// Terminals: what they are and how they stand; setting them up with an administrator's key.
import type { TerminalId } from '../../domain/ids.ts';
import { TERMINAL_TEST_DEADLINE_MS } from '../../domain/limits.ts';
import type { TerminalChange } from '../../operations/gateway.ts';
import type { TerminalSettings } from '../../operations/settings-schema.ts';
import { problem } from '../errors.ts';
import { invalid } from '../validation.ts';
import { TERMINAL_EXAMPLE, TERMINAL_REQUEST_EXAMPLE } from './examples.ts';
import { presentTerminal } from './present.ts';
import { type Call, refusalReply, type Reply, type Route, route } from './route.ts';
import { nothing, terminalBody, terminalPath } from './schemas.ts';
import type { Services } from './services.ts';

const common = { tag: 'Terminals', query: nothing } as const;

export function terminalRoutes(services: Services): Route[] {
  return [...readRoutes(services), ...writeRoutes(services), testRoute(services)];
}

function readRoutes({ gateway }: Services): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/v1/terminals',
      name: 'listTerminals',
      summary: 'The terminals that this key may see',
      access: 'read',
      params: nothing,
      body: null,
      replies: {
        200: {
          description: 'All of them',
          schema: 'TerminalList',
          example: { terminals: [TERMINAL_EXAMPLE] },
        },
      },
      problems: [],
      handle: ({ who }) => {
        const terminals = gateway.terminals(who).map((view) => presentTerminal(view, who));
        return { kind: 'json', status: 200, body: { terminals } };
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/v1/terminals/{id}',
      name: 'readTerminal',
      summary: 'One terminal: link, capabilities, merchants, firmware, clock',
      access: 'read',
      params: terminalPath,
      body: null,
      replies: {
        200: { description: 'The terminal', schema: 'Terminal', example: TERMINAL_EXAMPLE },
      },
      problems: ['unknown-terminal'],
      handle: ({ who, params }) => {
        const view = gateway.terminal(who, idOf(params));
        if (view === null) return unknownTerminal(params.id);
        return { kind: 'json', status: 200, body: presentTerminal(view, who) };
      },
    }),
  ];
}

function writeRoutes({ gateway }: Services): Route[] {
  return [
    route({
      ...common,
      method: 'PUT',
      path: '/v1/terminals/{id}',
      name: 'putTerminal',
      summary: 'Set up a terminal, or change how it is set up',
      access: 'configure',
      params: terminalPath,
      body: {
        schema: terminalBody,
        name: 'TerminalSettings',
        example: TERMINAL_REQUEST_EXAMPLE,
      },
      replies: {
        200: { description: 'Changed', schema: 'Terminal' },
        201: { description: 'Set up', schema: 'Terminal', example: TERMINAL_EXAMPLE },
      },
      problems: ['terminal-busy', 'terminal-unresolved'],
      handle: async (call) => {
        const { body, params } = call;
        if (body.id !== undefined && body.id !== params.id) {
          const fault = { path: 'id', message: 'not the id of the path' };
          return { kind: 'problem', problem: invalid([fault]) };
        }
        const before = gateway.terminal(call.who, idOf(params))?.settings ?? null;
        const change = await gateway.putTerminal(call.who, { ...body, id: params.id });
        return changeReply(change, call, before);
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/v1/terminals/{id}',
      name: 'removeTerminal',
      summary: 'Take a terminal away; its operations stay in the ledger',
      access: 'configure',
      params: terminalPath,
      body: null,
      replies: { 204: { description: 'Taken away', schema: null } },
      problems: ['unknown-terminal', 'terminal-busy', 'terminal-unresolved'],
      handle: async (call) => {
        const before = gateway.terminal(call.who, idOf(call.params))?.settings ?? null;
        return changeReply(await gateway.removeTerminal(call.who, idOf(call.params)), call, before);
      },
    }),
  ];
}

function testRoute({ gateway, clock }: Services): Route {
  return route({
    ...common,
    method: 'POST',
    path: '/v1/terminals/{id}/test',
    name: 'testTerminal',
    summary: 'Probe the link. Never dials the bank, never asks the customer',
    access: 'configure',
    params: terminalPath,
    body: null,
    replies: { 200: { description: 'What was found, step by step', schema: 'TerminalTest' } },
    problems: ['unknown-terminal', 'terminal-busy'],
    handle: async ({ who, params, hurry }) => {
      const limit = new AbortController();
      const stop = (): void => limit.abort(new Error('the test took too long'));
      const forget = clock.after(TERMINAL_TEST_DEADLINE_MS, stop);
      hurry.addEventListener('abort', stop, { once: true });
      try {
        const found = await gateway.testTerminal(who, idOf(params), limit.signal);
        if ('code' in found) return refusalReply(found);
        const deed = {
          act: 'terminal-test',
          object: `terminal ${params.id}`,
          before: null,
          after: { ok: found.ok },
        };
        return { kind: 'json', status: 200, body: found, deed };
      } finally {
        forget();
        hurry.removeEventListener('abort', stop);
      }
    },
  });
}

function changeReply(
  change: TerminalChange,
  { who, params }: Pick<Call<{ id: string }, unknown, unknown>, 'who' | 'params'>,
  before: TerminalSettings | null,
): Reply {
  const object = `terminal ${params.id}`;
  switch (change.kind) {
    case 'refused':
      return refusalReply(change.refusal);
    case 'removed':
      return {
        kind: 'empty',
        status: 204,
        deed: { act: 'terminal-remove', object, before, after: null },
      };
    case 'terminal': {
      const body = presentTerminal(change.terminal, who);
      const headers = { Location: `/v1/terminals/${body.id}` };
      const { settings: after } = change.terminal;
      const act = change.created ? 'terminal-add' : 'terminal-change';
      const deed = { act, object, before: change.created ? null : before, after };
      return { kind: 'json', status: change.created ? 201 : 200, body, headers, deed };
    }
  }
}

function idOf(params: { id: string }): TerminalId {
  return params.id as TerminalId; // the path's schema is the brand
}

function unknownTerminal(id: string): Reply {
  return { kind: 'problem', problem: problem('unknown-terminal', `no terminal ${id}`) };
}
