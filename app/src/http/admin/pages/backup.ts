// Backup and restore: make the file, take one back, say what it would cost, and order it.
import { passwordFault } from '../../../accounts/passwords.ts';
import { BACKUP_BYTES_MAX } from '../../../domain/limits.ts';
import {
  BackupError,
  type BackupFault,
  type ExaminedBackup,
  type Losses,
  type RestoreReport,
} from '../../../ports/backup.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';

const PATH = '/admin/system/backup';
/** The answer is on its way when the program ends. */
const RESTART_AFTER_MS = 500;

const FAULTS: Readonly<Record<BackupFault, readonly [field: string, text: TextKey]>> = {
  'not-a-backup': ['file', 'faultNotBackup'],
  newer: ['file', 'faultNewer'],
  'wrong-passphrase': ['passphrase', 'faultPassphrase'],
  damaged: ['file', 'faultDamaged'],
  'not-whole': ['file', 'faultNotWhole'],
  'no-space': ['file', 'faultNoSpace'],
  'too-large': ['file', 'fileTooLarge'],
  busy: ['all', 'faultBusy'],
  ordered: ['all', 'faultOrdered'],
};
const PASSPHRASE_FAULTS = {
  short: 'passwordShort',
  long: 'passwordLong',
  guessable: 'passwordGuessable',
} as const satisfies Record<string, TextKey>;

export function backupRoutes(services: Services): PageRoute[] {
  const common = { right: 'configure', section: 'system' } as const;
  return [
    {
      ...common,
      method: 'GET',
      path: PATH,
      handle: (visit) => page(services, visit, {}),
    },
    {
      ...common,
      method: 'POST',
      path: `${PATH}/make`,
      handle: (visit) => handMake(services, visit),
    },
    {
      ...common,
      method: 'POST',
      path: `${PATH}/upload`,
      upload: { bytesMax: BACKUP_BYTES_MAX, keep: (chunks) => receive(services, chunks) },
      handle: (visit) => handUpload(services, visit),
    },
    {
      ...common,
      method: 'POST',
      path: `${PATH}/restore`,
      handle: (visit) => handRestore(services, visit),
    },
    {
      ...common,
      method: 'POST',
      path: `${PATH}/discard`,
      handle: (visit) => handDiscard(services, visit),
    },
  ];
}

function page(services: Services, visit: Visit, faults: Faults): Reply {
  const { backup } = services;
  const examined = backup.examined();
  const model = {
    ordered: backup.ordered(),
    open: backup.open().map(({ id }) => ({ id, href: `/admin/operations/${id}` })),
    examined: examined === null ? null : shown(examined, visit),
    last: lastRows(backup.lastRestore(), visit),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'backup.njk', model, status };
}

function shown(examined: ExaminedBackup, { t, f }: Visit) {
  const { losses, open, newestAt } = examined;
  const rows = [
    { label: t.restoreMadeAt, value: f.when(examined.createdAt) },
    { label: t.restoreMadeBy, value: examined.program },
    { label: t.restoreOperations, value: f.number(examined.operations) },
    ...(newestAt === null ? [] : [{ label: t.restoreNewest, value: f.when(newestAt) }]),
    ...(open === 0 ? [] : [{ label: t.restoreOpenInBackup, value: f.number(open) }]),
  ];
  const phrase = phraseFor(losses, { t, f });
  return {
    rows,
    open: open > 0,
    losses: lossTexts(losses, { t, f }),
    // What this very page told: the order holds for no other losses.
    missing: losses === null ? 'all' : String(losses.missing),
    changed: losses === null ? 'all' : String(losses.changed),
    phrase,
    typeText: phrase === null ? null : f.fill(t.restoreType, { phrase }),
  };
}

function lossTexts(losses: Losses | null, { t, f }: Pick<Visit, 't' | 'f'>): string[] {
  if (losses === null) return [t.restoreLossAll];
  const { missing, changed } = losses;
  return [
    ...(missing === 0 ? [] : [f.plural(t.restoreLossMissing, missing)]),
    ...(changed === 0 ? [] : [f.plural(t.restoreLossChanged, changed)]),
  ];
}

/** What must be typed; null where nothing is lost. */
function phraseFor(losses: Losses | null, { t, f }: Pick<Visit, 't' | 'f'>): string | null {
  if (losses === null) return t.restorePhraseAll;
  const count = losses.missing + losses.changed;
  return count === 0 ? null : f.fill(t.restorePhrase, { count });
}

function lastRows(report: RestoreReport | null, { t, f, nameOf }: Visit) {
  if (report === null) return null;
  const word = {
    applied: t.restoreApplied,
    changed: t.restoreNotAppliedChanged,
    open: t.restoreNotAppliedOpen,
    newer: t.restoreNotAppliedNewer,
  }[report.why ?? 'applied'];
  const good = report.kind === 'applied';
  const atShell = report.by === 'command-line';
  const byWhom = atShell ? t.actedByCommand : nameOf(`person:${report.by}`);
  return {
    badge: { look: good ? 'good' : 'alarm', icon: good ? 'good' : 'alarm', word },
    rows: [
      {
        label: t.restoreBy,
        value: `${byWhom}, ${f.when(report.orderedAt)}`,
      },
      { label: t.restoreMadeAt, value: f.when(report.backupCreatedAt) },
      ...(report.replaced === null ? [] : [{ label: t.restoreReplacedIn, value: report.replaced }]),
    ],
  };
}

async function handMake(services: Services, visit: Visit): Promise<Reply> {
  const { form, t, audit } = visit;
  const passphrase = form.raw('new-passphrase');
  const fault = passwordFault(passphrase, visit.visitor?.person.login ?? '');
  if (fault !== null)
    return page(services, visit, { 'new-passphrase': t[PASSPHRASE_FAULTS[fault]] });
  if (form.raw('again-passphrase') !== passphrase) {
    return page(services, visit, { 'again-passphrase': t.passphraseDiffers });
  }
  try {
    const chunks = await services.backup.make(passphrase);
    audit('backup-full', 'appliance', null, null);
    const day = new Date(services.clock.now()).toISOString().slice(0, 10);
    const name = `tillgate-${day}.tillgate-backup`;
    return { kind: 'file', type: 'application/octet-stream', name, chunks };
  } catch (error) {
    return page(services, visit, { make: textOfFault(services, error, visit).text });
  }
}

/** The upload's fault travels with the form: what the passphrase is worth is asked afterwards. */
async function receive({ backup, log }: Services, chunks: AsyncIterable<Buffer>) {
  try {
    await backup.receive(chunks);
    return null;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    log.warn('backup-not-received', { code: error.code, reason: error.message });
    return error.code;
  }
}

async function handUpload(services: Services, visit: Visit): Promise<Reply> {
  const { form, t } = visit;
  const file = form.file('file');
  if (file === null) return page(services, visit, { file: t.chooseFile });
  if (file.fault !== null) {
    const [field, text] = FAULTS[file.fault as BackupFault]; // `receive` made it, or `too-large`
    return page(services, visit, { [field]: t[text] });
  }
  try {
    const examined = await services.backup.examine(form.raw('passphrase'));
    services.log.info('backup-examined', { operations: examined.operations });
    return see(PATH);
  } catch (error) {
    const { field, text } = textOfFault(services, error, visit);
    return page(services, visit, { [field]: text });
  }
}

async function handRestore(services: Services, visit: Visit): Promise<Reply> {
  const { form, t, visitor } = visit;
  const examined = services.backup.examined();
  if (examined === null) return see(PATH);
  const agreed = agreedLosses(visit);
  const phrase = phraseFor(agreed, visit);
  if (phrase !== null && form.text('phrase').toUpperCase() !== phrase.toUpperCase()) {
    return page(services, visit, { phrase: t.restorePhraseWrong });
  }
  const wish = { by: visitor?.person.login ?? '', from: visit.origin.address, losses: agreed };
  try {
    const ordered = await services.backup.order(wish);
    switch (ordered.kind) {
      case 'ordered':
        visit.audit('restore-order', 'appliance', null, {
          backupCreatedAt: new Date(examined.createdAt).toISOString(),
          losses: agreed,
        });
        services.clock.after(RESTART_AFTER_MS, services.restart);
        return page(services, visit, {});
      case 'losses-changed':
        return page(services, visit, { all: t.restoreLossesChanged });
      case 'open-operations':
        return page(services, visit, { all: t.restoreOpen });
      case 'nothing-examined':
        return see(PATH);
    }
  } catch (error) {
    return page(services, visit, { all: textOfFault(services, error, visit).text });
  }
}

async function handDiscard(services: Services, visit: Visit): Promise<Reply> {
  try {
    await services.backup.discard();
    return see(PATH);
  } catch (error) {
    return page(services, visit, { all: textOfFault(services, error, visit).text });
  }
}

/** What the person's page said; only that may be lost. */
function agreedLosses({ form }: Visit): Losses | null {
  if (form.text('missing') === 'all') return null;
  const whole = (name: string): number => form.whole(name, 0, Number.MAX_SAFE_INTEGER) ?? -1;
  return { missing: whole('missing'), changed: whole('changed') };
}

function textOfFault({ log }: Services, error: unknown, { t }: Visit) {
  if (!(error instanceof BackupError)) throw error;
  log.warn('backup-refused', { code: error.code, reason: error.message });
  const [field, text] = FAULTS[error.code];
  return { field, text: t[text] };
}
