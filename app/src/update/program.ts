// `tillgate update …`: what a person, the console and RAUC itself ask for.
import type { Clock } from '../ports/clock.ts';
import { ledgerFolder } from '../storage/data-folder.ts';
import { openForReading } from '../storage/ledger/opening.ts';
import { verifyLedger } from '../storage/ledger/verify.ts';
import type { RunCommand } from '../system/commands.ts';
import { BOOT_PATHS, readBootState } from './boot-state.ts';
import { confirm } from './confirm.ts';
import { ledgerNeeds, type Permission, updatePermission } from './guard.ts';
import { askHealth } from './health.ts';
import { type Installation, install } from './install.ts';
import { keepSnapshot, readSnapshot } from './snapshot.ts';

export const UPDATE_HELP = `tillgate update: versions of the system in two slots

  tillgate update install FILE    put a signed bundle into the other slot
  tillgate update check           is an update allowed now? (RAUC asks this too)
  tillgate update status          which slot runs, which one is confirmed
  tillgate update confirm         after a start: mark this slot good once payments work
`;

export interface UpdateSurroundings {
  readonly dataFolder: string;
  readonly snapshotFile: string;
  readonly port: number;
  readonly clock: Clock;
  readonly run: RunCommand;
  readonly say: (line: string) => void;
}

/** Exit code: 0 done, 1 failed, 2 asked wrongly, 3 refused because of open payments. */
export async function updateProgram(
  args: readonly string[],
  around: UpdateSurroundings,
): Promise<0 | 1 | 2 | 3> {
  const [verb, file, more] = args;
  if (verb === 'install' && file !== undefined && more === undefined) {
    return installVerb(file, around);
  }
  if (verb === 'check' && file === undefined) return checkVerb(around);
  if (verb === 'status' && file === undefined) return statusVerb(around);
  if (verb === 'confirm' && file === undefined) return confirmVerb(around);
  around.say(UPDATE_HELP);
  return 2;
}

export function installUpdate(
  file: string,
  around: UpdateSurroundings,
  onLine?: (line: string) => void,
): Promise<Installation> {
  return install(
    {
      run: around.run,
      ...(onLine === undefined ? {} : { onLine }),
      permission: () => updatePermission(around.dataFolder),
      ledgerNeeds: () => ledgerNeeds(around.dataFolder),
      remember: async () => keepSnapshot(around.snapshotFile, await askHealth(around.port)),
    },
    file,
  );
}

async function installVerb(file: string, around: UpdateSurroundings): Promise<0 | 1 | 3> {
  const result = await installUpdate(file, around);
  switch (result.kind) {
    case 'installed':
      around.say(`version ${result.version} is in the other slot; it starts at the next restart`);
      return 0;
    case 'refused':
      return refused(result.permission, around);
    case 'not-trusted':
      around.say(`the bundle is not trusted: ${result.detail}`);
      return 1;
    case 'too-old':
      around.say(
        `version ${result.version} reads ledgers up to schema ${result.bundleSchema}; ` +
          `this one needs schema ${result.ledgerNeeds}`,
      );
      return 1;
    case 'failed':
      around.say(`the bundle was not installed: ${result.detail}`);
      return 1;
  }
}

function checkVerb(around: UpdateSurroundings): 0 | 1 | 3 {
  const permission = updatePermission(around.dataFolder);
  if (permission.kind !== 'allowed') return refused(permission, around);
  around.say('no payment is open');
  return 0;
}

function refused(
  permission: Exclude<Permission, { kind: 'allowed' }>,
  around: UpdateSurroundings,
): 1 | 3 {
  if (permission.kind === 'unreadable') {
    around.say(`refused, the ledger cannot be read: ${permission.reason}`);
    return 1;
  }
  around.say('refused, payments are open:');
  for (const { id, terminal, kind, state } of permission.operations) {
    around.say(`  ${id}: ${kind} at ${terminal} is ${state}`);
  }
  return 3;
}

async function statusVerb(around: UpdateSurroundings): Promise<0> {
  const { booted, confirmed, next } = await readBootState();
  around.say(`running: ${booted ?? 'live medium'}`);
  if (booted !== null) {
    around.say(`confirmed: ${confirmed ?? 'none'}`);
    around.say(`next start: ${next ?? 'unknown'}`);
  }
  return 0;
}

async function confirmVerb(around: UpdateSurroundings): Promise<0 | 1> {
  const result = await confirm({
    clock: around.clock,
    run: around.run,
    paths: BOOT_PATHS,
    health: () => askHealth(around.port),
    ledgerFault: async () => ledgerFault(around.dataFolder),
    worked: await readSnapshot(around.snapshotFile),
    say: around.say,
  });
  return result.kind === 'unhealthy' ? 1 : 0;
}

function ledgerFault(folder: string): string | null {
  try {
    const database = openForReading(ledgerFolder(folder));
    try {
      const { broken } = verifyLedger(database);
      return broken === null ? null : `ledger, event ${broken.seq}: ${broken.reason}`;
    } finally {
      database.close();
    }
  } catch (error) {
    // What this system cannot read is as good as broken to it.
    return `ledger: ${error instanceof Error ? error.message : String(error)}`;
  }
}
