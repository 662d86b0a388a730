// After a start: this system is good once the gateway is healthy, the ledger whole, and what
// worked before an update works again. A new system that cannot show that makes place for the old.
import { CONFIRM_DEADLINE_MS, CONFIRM_POLL_MS } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunCommand } from '../system/commands.ts';
import { type BootPaths, confirmSlot, readBootState } from './boot-state.ts';
import type { OwnHealth } from './health.ts';
import { missingParts } from './snapshot.ts';

export interface ConfirmParts {
  readonly clock: Clock;
  readonly run: RunCommand;
  readonly paths: BootPaths;
  readonly health: () => Promise<OwnHealth | null>;
  /** Null where the ledger is whole; else why not. */
  readonly ledgerFault: () => Promise<string | null>;
  readonly worked: readonly string[];
  readonly say: (line: string) => void;
}

export type Confirmation =
  | { kind: 'live-medium' }
  | { kind: 'confirmed'; new: boolean }
  /** The confirmed system itself is not well: it stays, the console says why. */
  | { kind: 'unhealthy'; reason: string }
  | { kind: 'rolled-back'; reason: string };

export async function confirm(parts: ConfirmParts): Promise<Confirmation> {
  const state = await readBootState(parts.paths);
  if (state.booted === null) return { kind: 'live-medium' };
  const isNew = state.confirmed !== state.booted;
  const fault = await waitUntilGood(parts, isNew);
  if (fault === null) {
    await confirmSlot({ ...state, booted: state.booted }, parts.run, parts.paths);
    parts.say(`slot ${state.booted} is good`);
    return { kind: 'confirmed', new: isNew };
  }
  parts.say(`slot ${state.booted} is not good: ${fault}`);
  if (!isNew || state.confirmed === null) return { kind: 'unhealthy', reason: fault };
  parts.say(`slot ${state.confirmed} comes back`);
  const restarted = await parts.run('systemctl', ['reboot']);
  if (!restarted.ok) throw new Error(`systemctl reboot: ${restarted.text}`);
  return { kind: 'rolled-back', reason: fault };
}

/** Null when good; else what was wrong at the last look. */
async function waitUntilGood(parts: ConfirmParts, isNew: boolean): Promise<string | null> {
  const deadline = parts.clock.monotonic() + CONFIRM_DEADLINE_MS;
  let ledgerChecked = false;
  for (;;) {
    const fault = faultOf(await parts.health(), isNew ? parts.worked : []);
    if (fault === null && ledgerChecked) return null;
    if (fault === null) {
      // Once is enough, and it may take long: the gateway only appends to what was read.
      const broken = await parts.ledgerFault();
      if (broken !== null) return broken;
      ledgerChecked = true;
      continue;
    }
    if (parts.clock.monotonic() >= deadline) return fault;
    await parts.clock.sleep(CONFIRM_POLL_MS);
  }
}

function faultOf(health: OwnHealth | null, worked: readonly string[]): string | null {
  if (health === null) return 'the gateway does not answer';
  const bad = health.parts.find((part) => !part.ok);
  if (!health.ok) return bad === undefined ? 'unhealthy' : `${bad.name}: ${bad.reason ?? 'not ok'}`;
  const missing = missingParts(worked, health);
  return missing.length === 0 ? null : `worked before the update: ${missing.join(', ')}`;
}
