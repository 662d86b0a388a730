// What the contract test asks of the routes that set the box up: settings, keys, messages.
import type { Ask } from './contract-asks.ts';

const CRM = { name: 'crm', url: 'https://crm.shop.example/hook' };

const outbox = [
  ['listOutbox', 'GET', '/v1/outbox?state=parked&limit=10', 200],
  ['listOutbox', 'GET', '/v1/outbox?state=lost', 400],
  ['replayOutboxItem', 'POST', '/v1/outbox/7/replay', 202],
  ['replayOutboxItem', 'POST', '/v1/outbox/8/replay', 404],
  ['replayOutboxItem', 'POST', '/v1/outbox/x/replay', 400],
] as const;

export const SETUP_ASKS: readonly Ask[] = [
  ...outbox.map(([route, method, path, status]): Ask => {
    return { route, method, path, status, as: 'administrator' };
  }),
  { route: 'listOutbox', method: 'GET', path: '/v1/outbox', as: 'supervisor', status: 403 },
  { route: 'replayOutboxItem', method: 'POST', path: '/v1/outbox/7/replay', status: 403 },
  ...[
    { body: { url: 'https://server.shop.lan/' }, status: 200 },
    { body: {}, status: 200 },
    { body: { url: 'ftp://server' }, status: 400 },
    { body: {}, status: 401, as: null },
  ].map((one): Ask => {
    const route = 'probeRegistration';
    return { route, method: 'POST', path: '/v1/registration/probe', as: 'administrator', ...one };
  }),
  ...[
    { body: {}, status: 200 },
    { body: { terminal: 'till-9' }, status: 404 },
    { body: { terminal: 'till-8' }, status: 409 },
    { body: { amount: 1 }, status: 400 },
    { body: {}, status: 403, as: 'supervisor' as const },
    { body: {}, status: 401, as: null },
  ].map((one): Ask => {
    const route = 'testRegistration';
    return { route, method: 'POST', path: '/v1/registration/test', as: 'administrator', ...one };
  }),
  ...[{ status: 200 }, { status: 403, as: 'supervisor' as const }, { status: 401, as: null }].map(
    (one): Ask => {
      return {
        route: 'readSettings',
        method: 'GET',
        path: '/v1/settings',
        as: 'administrator',
        ...one,
      };
    },
  ),
  ...[
    { body: { shop: { name: 'Гастроном' } }, status: 200 },
    { body: { webhooks: [CRM], secrets: { webhooks: { crm: 'sixteen-letters-' } } }, status: 200 },
    { body: { webhooks: null }, status: 200 },
    { body: { shop: { colour: 'red' } }, status: 400 },
    { body: { webhooks: [CRM] }, status: 400 },
    { body: {}, status: 403, as: 'till' as const },
  ].map((one): Ask => {
    const route = 'changeSettings';
    return { route, method: 'PATCH', path: '/v1/settings', as: 'administrator', ...one };
  }),
  ...[
    { body: { name: 'stamp', role: 'till' }, status: 201 },
    { body: { name: 'stamp', role: 'auditor' }, status: 409 },
    { body: { name: 'a:b', role: 'till' }, status: 400 },
    { body: { name: 'other', role: 'till' }, status: 403, as: 'supervisor' as const },
  ].map((one): Ask => {
    return { route: 'addKey', method: 'POST', path: '/v1/keys', as: 'administrator', ...one };
  }),
  { route: 'readNexo', method: 'GET', path: '/v1/nexo', as: 'administrator', status: 200 },
  { route: 'readNexo', method: 'GET', path: '/v1/nexo', as: 'supervisor', status: 403 },
  { route: 'listKeys', method: 'GET', path: '/v1/keys', as: 'administrator', status: 200 },
  { route: 'listKeys', method: 'GET', path: '/v1/keys', as: 'auditor', status: 403 },
  ...[
    { path: '/v1/keys/stamp', status: 204 },
    { path: '/v1/keys/stamp', status: 404 },
    { path: '/v1/keys/administrator-key', status: 409 },
    { path: '/v1/keys/administrator-key', status: 403, as: 'till' as const },
  ].map((one): Ask => {
    return { route: 'removeKey', method: 'DELETE', as: 'administrator', ...one };
  }),
];
