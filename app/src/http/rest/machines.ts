// For machines that watch: health, metrics, and the machine-readable form of the API itself.
import type { Counters, LinkName, Principal, TerminalView } from '../../operations/gateway.ts';
import { type Route, route } from './route.ts';
import { nothing } from './schemas.ts';
import type { Services } from './services.ts';

/** What may be seen where no key is asked for: everything to read, nothing to do. */
export const WATCHER: Principal = {
  name: 'watcher',
  role: 'auditor',
  limits: { terminals: null, kinds: null, amountMax: null },
};

const common = { tag: 'Machines', params: nothing, query: nothing, body: null } as const;

export function machineRoutes(services: Services, openApi: () => unknown): Route[] {
  const { gateway, version } = services;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/health',
      name: 'readHealth',
      summary: 'Whether payments can be taken; needs no key',
      access: 'open',
      replies: {
        200: { description: 'They can', schema: 'Health' },
        503: { description: 'They cannot: each part with its reason', schema: 'Health' },
      },
      problems: [],
      handle: () => {
        const health = gateway.health();
        return { kind: 'json', status: health.ok ? 200 : 503, body: health };
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/metrics',
      name: 'readMetrics',
      summary: 'Prometheus text; any key that may read, or no key from the appliance itself',
      access: 'watch',
      replies: { 200: { description: 'Counters and gauges', schema: 'text' } },
      problems: [],
      handle: ({ who }) => ({
        kind: 'text',
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: metricsText(
          gateway.counters(),
          gateway.terminals(who),
          services.streams.size,
          version,
        ),
      }),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/v1/openapi.json',
      name: 'readOpenApi',
      summary: 'This document; needs no key',
      access: 'open',
      replies: { 200: { description: 'OpenAPI 3.1', schema: 'OpenApi' } },
      problems: [],
      handle: () => ({ kind: 'json', status: 200, body: openApi() }),
    }),
  ];
}

type Labels = Readonly<Record<string, string>>;

const DOWN: readonly LinkName[] = ['offline', 'connecting', 'disabled'];

function up({ link }: TerminalView): number {
  return DOWN.includes(link) ? 0 : 1;
}

function label({ settings }: TerminalView): Labels {
  return { terminal: settings.id };
}

function metricsText(
  counters: Counters,
  terminals: readonly TerminalView[],
  streams: number,
  version: string,
): string {
  return [
    ...metric('build_info', 'gauge', 'The running version', [[{ version }, 1]]),
    ...metric(
      'operations_total',
      'counter',
      'Operations that entered a state, since the start',
      counters.operations.map(({ kind, state, count }) => [{ kind, state }, count]),
    ),
    ...metric(
      'refusals_total',
      'counter',
      'Requests that were refused, since the start',
      counters.refusals.map(({ code, count }) => [{ code }, count]),
    ),
    ...metric('operations_open', 'gauge', 'Operations that are not final', [[{}, counters.open]]),
    ...metric('operations_unresolved', 'gauge', 'Unknown operations', [[{}, counters.unresolved]]),
    ...metric('lookups_total', 'counter', 'Journals compared after a loss, since the start', [
      [{ verdict: 'decided' }, counters.lookups.decided],
      [{ verdict: 'ambiguous' }, counters.lookups.ambiguous],
    ]),
    ...metric('ledger_backlog', 'gauge', 'Writes that wait', [[{}, counters.ledgerBacklog]]),
    ...metric(
      'ledger_last_commit_seconds',
      'gauge',
      'How long the last commit took',
      counters.lastCommitMs === null ? [] : [[{}, counters.lastCommitMs / 1_000]],
    ),
    ...metric(
      'terminal_up',
      'gauge',
      'Whether the link stands',
      terminals.map((view) => [label(view), up(view)]),
    ),
    ...metric(
      'terminal_gate_closed',
      'gauge',
      'Whether an unknown operation closes the gate',
      terminals.map((view) => [label(view), view.unresolved === null ? 0 : 1]),
    ),
    ...metric(
      'terminal_queued',
      'gauge',
      'Operations in the queue',
      terminals.map((view) => [label(view), view.queued]),
    ),
    ...metric('event_streams', 'gauge', 'Open event streams', [[{}, streams]]),
    '',
  ].join('\n');
}

function metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [Labels, number])[],
): string[] {
  const full = `tillgate_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}`);
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
