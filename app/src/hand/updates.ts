// Slots and updates: what runs, what was uploaded, and one installation at a time.
import { chmod, chown, lstat, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UPDATE_BUNDLE_BYTES_MAX } from '../domain/limits.ts';
import type {
  Handed,
  SlotName,
  SlotState,
  SpooledBundle,
  UpdateProgress,
  UpdateResult,
  UpdateState,
} from '../ports/machine-hand.ts';
import { isSystemError } from '../storage/data-folder.ts';
import { writeDurable } from '../storage/durable-file.ts';
import type { CommandResult, RunCommand } from '../system/commands.ts';
import { readBootState } from '../update/boot-state.ts';
import { type Installation, parseInfo } from '../update/install.ts';
import { installUpdate } from '../update/program.ts';
import { DETAIL_LENGTH, done, ofCommand, refused } from './answers.ts';
import type { HandMachine } from './machine.ts';
import { paymentsForbid } from './open-payments.ts';

/** The one name under which the gateway leaves a bundle, and under which it is installed. */
const BUNDLE = 'update.raucb';
const LAST_FILE = 'last-update.json';

export interface Updates {
  state(): Promise<UpdateState>;
  install(): Promise<Handed<null>>;
  /** Resolves when nothing is installed any more, or `signal` aborts. */
  watch(tell: (progress: UpdateProgress) => void, signal: AbortSignal): Promise<void>;
  switchSlot(): Promise<Handed<null>>;
  installing(): boolean;
}

type Watcher = (progress: UpdateProgress | null) => void;

/** INVARIANT: `running` is not null exactly while a bundle is taken and installed. */
export async function openUpdates(machine: HandMachine): Promise<Updates> {
  // Of a hand that died while it installed; RAUC has what it needs open.
  await rm(join(machine.folders.taken, BUNDLE), { force: true });
  let running: UpdateProgress | null = null;
  const watchers = new Set<Watcher>();
  const tell = (progress: UpdateProgress | null): void => {
    running = progress;
    for (const watcher of watchers) watcher(progress);
  };
  const work = async (): Promise<void> => {
    try {
      await installTaken(machine, tell);
    } catch (error) {
      machine.log.error('update-failed', {}, error);
    } finally {
      tell(null);
    }
  };
  return {
    installing: () => running !== null,
    state: async () => ({
      slots: await slotsOf(machine),
      bundle: running === null ? await spooledBundle(machine) : null,
      running,
      last: await lastOf(machine),
    }),
    install: async () => {
      if (running !== null) return refused({ code: 'busy' });
      // Never with a payment that is not resolved: RAUC asks the same before it writes.
      const forbidden = paymentsForbid(machine.folders.gateway, []);
      if (forbidden !== null) return refused(forbidden);
      tell({ percent: 0, text: '' });
      const taken = await take(machine).catch((error: unknown) => {
        tell(null);
        throw error;
      });
      if (!taken) {
        tell(null);
        return refused({ code: 'nothing' });
      }
      void work();
      return done(null);
    },
    watch: (listener, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          watchers.delete(watcher);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const watcher: Watcher = (progress) => {
          if (progress === null) end();
          else listener(progress);
        };
        if (running === null || signal.aborted) return resolve();
        watchers.add(watcher);
        signal.addEventListener('abort', end, { once: true });
        listener(running);
      }),
    switchSlot: async () => {
      if (running !== null) return refused({ code: 'busy' });
      const forbidden = paymentsForbid(machine.folders.gateway, []);
      if (forbidden !== null) return refused(forbidden);
      machine.log.warn('slot-switch');
      return ofCommand(await markOtherSlot(machine.run));
    },
  };
}

/** The next start takes the slot that does not run. */
export function markOtherSlot(run: RunCommand): Promise<CommandResult> {
  return run('rauc', ['status', 'mark-active', 'other']);
}

/**
 * Out of the gateway's reach before anything is believed of it: the gateway's own user could put
 * another file under the name between the look and the installation.
 */
async function take({ folders }: HandMachine): Promise<boolean> {
  const to = join(folders.taken, BUNDLE);
  await mkdir(folders.taken, { recursive: true, mode: 0o700 });
  await rm(to, { force: true });
  try {
    await rename(join(folders.spool, BUNDLE), to);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
  const entry = await lstat(to);
  if (!entry.isFile() || entry.nlink !== 1 || entry.size > UPDATE_BUNDLE_BYTES_MAX) {
    await rm(to, { force: true, recursive: true });
    return false;
  }
  await chown(to, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  await chmod(to, 0o600);
  return true;
}

async function installTaken(
  { folders, update, log, clock }: HandMachine,
  tell: (progress: UpdateProgress) => void,
): Promise<void> {
  const file = join(folders.taken, BUNDLE);
  log.warn('update-install');
  let installation: Installation;
  try {
    installation = await installUpdate(file, update, (line) => {
      const progress = progressOf(line);
      if (progress !== null) tell(progress);
    });
  } finally {
    await rm(file, { force: true });
  }
  const result = resultOf(installation);
  log.warn('update-result', { result: result.kind });
  const text = JSON.stringify({ at: clock.now(), result });
  await writeDurable(join(folders.state, LAST_FILE), `${text}\n`);
}

/** `rauc install` without a screen prints ` 40% Copying image to system.1`. */
export function progressOf(line: string): UpdateProgress | null {
  const match = /^\s*(\d{1,3})% (.*)$/.exec(line);
  const percent = Number(match?.[1]);
  return match === null || percent > 100 ? null : { percent, text: (match[2] ?? '').slice(0, 200) };
}

function resultOf(installation: Installation): UpdateResult {
  switch (installation.kind) {
    case 'installed':
      return { kind: 'installed', version: installation.version };
    case 'refused':
      return installation.permission.kind === 'open-operations'
        ? { kind: 'refused', count: installation.permission.operations.length }
        : { kind: 'failed', detail: installation.permission.reason };
    case 'not-trusted':
      return { kind: 'not-trusted', detail: installation.detail.slice(0, DETAIL_LENGTH) };
    case 'too-old':
      return { kind: 'too-old', version: installation.version };
    case 'failed':
      return { kind: 'failed', detail: installation.detail.slice(0, DETAIL_LENGTH) };
  }
}

async function spooledBundle({ folders, run }: HandMachine): Promise<SpooledBundle | null> {
  const path = join(folders.spool, BUNDLE);
  let bytes: number;
  try {
    const entry = await lstat(path);
    if (!entry.isFile()) return null;
    bytes = entry.size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
  const info = await run('rauc', ['info', '--output-format=json-2', path]);
  const version = info.ok ? (parseInfo(info.text)?.version ?? null) : null;
  return { bytes, version, detail: version === null ? info.text.slice(0, DETAIL_LENGTH) : null };
}

const resultSchema: z.ZodType<UpdateResult> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('installed'), version: z.string() }),
  z.object({ kind: z.literal('refused'), count: z.int() }),
  z.object({ kind: z.literal('not-trusted'), detail: z.string() }),
  z.object({ kind: z.literal('too-old'), version: z.string() }),
  z.object({ kind: z.literal('failed'), detail: z.string() }),
]);
const lastSchema = z.object({ at: z.number(), result: resultSchema });

async function lastOf({ folders }: HandMachine): Promise<UpdateState['last']> {
  try {
    const text = await readFile(join(folders.state, LAST_FILE), 'utf8');
    return lastSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Of `rauc status --detailed --output-format=json` what we show. */
const statusSchema = z.object({
  slots: z.array(
    z.record(
      z.string(),
      z.object({
        bootname: z.string().nullish(),
        boot_status: z.string().nullish(),
        slot_status: z
          .object({ bundle: z.object({ version: z.string().nullish() }).nullish() })
          .nullish(),
      }),
    ),
  ),
});

async function slotsOf(machine: HandMachine): Promise<SlotState[]> {
  const { booted, confirmed, next } = await readBootState(machine.boot);
  if (booted === null) return [];
  const known = await raucSlots(machine.run);
  return (['A', 'B'] as const).map((name) => ({
    name,
    booted: name === booted,
    confirmed: name === confirmed,
    next: name === next,
    version: name === booted ? machine.version : (known.get(name)?.version ?? null),
    good: known.get(name)?.good ?? null,
  }));
}

async function raucSlots(
  run: RunCommand,
): Promise<ReadonlyMap<SlotName, { version: string | null; good: boolean | null }>> {
  const { text } = await run('rauc', ['status', '--detailed', '--output-format=json']);
  const found = new Map<SlotName, { version: string | null; good: boolean | null }>();
  const start = text.search(/^\{/m);
  const parsed = statusSchema.safeParse(start < 0 ? null : parsedJson(text.slice(start)));
  // Without RAUC's word the slots are shown as the loader knows them.
  if (!parsed.success) return found;
  for (const slot of parsed.data.slots.flatMap((one) => Object.values(one))) {
    if (slot.bootname !== 'A' && slot.bootname !== 'B') continue;
    found.set(slot.bootname, {
      version: slot.slot_status?.bundle?.version ?? null,
      good: goodOf(slot.boot_status ?? null),
    });
  }
  return found;
}

function goodOf(status: string | null): boolean | null {
  return status === null ? null : status === 'good';
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
