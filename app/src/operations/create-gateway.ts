// Puts the use cases together, and takes up what an earlier process left in the ledger.
import type { OperationEvent } from '../domain/event.ts';
import { type MessageCode, type Refusal, refuse } from '../domain/failures.ts';
import type { OperationId } from '../domain/ids.ts';
import {
  COMMIT_BATCH_MAX,
  LEDGER_RETRY_MS,
  LINK_REST_MS,
  STOP_GRACE_MS,
} from '../domain/limits.ts';
import { KINDS, type Operation } from '../domain/operation.ts';
import type { Clock } from '../ports/clock.ts';
import { type Ledger, LedgerError, type OutboxEntry } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { DriverCatalog } from '../ports/terminal-driver.ts';
import { may, seesTerminal, visible } from './access.ts';
import type { GatewayContext } from './context.ts';
import { Tally } from './tally.ts';
import { Fleet } from './fleet.ts';
import { answer, cancel, resolve } from './follow-up.ts';
import type { Gateway, Health, Principal } from './gateway.ts';
import { Journal } from './journal.ts';
import type { Secrets, Settings } from './settings-schema.ts';
import { start } from './start.ts';
import {
  findTerminal,
  listTerminals,
  putTerminal,
  removeTerminal,
  testTerminal,
  unresolvedByTerminal,
} from './terminals.ts';
import { revealing } from './terminal-secrets.ts';
import { waitUntilFinal } from './wait.ts';

export interface GatewayParts {
  readonly ledger: Ledger;
  readonly settings: SettingsStore<Settings>;
  /** Where secret options of drivers lie; without it they stay in the settings. */
  readonly secrets?: SettingsStore<Secrets>;
  readonly catalog: DriverCatalog;
  readonly clock: Clock;
  readonly log: Log;
  /** What must be told to somebody about an event; it goes into the event's transaction. */
  readonly outboxOf?: (event: OperationEvent, operation: Operation) => readonly OutboxEntry[];
}

export interface RunningGateway extends Gateway {
  /** Closes idle lines to terminals for a moment: the box's address is about to change. */
  restLinks(): void;
  /** No new operations; running ones may finish within the grace, or stay journalled. */
  stop(graceMs?: number): Promise<void>;
}

/** Recovers what is open in the ledger, then connects the terminals. */
export async function createGateway(parts: GatewayParts): Promise<RunningGateway> {
  const { ledger, settings, secrets, clock, log } = parts;
  const catalog = secrets === undefined ? parts.catalog : revealing(parts.catalog, secrets);
  const journal = new Journal(ledger, log, parts.outboxOf ?? (() => []));
  const tally = new Tally();
  journal.subscribeAll((event, operation) => tally.saw(event.event, operation));
  const fleet = new Fleet(catalog, {
    journal,
    clock,
    log,
    lookedUp: (decided) => tally.lookedUp(decided),
  });
  let stopping = false;
  const context: GatewayContext = {
    ...parts,
    catalog,
    journal,
    fleet,
    closed: () => closedDoor(ledger, stopping),
  };
  const left = await takeUp(context, ledger.open());
  const unresolved = unresolvedByTerminal(context);
  for (const terminal of settings.current().terminals) {
    if (terminal.disabled) continue;
    const problems = catalog.check(terminal);
    for (const { path, message } of problems) {
      log.error('terminal-not-usable', { terminal: terminal.id, path, message });
    }
    const id = terminal.id as Operation['request']['terminal']; // the settings' schema is the brand
    if (problems.length === 0) fleet.add(terminal, unresolved.get(id) ?? []);
  }
  void takeUpLater(context, left, () => stopping);
  return {
    ...verbs(context, tally),
    health: () => healthOf(parts, stopping),
    counters: () => tally.counters(ledger.health(), journal.open()),
    restLinks: () => fleet.restLinks(LINK_REST_MS),
    stop: async (graceMs = STOP_GRACE_MS) => {
      stopping = true;
      await Promise.all(fleet.lanes().map((lane) => lane.stop(graceMs)));
    },
  };
}

function verbs(context: GatewayContext, tally: Tally): Omit<Gateway, 'health' | 'counters'> {
  const { ledger, journal, fleet } = context;
  const find = (who: Principal, id: OperationId): Operation | null => visible(who, ledger.find(id));
  return {
    start: async (who, id, body) => {
      const started = await start(context, who, id, body);
      if (started.kind === 'refused') tally.refused(started.refusal.code);
      return started;
    },
    find,
    queuePosition: (id) => {
      const operation = journal.head(id);
      return operation === null ? null : (fleet.laneOf(operation)?.position(id) ?? null);
    },
    wait: (who, id, ms, signal) =>
      waitUntilFinal({ journal, clock: context.clock, find: () => find(who, id) }, id, ms, signal),
    list: (who, query) => listVisible(context, who, query),
    events: (who, id, after) => (find(who, id) === null ? [] : ledger.events(id, after)),
    subscribe: (id, listener) => journal.subscribe(id, listener),
    subscribeAll: (listener) => journal.subscribeAll(listener),
    cancel: (who, id) => cancel(context, who, id),
    answer: (who, id, given) => answer(context, who, id, given),
    resolve: (who, id, verdict) => resolve(context, who, id, verdict),
    abandon: async (id) => {
      const operation = journal.head(id);
      if (operation?.state === 'queued') await fleet.laneOf(operation)?.abandon(id);
    },
    terminals: (who) => listTerminals(context, who),
    terminal: (who, id) => findTerminal(context, who, id),
    putTerminal: (who, settings) => putTerminal(context, who, settings),
    removeTerminal: (who, id) => removeTerminal(context, who, id),
    testTerminal: (who, id, signal) => testTerminal(context, who, id, signal),
  };
}

function listVisible(
  context: GatewayContext,
  who: Principal,
  query: Parameters<Gateway['list']>[1],
): ReturnType<Gateway['list']> {
  const empty = { operations: [], next: null };
  if (!may(who, 'read')) return empty;
  if (query.terminal !== undefined && !seesTerminal(who, query.terminal)) return empty;
  const terminals = query.terminal === undefined ? who.limits.terminals : null;
  return context.ledger.list({ ...query, terminals: terminals ?? undefined });
}

/**
 * After a crash nothing is sent again: what may have reached a terminal is unknown. Returns those
 * that the ledger could not take.
 */
async function takeUp(
  context: GatewayContext,
  operations: readonly Operation[],
): Promise<readonly Operation[]> {
  const { journal, clock, log } = context;
  const left: Operation[] = [];
  const take = async (operation: Operation): Promise<void> => {
    const event = eventAfterCrash(operation, clock.now());
    if (event === null) return;
    try {
      await journal.record({ id: operation.id, event }).durable;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      log.error('not-taken-up', { operation: operation.id }, error);
      left.push(operation);
    }
  };
  // Those of one group share a commit; one by one, a thousand would keep the door shut for seconds.
  for (let from = 0; from < operations.length; from += COMMIT_BATCH_MAX) {
    await Promise.all(operations.slice(from, from + COMMIT_BATCH_MAX).map(take));
  }
  return left;
}

/** Reads go on with a full disk; what is left over is taken up when there is room. */
async function takeUpLater(
  context: GatewayContext,
  operations: readonly Operation[],
  stopping: () => boolean,
): Promise<void> {
  let left = operations;
  while (left.length > 0 && !stopping()) {
    await context.clock.sleep(LEDGER_RETRY_MS);
    if (context.ledger.health().writable) left = await takeUp(context, left);
  }
}

function eventAfterCrash(operation: Operation, at: number): OperationEvent | null {
  const failed = (code: MessageCode): OperationEvent => ({
    kind: 'concluded',
    at,
    outcome: { kind: 'failed', code, terminalText: null, result: null },
  });
  switch (operation.state) {
    case 'accepted':
    case 'queued':
      return failed('gateway-restarted-before-start');
    case 'running':
    case 'confirming':
      return KINDS[operation.request.kind].whenLost === 'failed'
        ? failed('no-answer-no-money')
        : { kind: 'lost', at, code: 'gateway-restarted', terminalText: null, result: null };
    default:
      return null;
  }
}

function closedDoor(ledger: Ledger, stopping: boolean): Refusal | null {
  if (stopping) return refuse('ledger-unavailable', 'the gateway is stopping; try again shortly');
  const { writable, reason } = ledger.health();
  return writable ? null : refuse('ledger-unavailable', `the ledger cannot be written: ${reason}`);
}

function healthOf({ ledger, clock, settings, secrets }: GatewayParts, stopping: boolean): Health {
  const { writable, reason } = ledger.health();
  const parts = [
    { name: 'ledger', ok: writable, reason },
    { name: 'gateway', ok: !stopping, reason: stopping ? 'stopping' : null },
    // Advice, not a reason to refuse: payments are safe with a wrong clock, their times are not.
    { name: 'clock', ok: true, reason: clock.trusted() ? null : 'the time is not confirmed' },
    { name: 'settings', ok: true, reason: unusedReason(settings, secrets) },
  ];
  return { ok: parts.every((part) => part.ok), parts };
}

/** Advice too: what is not understood is off, the rest works. */
function unusedReason(...stores: readonly (Pick<SettingsStore<Settings>, 'unused'> | undefined)[]) {
  const some = stores.some((store) => (store?.unused?.() ?? []).length > 0);
  return some ? 'settings of a newer release are kept but not used' : null;
}
