// The lanes of all terminals: made from the settings, rebuilt when the settings change.
import type { OperationId, TerminalId } from '../domain/ids.ts';
import { type Operation, originalOf } from '../domain/operation.ts';
import type { DriverCatalog, LinkState } from '../ports/terminal-driver.ts';
import type { TerminalView } from './gateway.ts';
import type { Settings, TerminalSettings } from './settings-schema.ts';
import { type LaneContext, TerminalLane } from './terminal-lane.ts';

/**
 * INVARIANTS
 * - One lane for each enabled terminal of the settings; a terminal in use is never rebuilt.
 * - A lane that is built takes over every unresolved operation of its terminal, so no change of
 *   settings opens a gate.
 */
export class Fleet {
  readonly #lanes = new Map<TerminalId, TerminalLane>();
  #changing: Promise<unknown> = Promise.resolve();
  readonly #catalog: DriverCatalog;
  readonly #context: LaneContext;

  constructor(catalog: DriverCatalog, context: LaneContext) {
    this.#catalog = catalog;
    this.#context = context;
  }

  /** Changes of the terminals' settings run one after another: each is checked against the last. */
  change<T>(run: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(run);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  lane(id: TerminalId): TerminalLane | null {
    return this.#lanes.get(id) ?? null;
  }

  lanes(): readonly TerminalLane[] {
    return [...this.#lanes.values()];
  }

  /** The lane that holds this operation's terminal, or null where it is disabled or gone. */
  laneOf(operation: Operation): TerminalLane | null {
    return this.lane(operation.request.terminal);
  }

  /** Builds the lane and begins to connect; `unresolved` are its operations from the ledger. */
  add(settings: TerminalSettings, unresolved: readonly Operation[]): void {
    const lane = new TerminalLane(settings, this.#catalog.create(settings), this.#context);
    this.#lanes.set(lane.id, lane);
    for (const operation of unresolved) lane.takeUnresolved(operation, this.original(operation));
    lane.driver.start();
  }

  async remove(id: TerminalId, graceMs: number): Promise<void> {
    const lane = this.#lanes.get(id);
    this.#lanes.delete(id);
    await lane?.stop(graceMs);
  }

  /** Lines on which nothing runs are closed, and opened again after `ms`. */
  restLinks(ms: number): void {
    for (const lane of this.#lanes.values()) if (!lane.busy) lane.driver.rest?.(ms);
  }

  /** The operation that a request refers to, or null. */
  original(operation: Operation): Operation | null {
    const of: OperationId | null = originalOf(operation.request);
    return of === null ? null : this.#context.journal.head(of);
  }

  /** Names of terminals whose address is the same peer as this one's. */
  atSameAddress(settings: TerminalSettings, all: Settings['terminals']): readonly string[] {
    const address = this.#catalog.normaliseAddress(settings.address);
    if (address === null) return [];
    return all
      .filter((other) => other.id !== settings.id)
      .filter((other) => this.#catalog.normaliseAddress(other.address) === address)
      .map((other) => other.id);
  }

  view(settings: TerminalSettings): TerminalView {
    const lane = this.#lanes.get(settings.id as TerminalId); // the settings' schema is the brand
    if (lane === undefined) return disabledView(settings);
    const link = lane.driver.link();
    return {
      settings,
      capabilities: lane.driver.capabilities,
      link: linkName(lane, link.kind),
      since: link.since,
      reason: reasonOf(link),
      current: lane.current,
      unresolved: lane.unresolved,
      queued: lane.queued,
      lastSeen: lane.driver.lastSeen(),
      clockSkewMs: lane.driver.clockSkewMs(),
      identity: lane.driver.identity(),
    };
  }
}

function reasonOf(link: LinkState): string | null {
  switch (link.kind) {
    case 'offline':
      return link.reason;
    case 'ready':
      return link.alarm ?? null;
    case 'connecting':
      return null;
  }
}

function linkName(
  lane: TerminalLane,
  link: 'connecting' | 'ready' | 'offline',
): TerminalView['link'] {
  if (lane.unresolved !== null) return 'unresolved';
  if (lane.busy) return 'busy';
  return link;
}

function disabledView(settings: TerminalSettings): TerminalView {
  return {
    settings,
    capabilities: { kinds: [], instalments: [], services: [], cancel: false, adjust: false },
    link: 'disabled',
    since: 0,
    reason: null,
    current: null,
    unresolved: null,
    queued: 0,
    lastSeen: null,
    clockSkewMs: null,
    identity: null,
  };
}
