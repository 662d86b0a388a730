// Applies an ordered restore before anything of the data folder is opened. Each step is a rename, and
// what was done can be seen from the names alone: after a power cut the next start goes on.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { RestoreReport } from '../../ports/backup.ts';
import { LedgerError } from '../../ports/ledger.ts';
import { dataFile, ledgerFolder, syncFolder } from '../data-folder.ts';
import { writeDurable } from '../durable-file.ts';
import { tryFileLock } from '../file-lock.ts';
import { isContent, UNITS } from './content.ts';
import {
  openOperations,
  type Order,
  orderSchema,
  presentLedger,
  restoreLock,
  restorePath,
} from './staging.ts';

/** Folders of earlier states: `replaced/2026-03-02T12-00-00`; never deleted by us. */
const REPLACED = 'replaced';
const REPORT = 'restored.json';

/** Loose: what a newer release told besides stays in it. */
const reportSchema = z.looseObject({
  kind: z.enum(['applied', 'not-applied']),
  why: z.enum(['changed', 'open', 'newer']).nullable(),
  ...orderSchema.pick({
    by: true,
    from: true,
    orderedAt: true,
    backupCreatedAt: true,
    losses: true,
  }).shape,
  replaced: z.string().nullable(),
  /** Whether it stands in the audit by now. */
  told: z.boolean(),
});

/**
 * The report of a restore that was ordered; null where none was. Rejects where another process has
 * the folder. `step` is called between the steps, so that a test can end there.
 */
export async function applyRestore(
  dataFolder: string,
  step: (name: string) => void = () => undefined,
): Promise<RestoreReport | null> {
  const order = readOrder(dataFolder);
  const unlock = restoreLock(dataFolder);
  try {
    if (order === null) {
      // Nobody ordered what lies there: an upload, or a backup that was only looked at.
      if (unlock !== null) {
        rmSync(restorePath(dataFolder, 'folder'), { recursive: true, force: true });
      }
      return null;
    }
    if (unlock === null) throw new Error('another process works on a restore of this folder');
    return order.kind === 'newer'
      ? await drop(dataFolder, order.head)
      : await carryOut(dataFolder, order.order, step);
  } finally {
    unlock?.();
  }
}

async function carryOut(
  dataFolder: string,
  order: Order,
  step: (name: string) => void,
): Promise<RestoreReport> {
  const unlock = ledgerLock(dataFolder);
  try {
    const begun = existsSync(restorePath(dataFolder, 'begun'));
    const why = begun ? null : refusal(dataFolder, order);
    if (why === null) {
      if (!begun) await writeDurable(restorePath(dataFolder, 'begun'), 'from here only forward\n');
      step('begun');
      for (const unit of UNITS) exchange(dataFolder, order, unit, step);
    }
    const report = reportOf(order, why);
    await end(dataFolder, report, step);
    return report;
  } finally {
    unlock();
  }
}

async function end(
  dataFolder: string,
  report: RestoreReport,
  step: (name: string) => void,
): Promise<void> {
  await writeReport(dataFolder, report, false);
  step('reported');
  rmSync(restorePath(dataFolder, 'order'));
  syncFolder(restorePath(dataFolder, 'folder'));
  step('order removed');
  rmSync(restorePath(dataFolder, 'folder'), { recursive: true, force: true });
}

/** Nothing was touched yet, and the person still has the backup; half a restore is worse than none. */
async function drop(dataFolder: string, head: OrderHead): Promise<RestoreReport> {
  if (existsSync(restorePath(dataFolder, 'begun'))) {
    throw new Error('a newer release has begun a restore: only that release can end it');
  }
  const report: RestoreReport = { kind: 'not-applied', why: 'newer', ...head, replaced: null };
  await end(dataFolder, report, () => undefined);
  return report;
}

/** Throws where a gateway runs on this folder. */
function ledgerLock(dataFolder: string): () => void {
  // After a cut in the middle it may be away: then there is nothing to lock.
  if (!existsSync(ledgerFolder(dataFolder))) return () => undefined;
  const unlock = tryFileLock(dataFile(ledgerFolder(dataFolder), 'ledgerLock'));
  if (unlock === null) throw new LedgerError('locked', 'another process writes this ledger');
  return unlock;
}

/** Payments that came in after the person's word are not what that person agreed to lose. */
function refusal(dataFolder: string, order: Order): RestoreReport['why'] {
  if (openOperations(dataFolder).length > 0) return 'open';
  return sameLedger(presentLedger(dataFolder), order.present) ? null : 'changed';
}

function sameLedger(now: Order['present'], then: Order['present']): boolean {
  if (now.kind !== 'head' || then.kind !== 'head') return now.kind === then.kind;
  return now.seq === then.seq && now.hash === then.hash;
}

/** What is there goes aside, what is new takes its place; the last name of a unit is its heart. */
function exchange(
  dataFolder: string,
  order: Order,
  unit: readonly string[],
  step: (name: string) => void,
): void {
  const heart = unit.at(-1) ?? '';
  const fresh = join(restorePath(dataFolder, 'fresh'), heart);
  const comes = order.files.some((path) => path === heart || path.startsWith(`${heart}/`));
  // It came in an earlier try: what is here is the new one.
  if (comes && !existsSync(fresh)) return;
  for (const name of unit) {
    const here = join(dataFolder, name);
    if (!existsSync(here)) continue;
    move(here, freeName(join(dataFolder, replacedFolder(order), name)));
    step(`${name} aside`);
  }
  if (!comes) return;
  move(fresh, join(dataFolder, heart));
  step(`${heart} in place`);
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  renameSync(from, to);
  syncFolder(dirname(to));
  syncFolder(dirname(from));
}

/** Somebody may have made the file anew between two tries. */
function freeName(path: string): string {
  let free = path;
  for (let n = 2; existsSync(free); n += 1) free = `${path}.${n}`;
  return free;
}

function replacedFolder(order: Order): string {
  const stamp = new Date(order.orderedAt).toISOString().slice(0, 19).replaceAll(':', '-');
  return join(REPLACED, stamp);
}

/** What every release says of an order. */
const orderHeadSchema = z.object({
  ...orderSchema.pick({ by: true, from: true, orderedAt: true, backupCreatedAt: true }).shape,
  losses: orderSchema.shape.losses.catch(null),
});
type OrderHead = z.infer<typeof orderHeadSchema>;

type FoundOrder =
  | { kind: 'understood'; order: Order }
  /** It asks for more than this release knows. */
  | { kind: 'newer'; head: OrderHead };

function readOrder(dataFolder: string): FoundOrder | null {
  const path = restorePath(dataFolder, 'order');
  if (!existsSync(path)) return null;
  const data: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const order = orderSchema.safeParse(data);
  if (order.success && order.data.files.every(isContent)) {
    return { kind: 'understood', order: order.data };
  }
  // Written durably, by us: anything else is damage, and a start must not go on over it.
  return { kind: 'newer', head: orderHeadSchema.parse(data) };
}

function reportOf(order: Order, why: RestoreReport['why']): RestoreReport {
  const { by, from, orderedAt, backupCreatedAt, losses } = order;
  return {
    kind: why === null ? 'applied' : 'not-applied',
    why,
    by,
    from,
    orderedAt,
    backupCreatedAt,
    losses,
    replaced: why === null ? replacedFolder(order) : null,
  };
}

async function writeReport(
  dataFolder: string,
  report: RestoreReport,
  told: boolean,
): Promise<void> {
  await writeDurable(join(dataFolder, REPORT), `${JSON.stringify({ ...report, told })}\n`);
}

/** The last restore of this folder; `tell` is called once for each, to write it into the audit. */
export async function lastRestore(
  dataFolder: string,
  tell: (report: RestoreReport) => void,
): Promise<RestoreReport | null> {
  const path = join(dataFolder, REPORT);
  if (!existsSync(path)) return null;
  const read = reportSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  // Of a newer release: its words wait for it, and no payment waits for them.
  if (!read.success) return null;
  const { told, ...report } = read.data;
  if (!told) {
    tell(report);
    await writeReport(dataFolder, report, true);
  }
  return report;
}
