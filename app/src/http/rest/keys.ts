// Keys of tills and programs: made, listed and taken back with an administrator's key.
import { addKey, removeKey, rightsOf, type StoredKey } from '../../operations/keys.ts';
import type { Principal } from '../../operations/gateway.ts';
import { problem } from '../errors.ts';
import { type KeyView, keyPath, newKeyBody } from './key-schemas.ts';
import { time } from './present.ts';
import { type Reply, type Route, route } from './route.ts';
import { nothing } from './schemas.ts';
import type { Services } from './services.ts';

const common = { tag: 'Keys', access: 'configure', query: nothing } as const;

const KEY_EXAMPLE = {
  name: 'stamp',
  role: 'till',
  limits: { terminals: ['till-1'], kinds: null, amountMax: null },
  createdAt: '2026-01-05T10:00:00.000Z',
  own: false,
} as const;

export function keyRoutes(services: Services): Route[] {
  return [listRoute(services), addRoute(services), removeRoute(services)];
}

function listRoute({ secrets }: Services): Route {
  return route({
    ...common,
    method: 'GET',
    path: '/v1/keys',
    name: 'listKeys',
    summary: 'Names, roles and limits; what was shown once is shown no more',
    params: nothing,
    body: null,
    replies: {
      200: { description: 'All keys', schema: 'KeyList', example: { keys: [KEY_EXAMPLE] } },
    },
    problems: [],
    handle: ({ who }) => {
      const keys = secrets.current().keys.map((key) => presentKey(key, who));
      return { kind: 'json', status: 200, body: { keys } };
    },
  });
}

function addRoute(services: Services): Route {
  const { secrets, log } = services;
  return route({
    ...common,
    method: 'POST',
    path: '/v1/keys',
    name: 'addKey',
    summary: 'Make a key; its secret is in this answer and nowhere else',
    params: nothing,
    body: {
      schema: newKeyBody,
      name: 'NewKey',
      example: { name: 'stamp', role: 'till', limits: { terminals: ['till-1'] } },
    },
    replies: {
      201: {
        description: 'Made',
        schema: 'KeyMade',
        example: { ...KEY_EXAMPLE, secret: 'mK3c0yJv1hT7bq2s8nQxZ4aWfU6dLrE9pGiOeYtXkBM' },
      },
    },
    problems: ['key-name-taken', 'too-many-keys'],
    handle: async ({ who, body }) => {
      const { name } = body;
      const added = await addKey(secrets, services, body);
      if (added.kind === 'name-taken') return refused('key-name-taken', `there is a key ${name}`);
      if (added.kind === 'too-many') return refused('too-many-keys', 'take some back first');
      log.info('key-added', { name, role: body.role, by: who.name });
      const made = secrets.current().keys.find((key) => key.name === name);
      // Another administrator may have taken it back already; what was asked is what was made.
      const key = made ?? { ...body, createdAt: services.clock.now() };
      return {
        kind: 'json',
        status: 201,
        body: { ...presentKey(key, who), secret: added.secret },
        headers: { Location: `/v1/keys/${name}` },
        deed: { act: 'key-add', object: `key ${name}`, before: null, after: rightsOf(body) },
      };
    },
  });
}

function removeRoute({ secrets, log }: Services): Route {
  return route({
    ...common,
    method: 'DELETE',
    path: '/v1/keys/{name}',
    name: 'removeKey',
    summary: 'Take a key back: its next request is refused, its event streams end',
    description:
      'A key may take itself back. The last administrator key stays, so that the API cannot lock ' +
      'its owner out: make another one first, with `POST /v1/keys`.',
    params: keyPath,
    body: null,
    replies: { 204: { description: 'Taken back', schema: null } },
    problems: ['unknown-key', 'last-administrator'],
    handle: async ({ who, params: { name } }) => {
      const key = secrets.current().keys.find((one) => one.name === name);
      const removed = await removeKey(secrets, name);
      if (removed === 'unknown') return refused('unknown-key', `no key ${name}`);
      if (removed === 'last-administrator') {
        return refused('last-administrator', `no other administrator key than ${name}`);
      }
      log.info('key-removed', { name, by: who.name });
      const before = key === undefined ? { name } : rightsOf(key);
      const deed = { act: 'key-revoke', object: `key ${name}`, before, after: null };
      return { kind: 'empty', status: 204, deed };
    },
  });
}

function presentKey(key: Omit<StoredKey, 'hash'>, who: Principal): KeyView {
  const { name, role, limits, createdAt } = key;
  return { name, role, limits, createdAt: time(createdAt), own: name === who.name };
}

function refused(code: Parameters<typeof problem>[0], detail: string): Reply {
  return { kind: 'problem', problem: problem(code, detail) };
}
