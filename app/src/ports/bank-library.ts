// The bank's terminal library (B-POS1, flat C): its functions as a table, and how a driver calls
// them. The library keeps one terminal per process, blocks and may crash, so it lives in a process
// of its own; whatever happens to that process is a lost link.

/** C type of a parameter: `int`, `unsigned char`, NUL-terminated CP1251 text, `bool`. */
export type ParameterType = 'int' | 'byte' | 'text' | 'flag';

/**
 * What a call gives. `code`: an `int` of RETURN_CODES, the work goes on or is done. `byte`,
 * `number`: the value itself. `text`, `data`: written into a buffer of `bytes` that we supply,
 * because the functions take no size.
 */
export type FunctionRow = {
  readonly takes: readonly ParameterType[];
  /** A library without it cannot take a payment; others may be missing. */
  readonly needed?: true;
} & (
  | { readonly gives: 'code' | 'byte' | 'number' }
  | { readonly gives: 'text' | 'data'; readonly bytes: number }
);

/** The vendor's sample uses 128 bytes for every text; nothing told says how long they may be. */
const TEXT = { takes: [], gives: 'text', bytes: 4_096 } as const;
/** Documented up to 32,648 bytes. */
const LONG_TEXT = { takes: [], gives: 'text', bytes: 65_536 } as const;
const BYTE = { takes: [], gives: 'byte' } as const;
const NUMBER = { takes: [], gives: 'number' } as const;
const needed = { needed: true } as const;
const begins = <const P extends readonly ParameterType[]>(...takes: P) =>
  ({ takes, gives: 'code' }) as const;

/** BPOSLib.h (flat C, 2017), in its order of use; names without the prefix `BPOSLib_`. */
export const FUNCTIONS = {
  // Life and link.
  InitializeBPOS: { ...begins(), ...needed },
  UninitializeBPOS: begins(),
  CommOpen: { ...begins('text', 'int'), ...needed },
  CommOpenAuto: begins('int'),
  CommOpenTCP: { ...begins('text', 'text'), ...needed },
  CommClose: { ...begins(), ...needed },
  Ping: begins(),
  CheckTerminal: begins(),
  CheckConnection: begins('byte'),
  SetErrorLang: begins('byte'),
  useLogging: begins('byte', 'text'),
  UseMac: begins('byte', 'text'),
  LibraryVersion: TEXT,
  // Money; sums in kopecks.
  Purchase: { ...begins('int', 'int', 'byte'), ...needed },
  Refund: begins('int', 'int', 'byte', 'text'),
  Void: begins('int', 'byte'),
  Completion: begins('byte', 'int', 'text', 'int'),
  PurchaseService: begins('byte', 'int', 'text'),
  CashAdvance: begins('byte', 'int', 'text', 'byte'),
  Deposit: begins('byte', 'int', 'text', 'byte'),
  Balance: begins('byte', 'text', 'byte'),
  IdentifyCard: begins('byte', 'text', 'byte'),
  StartScenario: begins('int', 'text'),
  Confirm: { ...begins(), ...needed },
  Cancel: { ...begins(), ...needed },
  CorrectTransaction: begins('int', 'int'),
  SetExtraPrintData: begins('text'),
  SetExtraXmlData: begins('text'),
  ReadCard: begins(),
  ReadBankCard: begins(),
  POSGetInfo: begins(),
  POSExTransaction: begins(),
  SelectApp: begins('text', 'int'),
  CloseApp: begins(),
  // Journal, reports, receipts.
  Settlement: begins('byte'),
  PrintBatchTotals: begins('byte'),
  PrintLastSettleCopy: begins('byte'),
  PrintBatchJournal: begins('byte'),
  GetBatchTotals: begins('byte'),
  GetTxnNum: { ...begins(), ...needed },
  GetTxnDataByOrder: { ...begins('int'), ...needed },
  GetTxnDataByInv: begins('int', 'byte'),
  ReqCurrReceipt: begins(),
  ReqReceiptByInv: begins('int', 'byte'),
  ReqDataFile: begins(),
  SendFile: begins('text', 'byte', 'byte'),
  // Unattended terminals.
  SetControlMode: begins('flag'),
  ReadKey: begins('byte'),
  DisplayText: begins('byte'),
  SetLine: begins('byte', 'byte', 'text', 'byte'),
  ExchangeStatuses: begins('byte'),
  SetScreen: begins('int'),
  // Values.
  LastResult: { ...BYTE, ...needed },
  LastErrorCode: { ...BYTE, ...needed },
  LastStatMsgCode: { ...BYTE, ...needed },
  TxnType: { ...BYTE, ...needed },
  SignVerif: BYTE,
  EntryMode: BYTE,
  TermStatus: BYTE,
  Key: BYTE,
  TrnStatus: { ...BYTE, ...needed },
  SlipPrinted: BYTE,
  ResponseCode: { ...NUMBER, ...needed },
  InvoiceNum: { ...NUMBER, ...needed },
  TotalsDebitAmt: NUMBER,
  TotalsDebitNum: NUMBER,
  TotalsCreditAmt: NUMBER,
  TotalsCreditNum: NUMBER,
  TotalsCancelledAmt: NUMBER,
  TotalsCancelledNum: NUMBER,
  TxnNum: { ...NUMBER, ...needed },
  Amount: { ...NUMBER, ...needed },
  AddAmount: NUMBER,
  TrnBatchNum: NUMBER,
  DiscountAttribute: NUMBER,
  FlagAcquirer: NUMBER,
  RRN: { ...TEXT, ...needed },
  TerminalID: { ...TEXT, ...needed },
  MerchantID: TEXT,
  AuthCode: { ...TEXT, ...needed },
  LastErrorDescription: TEXT,
  LastStatMsgDescription: TEXT,
  PAN: TEXT,
  ExpDate: TEXT,
  CardHolder: TEXT,
  IssueName: TEXT,
  Receipt: LONG_TEXT,
  emvAID: TEXT,
  Track3: TEXT,
  Currency: TEXT,
  RNK: TEXT,
  CurrencyCode: TEXT,
  AddData: TEXT,
  TerminalInfo: TEXT,
  DiscountName: TEXT,
  ECRDataTM: TEXT,
  ScenarioData: LONG_TEXT,
  CryptedData: TEXT,
  ExtraCardData: TEXT,
  PanHash: TEXT,
  /** Up to 204,800 bytes; the header gives no way to learn how many were written. */
  DataFile: { takes: [], gives: 'data', bytes: 204_801 },
  // In the C++ and JNI libraries, but not in the flat header of 2017.
  DateTime: TEXT,
  CompletionInvoiceNum: NUMBER,
} as const satisfies Record<string, FunctionRow>;

export type FunctionName = keyof typeof FUNCTIONS;
export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[]; // the keys of the table
export const NEEDED_FUNCTIONS = FUNCTION_NAMES.filter((name) => 'needed' in FUNCTIONS[name]);

interface ParameterValues {
  int: number;
  byte: number;
  text: string;
  flag: boolean;
}
interface ResultValues {
  code: number;
  byte: number;
  number: number;
  text: string;
  data: Uint8Array;
}
type Row<N extends FunctionName> = (typeof FUNCTIONS)[N];
type ValuesOf<P extends readonly ParameterType[]> = {
  readonly [I in keyof P]: ParameterValues[P[I]];
};
export type ArgumentsOf<N extends FunctionName> = ValuesOf<Row<N>['takes']>;
export type ResultOf<N extends FunctionName> = ResultValues[Row<N>['gives']];

/** Functions that begin something and give a return code. */
export type CodeFunction = {
  [N in FunctionName]: Row<N>['gives'] extends 'code' ? N : never;
}[FunctionName];

/** One call as data. */
export type Call = {
  [N in CodeFunction]: { readonly name: N; readonly args: ArgumentsOf<N> };
}[CodeFunction];

/** The library's `int` parameters and sums. */
export const C_INT_MAX = 2_147_483_647;

/** How the library's process ended. */
export interface LibraryExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The loaded library, for one terminal. */
export interface BankLibrary {
  /** Which library file this process loaded. */
  readonly fingerprint: string;
  has(name: FunctionName): boolean;
  /**
   * Calls one function; calls run one after another. Rejects with LibraryError. A call that does
   * not return within `deadlineMs` ends the process.
   */
  call<N extends FunctionName>(
    name: N,
    args: ArgumentsOf<N>,
    deadlineMs: number,
  ): Promise<ResultOf<N>>;
  /** Memory of the process in bytes, as of the last call. */
  readonly residentBytes: number;
  /** Where the library may write its own log. */
  readonly logFile: string;
  /** Resolves once, when the process is gone for whatever reason. Never rejects. */
  readonly exited: Promise<LibraryExit>;
  /** Ends the process; resolves when it is gone. */
  close(): Promise<void>;
}

/** What is known of the library that an administrator installed. */
export interface InstalledLibrary {
  /** SHA-256 (hex) of the file. */
  readonly fingerprint: string;
  /** As the file was called when it was uploaded. */
  readonly fileName: string;
  readonly bytes: number;
  /** What the library says of itself. */
  readonly version: string;
  /** Functions that it does not export. */
  readonly missing: readonly FunctionName[];
  readonly installedAt: number;
}

export interface LibraryFactory {
  /** Null where none is installed. */
  current(): InstalledLibrary | null;
  /** Starts a process for one terminal and loads the library. Rejects with LibraryError. */
  start(owner: string, signal: AbortSignal): Promise<BankLibrary>;
}

/** Why an upload is not taken; nothing was changed. */
export type LibraryRefusal =
  | 'too-large'
  | 'for-windows'
  | 'no-library'
  | 'other-machine'
  | 'damaged'
  | 'flavour-java'
  | 'flavour-cpp'
  | 'another-library'
  | 'lacks-functions'
  /** It could not be loaded, or broke when it was asked for its version. */
  | 'does-not-run';

export type Installed =
  | { kind: 'installed'; library: InstalledLibrary; needs: readonly string[] }
  /** `reason`: one English sentence for the administrator. */
  | { kind: 'refused'; why: LibraryRefusal; reason: string };

/** The library as administrators see it. */
export interface LibraryKeeper {
  /** Null where none is installed. */
  current(): InstalledLibrary | null;
  /** Checks the file, asks it for its version in a process of its own, and makes it the one in use. */
  install(fileName: string, bytes: Uint8Array): Promise<Installed>;
  /** False where none was installed. Terminals that have it loaded keep it until they are idle. */
  remove(): Promise<boolean>;
}

export type LibraryErrorCode =
  | 'not-installed'
  | 'not-loaded'
  /** The process is gone. */
  | 'gone'
  | 'deadline'
  | 'missing-function'
  | 'bad-argument';

/** `sent` is false only where the function was certainly not called. */
export class LibraryError extends Error {
  override readonly name = 'LibraryError';
  readonly code: LibraryErrorCode;
  readonly sent: boolean;
  constructor(code: LibraryErrorCode, detail: string, sent: boolean, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
    this.sent = sent;
  }
}
