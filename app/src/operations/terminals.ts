// Setting up terminals. A terminal in use is not changed under a running payment, and nothing
// that is done here opens a gate.
import { type Refusal, refuse } from '../domain/failures.ts';
import type { TerminalId } from '../domain/ids.ts';
import { LANE_CLOSE_GRACE_MS } from '../domain/limits.ts';
import { KINDS, type Operation } from '../domain/operation.ts';
import { SettingsError } from '../ports/settings-store.ts';
import type { DriverTest } from '../ports/terminal-driver.ts';
import { forbidden, may, seesTerminal } from './access.ts';
import type { GatewayContext } from './context.ts';
import type { Principal, TerminalChange, TerminalView } from './gateway.ts';
import { canonicalJson } from './request-schema.ts';
import { dropUnused, hideSecrets, keepSecrets, revealSecrets } from './terminal-secrets.ts';
import type { TerminalSettings } from './settings-schema.ts';

export function listTerminals(context: GatewayContext, who: Principal): readonly TerminalView[] {
  if (!may(who, 'read')) return [];
  return context.settings
    .current()
    .terminals.filter(({ id }) => seesTerminal(who, id))
    .map((settings) => context.fleet.view(settings));
}

export function findTerminal(
  context: GatewayContext,
  who: Principal,
  id: TerminalId,
): TerminalView | null {
  if (!may(who, 'read') || !seesTerminal(who, id)) return null;
  const settings = context.settings.current().terminals.find((terminal) => terminal.id === id);
  return settings === undefined ? null : context.fleet.view(settings);
}

export async function putTerminal(
  context: GatewayContext,
  who: Principal,
  next: TerminalSettings,
): Promise<TerminalChange> {
  if (!may(who, 'configure')) return refused(forbidden('configure'));
  return context.fleet.change(() => put(context, next));
}

export async function removeTerminal(
  context: GatewayContext,
  who: Principal,
  id: TerminalId,
): Promise<TerminalChange> {
  if (!may(who, 'configure')) return refused(forbidden('configure'));
  return context.fleet.change(() => remove(context, id));
}

async function put(context: GatewayContext, given: TerminalSettings): Promise<TerminalChange> {
  const { terminal: next, stored } = hidden(context, given);
  const all = context.settings.current().terminals;
  const before = all.find(({ id }) => id === next.id);
  const problems = [
    ...context.catalog.check(revealSecrets(next, stored)),
    ...addressProblems(context, next),
  ];
  if (problems.length > 0) {
    return refused(refuse('invalid-request', 'the settings are not valid', { errors: problems }));
  }
  const inUse = before === undefined ? null : inTheWay(context, before, next);
  if (inUse !== null) return refused(inUse);
  const lane = context.fleet.lane(next.id as TerminalId); // the settings' schema is the brand
  // Between this check and the new lane nobody may begin a payment that the change would cut.
  const letGo = before !== undefined && keepsLane(before, next) ? null : lane?.hold();
  try {
    if (context.secrets !== undefined) await keepSecrets(context.secrets, stored);
    await context.settings.change((draft) => {
      const index = draft.terminals.findIndex(({ id }) => id === next.id);
      if (index < 0) draft.terminals.push(next);
      else draft.terminals[index] = next;
    });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return refused(refuse('invalid-request', error.message, { errors: error.issues }));
  } finally {
    letGo?.();
  }
  await applyTerminal(context, next);
  await forgetSecrets(context);
  return { kind: 'terminal', terminal: context.fleet.view(next), created: before === undefined };
}

async function remove(context: GatewayContext, id: TerminalId): Promise<TerminalChange> {
  const before = context.settings.current().terminals.find((terminal) => terminal.id === id);
  if (before === undefined) return refused(refuse('unknown-terminal', `no terminal ${id}`));
  const inUse = inTheWay(context, before, null);
  if (inUse !== null) return refused(inUse);
  const letGo = context.fleet.lane(id)?.hold();
  try {
    await context.settings.change((draft) => {
      draft.terminals = draft.terminals.filter((terminal) => terminal.id !== id);
    });
  } finally {
    letGo?.();
  }
  await context.fleet.remove(id, LANE_CLOSE_GRACE_MS);
  await forgetSecrets(context);
  return { kind: 'removed' };
}

function hidden({ catalog, secrets }: GatewayContext, given: TerminalSettings) {
  const names = secrets === undefined ? [] : (catalog.secretOptions?.(given.driver) ?? []);
  return hideSecrets(given, names);
}

async function forgetSecrets({ settings, secrets }: GatewayContext): Promise<void> {
  if (secrets !== undefined) await dropUnused({ settings, secrets });
}

/** Quiet: never dials the bank, never asks the customer. */
export async function testTerminal(
  context: GatewayContext,
  who: Principal,
  id: TerminalId,
  signal: AbortSignal,
): Promise<DriverTest | Refusal> {
  if (!may(who, 'configure')) return forbidden('configure');
  const lane = context.fleet.lane(id);
  if (lane === null) return refuse('unknown-terminal', `no terminal ${id}, or it is disabled`);
  if (lane.busy) return refuse('terminal-busy', 'the terminal is busy with an operation');
  return lane.lookUpTurn(() => lane.driver.test(signal));
}

/** Makes the lane of one terminal what its settings say, with its unresolved operations. */
export async function applyTerminal(
  context: GatewayContext,
  settings: TerminalSettings,
): Promise<void> {
  const id = settings.id as TerminalId; // the settings' schema is the brand
  const lane = context.fleet.lane(id);
  if (lane !== null && !settings.disabled && sameWire(lane.settings, settings)) {
    lane.settings = settings;
    return;
  }
  await context.fleet.remove(id, LANE_CLOSE_GRACE_MS);
  if (!settings.disabled) context.fleet.add(settings, unresolvedOf(context, id));
}

/**
 * Operations that close the gate of a terminal that has no lane: unknown ones, and those whose
 * loss the ledger could not take yet.
 */
export function unresolvedByTerminal({
  ledger,
}: GatewayContext): ReadonlyMap<TerminalId, readonly Operation[]> {
  const all = new Map<TerminalId, Operation[]>();
  for (const operation of ledger.open()) {
    const { request, state } = operation;
    const lost =
      (state === 'running' || state === 'confirming') && KINDS[request.kind].whenLost === 'unknown';
    if (state !== 'unknown' && !lost) continue;
    const ofTerminal = all.get(request.terminal) ?? [];
    all.set(request.terminal, ofTerminal);
    ofTerminal.push(operation);
  }
  return all;
}

function unresolvedOf(context: GatewayContext, id: TerminalId): readonly Operation[] {
  return unresolvedByTerminal(context).get(id) ?? [];
}

function keepsLane(before: TerminalSettings, next: TerminalSettings): boolean {
  return !before.disabled && !next.disabled && sameWire(before, next);
}

/** True where name, merchants' names or loyalty changed, but nothing that the driver is made of. */
function sameWire(a: TerminalSettings, b: TerminalSettings): boolean {
  return wire(a) === wire(b);
}

function wire(settings: TerminalSettings): string {
  const { driver, address, currency, defaultMerchant, merchants, options } = settings;
  return canonicalJson({ driver, address, currency, defaultMerchant, merchants, options });
}

function addressProblems(
  context: GatewayContext,
  next: TerminalSettings,
): readonly { path: string; message: string }[] {
  const others = context.fleet.atSameAddress(next, context.settings.current().terminals);
  const [other] = others;
  return other === undefined
    ? []
    : [
        {
          path: 'address',
          message: `terminal ${other} has this address; a terminal takes one client`,
        },
      ];
}

function inTheWay(
  context: GatewayContext,
  before: TerminalSettings,
  next: TerminalSettings | null,
): Refusal | null {
  const lane = context.fleet.lane(before.id as TerminalId); // the settings' schema is the brand
  const untouched = next !== null && keepsLane(before, next);
  if (lane?.busy && !untouched) {
    return refuse('terminal-busy', 'the terminal is busy with an operation', {
      operation: lane.current,
    });
  }
  // Another address is allowed: a terminal with a new IP must be reachable for the look-up.
  const unreachable = next === null || next.disabled || next.driver !== before.driver;
  const [unresolved] = unresolvedOf(context, before.id as TerminalId); // as above
  if (unresolved !== undefined && unreachable) {
    return refuse('terminal-unresolved', 'an operation of this terminal is unresolved', {
      operation: unresolved.id,
    });
  }
  return null;
}

function refused(refusal: Refusal): TerminalChange {
  return { kind: 'refused', refusal };
}
