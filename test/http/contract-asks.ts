// What the contract test asks: every route, its good answers and its refusals.
import type { OperationId } from '../../app/src/domain/ids.ts';
import type { TestServer } from './kit.ts';

type Role = Parameters<TestServer['call']>[0];

export interface Ask {
  /** `operationId` of the document. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly as?: Role;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly before?: (server: TestServer) => void;
}

const purchase = { kind: 'purchase', terminal: 'till-1', amount: 12_345 };
function question(server: TestServer, id: string, kind: 'adjust' | 'confirm'): void {
  const at = Date.now();
  const common = { askedAt: at, deadline: at + 25_000 };
  server.gateway.emit(id as OperationId, {
    kind: 'asked',
    at,
    question:
      kind === 'adjust'
        ? { kind, ...common, loyalty: 'BONUS', cardMask: null, entry: null }
        : { kind, ...common, text: 'Signature?' },
  });
}

/** In this order: later asks build on earlier ones. Routes that set up are in their own file. */
export const ASKS: readonly Ask[] = [
  { route: 'startOperation', method: 'PUT', path: '/v1/operations/a', body: purchase, status: 202 },
  {
    route: 'startOperation',
    method: 'PUT',
    path: '/v1/operations/a',
    body: { ...purchase, amount: 1 },
    status: 409,
  },
  {
    route: 'startOperation',
    method: 'PUT',
    path: '/v1/operations/a',
    body: { kind: 'purchase' },
    status: 400,
  },
  {
    route: 'startOperation',
    method: 'PUT',
    path: '/v1/operations/a',
    body: purchase,
    as: null,
    status: 401,
  },
  {
    route: 'startOperation',
    method: 'PUT',
    path: '/v1/operations/a',
    body: purchase,
    as: 'auditor',
    status: 403,
  },
  {
    route: 'createOperation',
    method: 'POST',
    path: '/v1/operations',
    body: { id: 'b', ...purchase },
    status: 409,
  },
  {
    route: 'createOperation',
    method: 'POST',
    path: '/v1/operations',
    body: { ...purchase, terminal: 'till-2' },
    headers: { 'Idempotency-Key': '"b"' },
    status: 202,
  },
  {
    route: 'adjustOperation',
    method: 'POST',
    path: '/v1/operations/a/adjust',
    body: { amount: 12_000, discount: 345 },
    status: 202,
    before: (server) => question(server, 'a', 'adjust'),
  },
  {
    route: 'adjustOperation',
    method: 'POST',
    path: '/v1/operations/a/adjust',
    body: { amount: 1 },
    status: 409,
  },
  {
    route: 'readOperation',
    method: 'GET',
    path: '/v1/operations/a',
    status: 202,
    before: (server) => question(server, 'a', 'confirm'),
  },
  {
    route: 'answerOperation',
    method: 'POST',
    path: '/v1/operations/a/answer',
    body: { confirmed: true },
    status: 202,
  },
  { route: 'cancelOperation', method: 'POST', path: '/v1/operations/a/cancel', status: 202 },
  { route: 'readReceipt', method: 'GET', path: '/v1/operations/a/receipt', status: 404 },
  {
    route: 'startOperation',
    method: 'PUT',
    path: '/v1/operations/a',
    body: purchase,
    status: 200,
    before: (server) => server.gateway.approve('a'),
  },
  { route: 'readOperation', method: 'GET', path: '/v1/operations/a', status: 200 },
  { route: 'cancelOperation', method: 'POST', path: '/v1/operations/a/cancel', status: 409 },
  {
    route: 'readReceipt',
    method: 'GET',
    path: '/v1/operations/a/receipt?copy=merchant',
    status: 200,
  },
  { route: 'watchOperation', method: 'GET', path: '/v1/operations/a/events', status: 200 },
  {
    route: 'watchOperation',
    method: 'GET',
    path: '/v1/operations/a/events',
    headers: { 'Last-Event-ID': '9999' },
    status: 204,
  },
  { route: 'readOperation', method: 'GET', path: '/v1/operations/none', status: 404 },
  {
    route: 'startOperation',
    method: 'PUT',
    path: '/v1/operations/c',
    body: { ...purchase, terminal: 'till-2' },
    status: 409,
    before: (server) => server.gateway.lose('b'),
  },
  {
    route: 'resolveOperation',
    method: 'POST',
    path: '/v1/operations/b/resolve',
    body: { verdict: 'failed', name: 'Olena', reason: 'no slip' },
    as: 'till',
    status: 403,
  },
  {
    route: 'resolveOperation',
    method: 'POST',
    path: '/v1/operations/b/resolve',
    body: { verdict: 'approved', name: 'Olena', reason: 'slip', amount: 12_345 },
    as: 'supervisor',
    status: 200,
  },
  {
    route: 'resolveOperation',
    method: 'POST',
    path: '/v1/operations/b/resolve',
    body: { verdict: 'failed', name: 'Olena', reason: 'again' },
    as: 'supervisor',
    status: 409,
  },
  {
    route: 'listOperations',
    method: 'GET',
    path: '/v1/operations?limit=1',
    as: 'auditor',
    status: 200,
  },
  {
    route: 'listOperations',
    method: 'GET',
    path: '/v1/operations',
    headers: { Accept: 'text/csv' },
    status: 200,
  },
  { route: 'listOperations', method: 'GET', path: '/v1/operations?state=nonsense', status: 400 },
  {
    route: 'listTerminals',
    method: 'GET',
    path: '/v1/terminals',
    as: 'administrator',
    status: 200,
  },
  { route: 'readTerminal', method: 'GET', path: '/v1/terminals/till-1', status: 200 },
  { route: 'readTerminal', method: 'GET', path: '/v1/terminals/none', status: 404 },
  {
    route: 'putTerminal',
    method: 'PUT',
    path: '/v1/terminals/till-3',
    body: { driver: 'x', address: 'tcp://1.2.3.4:5' },
    as: 'administrator',
    status: 201,
  },
  {
    route: 'putTerminal',
    method: 'PUT',
    path: '/v1/terminals/till-3',
    body: { driver: 'x', address: 'tcp://1.2.3.4:6' },
    as: 'administrator',
    status: 200,
  },
  {
    route: 'putTerminal',
    method: 'PUT',
    path: '/v1/terminals/till-3',
    body: { driver: 'x', address: 'a', options: { wrong: 1 } },
    as: 'administrator',
    status: 400,
  },
  {
    route: 'testTerminal',
    method: 'POST',
    path: '/v1/terminals/till-3/test',
    as: 'administrator',
    status: 200,
  },
  {
    route: 'testTerminal',
    method: 'POST',
    path: '/v1/terminals/none/test',
    as: 'administrator',
    status: 404,
  },
  {
    route: 'removeTerminal',
    method: 'DELETE',
    path: '/v1/terminals/till-3',
    as: 'administrator',
    status: 204,
  },
  {
    route: 'removeTerminal',
    method: 'DELETE',
    path: '/v1/terminals/till-3',
    as: 'supervisor',
    status: 403,
  },
  { route: 'listSimulators', method: 'GET', path: '/v1/simulators', status: 200 },
  { route: 'readSimulator', method: 'GET', path: '/v1/simulators/till-1', status: 200 },
  { route: 'readSimulator', method: 'GET', path: '/v1/simulators/till-2', status: 404 },
  {
    route: 'armSimulatorFault',
    method: 'POST',
    path: '/v1/simulators/till-1/fault',
    body: { name: 'silence' },
    as: 'administrator',
    status: 200,
  },
  {
    route: 'armSimulatorFault',
    method: 'POST',
    path: '/v1/simulators/till-1/fault',
    body: { name: 'nonsense' },
    as: 'administrator',
    status: 400,
  },
  {
    route: 'clearSimulatorFaults',
    method: 'POST',
    path: '/v1/simulators/till-1/clear',
    as: 'administrator',
    status: 200,
  },
  {
    route: 'resetSimulator',
    method: 'POST',
    path: '/v1/simulators/till-1/reset',
    as: 'administrator',
    status: 200,
  },
  {
    route: 'pressSimulatorCancel',
    method: 'POST',
    path: '/v1/simulators/till-1/cancel',
    as: 'till',
    status: 403,
  },
  {
    route: 'presentSimulatorCard',
    method: 'POST',
    path: '/v1/simulators/till-1/card',
    body: { card: { hostCode: '0051' } },
    as: 'administrator',
    status: 200,
  },
  {
    route: 'presentSimulatorCard',
    method: 'POST',
    path: '/v1/simulators/till-1/card',
    body: { card: { pan: '4111111111111111' } },
    as: 'administrator',
    status: 400,
  },
  ...[
    { body: { pin: '1234' }, status: 200 },
    { body: { pin: '4321' }, status: 400 },
    { body: { pin: '123' }, status: 400 },
    { body: { pin: 1234 }, status: 400 },
    { body: { pin: '1234' }, status: 403, as: 'till' as const },
  ].map((one): Ask => {
    const path = '/v1/simulators/till-1/pin';
    return { route: 'enterSimulatorPin', method: 'POST', path, as: 'administrator', ...one };
  }),
  {
    route: 'simulatorStandaloneSale',
    method: 'POST',
    path: '/v1/simulators/till-1/standalone-sale',
    body: { amount: 100 },
    as: 'administrator',
    status: 200,
  },
  {
    route: 'simulatorPowerCut',
    method: 'POST',
    path: '/v1/simulators/till-1/power-cut',
    body: {},
    as: 'administrator',
    status: 200,
  },
  {
    route: 'configureSimulator',
    method: 'POST',
    path: '/v1/simulators/till-1/settings',
    body: { autoCard: false },
    as: 'administrator',
    status: 200,
  },
  { route: 'readHealth', method: 'GET', path: '/health', as: null, status: 200 },
  {
    route: 'readHealth',
    method: 'GET',
    path: '/health',
    as: null,
    status: 503,
    before: (server) => {
      server.gateway.sick = 'the disk is full';
    },
  },
  { route: 'readMetrics', method: 'GET', path: '/metrics', as: null, status: 200 },
  { route: 'readOpenApi', method: 'GET', path: '/v1/openapi.json', as: null, status: 200 },
];
