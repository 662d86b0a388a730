// Which slot runs, which one is confirmed: the kernel's command line and GRUB's environment.
import { copyFile, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunCommand } from '../system/commands.ts';

export type Slot = 'A' | 'B';

export interface BootState {
  /** Null on a live medium. */
  readonly booted: Slot | null;
  /** The slot that last proved that payments work. */
  readonly confirmed: Slot | null;
  /** The slot that the next start tries first. */
  readonly next: Slot | null;
  readonly machineId: string | null;
}

export interface BootPaths {
  readonly commandLine: string;
  readonly environment: string;
  readonly machineId: string;
}

export const BOOT_PATHS: BootPaths = {
  commandLine: '/proc/cmdline',
  environment: '/efi/grub/grubenv',
  machineId: '/etc/machine-id',
};

export async function readBootState(paths: BootPaths = BOOT_PATHS): Promise<BootState> {
  const booted = slotOf(/\brauc\.slot=(\w)/.exec(await readFile(paths.commandLine, 'utf8'))?.[1]);
  if (booted === null) return { booted, confirmed: null, next: null, machineId: null };
  const values = parseEnvironment(await readFile(paths.environment, 'utf8'));
  return {
    booted,
    confirmed: slotOf(values.get('CONFIRMED')),
    next: slotOf(values.get('ORDER')?.split(' ')[0]),
    machineId: values.get('machine_id') ?? null,
  };
}

/** SPEC GRUB manual, «Environment block»: `name=value` lines, padded with `#`. */
export function parseEnvironment(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], match[2]);
  }
  return values;
}

/**
 * Notes that this slot works, and keeps a copy of GRUB's environment: a power cut while it is
 * rewritten must not lose the choice. The machine's identity goes along, so that every start and
 * every version of the system has the same one.
 */
export async function confirmSlot(
  state: BootState & { readonly booted: Slot },
  run: RunCommand,
  paths: BootPaths = BOOT_PATHS,
): Promise<void> {
  const marked = await run('rauc', ['status', 'mark-good']);
  if (!marked.ok) throw new Error(`rauc status mark-good: ${marked.text}`);
  const changes: string[] = [];
  if (state.confirmed !== state.booted) changes.push(`CONFIRMED=${state.booted}`);
  if (state.machineId === null) {
    changes.push(`machine_id=${(await readFile(paths.machineId, 'utf8')).trim()}`);
  }
  if (changes.length > 0) {
    const set = await run('grub-editenv', [paths.environment, 'set', ...changes]);
    if (!set.ok) throw new Error(`grub-editenv: ${set.text}`);
  }
  await keepCopy(paths.environment);
}

async function keepCopy(path: string): Promise<void> {
  const temporary = `${path}.new`;
  await copyFile(path, temporary);
  await sync(temporary);
  await rename(temporary, `${path}.copy`);
  await sync(dirname(path));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function slotOf(text: string | undefined): Slot | null {
  return text === 'A' || text === 'B' ? text : null;
}
