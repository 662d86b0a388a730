// The bank's library: what is installed, what it lacks, and a new one in its place.
import { LIBRARY_FILE_BYTES_MAX } from '../../../domain/limits.ts';
import type {
  FunctionName,
  InstalledLibrary,
  LibraryRefusal,
} from '../../../ports/bank-library.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';

const PATH = '/admin/system/library';
/** Parts of the system's own C library: on every machine. */
const EVERYWHERE = /^(lib(c|m|pthread|dl|rt|gcc_s|stdc\+\+)\.so|ld-linux)/;

const REFUSALS: Readonly<Record<LibraryRefusal, TextKey>> = {
  'too-large': 'fileTooLarge',
  'for-windows': 'libForWindows',
  'no-library': 'libNoLibrary',
  'other-machine': 'libOtherMachine',
  damaged: 'libDamaged',
  'flavour-java': 'libFlavour',
  'flavour-cpp': 'libFlavour',
  'another-library': 'libAnother',
  'lacks-functions': 'libLacksNeeded',
  'does-not-run': 'libDoesNotRun',
};

/** What a library that lacks these functions cannot do; what no row names are details. */
const MEANINGS: readonly (readonly [TextKey, readonly FunctionName[]])[] = [
  ['lackRefund', ['Refund']],
  ['lackVoid', ['Void']],
  ['lackHold', ['Completion', 'CompletionInvoiceNum']],
  ['lackServices', ['PurchaseService', 'SetExtraXmlData', 'SetExtraPrintData']],
  ['lackCash', ['CashAdvance', 'Deposit', 'StartScenario', 'ScenarioData']],
  [
    'lackCards',
    ['Balance', 'IdentifyCard', 'ReadCard', 'ReadBankCard', 'CorrectTransaction', 'SelectApp'],
  ],
  [
    'lackReports',
    [
      'Settlement',
      'PrintBatchTotals',
      'PrintLastSettleCopy',
      'PrintBatchJournal',
      'GetBatchTotals',
      'TotalsDebitAmt',
      'TotalsDebitNum',
      'TotalsCreditAmt',
      'TotalsCreditNum',
      'TotalsCancelledAmt',
      'TotalsCancelledNum',
    ],
  ],
  [
    'lackReceipts',
    ['ReqCurrReceipt', 'ReqReceiptByInv', 'Receipt', 'ReqDataFile', 'SendFile', 'DataFile'],
  ],
  ['lackEvidence', ['GetTxnDataByInv', 'TrnBatchNum', 'DateTime']],
  [
    'lackLink',
    [
      'CommOpenAuto',
      'Ping',
      'CheckTerminal',
      'CheckConnection',
      'POSGetInfo',
      'TerminalInfo',
      'UseMac',
      'useLogging',
      'LibraryVersion',
    ],
  ],
  [
    'lackUnattended',
    ['SetControlMode', 'ReadKey', 'Key', 'DisplayText', 'SetLine', 'ExchangeStatuses', 'SetScreen'],
  ],
];

export function libraryRoutes(services: Services): PageRoute[] {
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
      path: PATH,
      upload: { bytesMax: LIBRARY_FILE_BYTES_MAX },
      handle: (visit) => handInstall(services, visit),
    },
    {
      ...common,
      method: 'POST',
      path: `${PATH}/remove`,
      handle: (visit) => handRemove(services, visit),
    },
  ];
}

function page({ library }: Services, visit: Visit, faults: Faults): Reply {
  const { t, f } = visit;
  const installed = library.current();
  // Set by the redirect after an installation; shown as text, whoever wrote it.
  const needs = visit.query.get('needs') ?? '';
  const model = {
    installed: installed === null ? null : shown(installed, visit),
    needs: needs === '' ? null : f.fill(t.libraryNeeds, { names: needs.slice(0, 300) }),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'library.njk', model, status };
}

function shown(library: InstalledLibrary, { t, f }: Visit) {
  return {
    rows: [
      { label: t.librarySays, value: library.version || t.librarySaysNothing },
      { label: t.libraryFile, value: library.fileName },
      { label: t.librarySize, value: f.bytes(library.bytes) },
      { label: t.libraryWhen, value: f.when(library.installedAt) },
    ],
    fingerprint: library.fingerprint,
    lacks: meaningsOf(library.missing).map(([text, functions]) => ({
      what: t[text],
      functions: functions.join(', '),
    })),
  };
}

function meaningsOf(
  missing: readonly FunctionName[],
): readonly (readonly [TextKey, readonly FunctionName[]])[] {
  const named = MEANINGS.map(
    ([text, functions]) => [text, functions.filter((one) => missing.includes(one))] as const,
  );
  const told = new Set(named.flatMap(([, functions]) => functions));
  const details = missing.filter((one) => !told.has(one));
  return [...named, ['lackDetails', details] as const].filter(
    ([, functions]) => functions.length > 0,
  );
}

async function handInstall(services: Services, visit: Visit): Promise<Reply> {
  const { form, t, audit } = visit;
  const file = form.file('library');
  if (file === null) return page(services, visit, { library: t.chooseFile });
  if (file.fault !== null) return page(services, visit, { library: t.fileTooLarge });
  const before = known(services.library.current());
  const installed = await services.library.install(file.name, file.bytes);
  if (installed.kind === 'refused') {
    services.log.warn('library-refused', { why: installed.why, reason: installed.reason });
    return page(services, visit, { library: t[REFUSALS[installed.why]] });
  }
  audit('library-install', 'bank library', before, known(installed.library));
  const foreign = installed.needs.filter((name) => !EVERYWHERE.test(name)).join(', ');
  const to = foreign === '' ? PATH : `${PATH}?needs=${encodeURIComponent(foreign)}`;
  return see(to, 'libraryInstalled');
}

async function handRemove({ library }: Services, { audit }: Visit): Promise<Reply> {
  const before = known(library.current());
  if (!(await library.remove())) return see(PATH);
  audit('library-remove', 'bank library', before, null);
  return see(PATH, 'removed');
}

function known(library: InstalledLibrary | null) {
  if (library === null) return null;
  const { fileName, version, fingerprint } = library;
  return { fileName, version, fingerprint };
}
