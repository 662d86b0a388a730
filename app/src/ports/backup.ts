// The whole shop in one encrypted file, and the way back from it.
import type { Instant } from '../domain/ids.ts';

/** Why a file is no backup that this appliance can take; nothing was changed. */
export type BackupFault =
  /** Not a file of ours. */
  | 'not-a-backup'
  /** Of a version that this one does not know: format, ledger or accounts. */
  | 'newer'
  | 'wrong-passphrase'
  /** A byte is not as it was written, or the end is missing. */
  | 'damaged'
  /** Its ledger, accounts or settings are not whole: it was broken before it was saved. */
  | 'not-whole'
  /** The disk has no room for it. */
  | 'no-space'
  | 'too-large'
  /** Another backup or restore is on its way. */
  | 'busy'
  /** A restore is ordered and waits for the restart. */
  | 'ordered';

export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupFault;
  constructor(code: BackupFault, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
  }
}

/** What the present ledger has and the backup does not. */
export interface Losses {
  /** Operations that the backup has never heard of. */
  readonly missing: number;
  /** Operations that it knows in an earlier state. */
  readonly changed: number;
}

/** A backup that was decrypted and found whole. */
export interface ExaminedBackup {
  readonly createdAt: Instant;
  /** Version of the program that made it. */
  readonly program: string;
  readonly operations: number;
  /** Not finished when the backup was made: after the restore each is unknown and looked up. */
  readonly open: number;
  readonly newestAt: Instant | null;
  /** Null where the present ledger cannot be read: nobody knows what is lost. */
  readonly losses: Losses | null;
}

/** What of the present may not be touched now. */
export interface OpenOperation {
  readonly id: string;
  readonly terminal: string;
  readonly state: string;
}

export interface RestoreWish {
  /** Who orders it, and from where; both go into the audit. */
  readonly by: string;
  readonly from: string;
  /** What this person agreed to lose; null: whatever an unreadable ledger may hold. */
  readonly losses: Losses | null;
}

export type Ordered =
  /** Applied by the next start, before the ledger is opened. */
  | { kind: 'ordered' }
  | { kind: 'open-operations'; operations: readonly OpenOperation[] }
  /** Other losses than those that were agreed to; the examination is renewed. */
  | { kind: 'losses-changed'; backup: ExaminedBackup }
  | { kind: 'nothing-examined' };

export interface RestoreReport {
  readonly kind: 'applied' | 'not-applied';
  /**
   * Of a restore that was not applied: the ledger went on, a payment was open, or a newer release
   * ordered more than this one understands.
   */
  readonly why: 'changed' | 'open' | 'newer' | null;
  readonly by: string;
  readonly from: string;
  readonly orderedAt: Instant;
  readonly backupCreatedAt: Instant;
  readonly losses: Losses | null;
  /** Name of the folder in the data folder that holds what was there before. */
  readonly replaced: string | null;
}

export interface BackupRoom {
  /** Takes a copy of everything, then sends it as it is encrypted. Rejects with BackupError. */
  make(passphrase: string): Promise<NodeJS.ReadableStream>;
  /** Takes an upload to the disk. Rejects with BackupError. */
  receive(chunks: AsyncIterable<Buffer>): Promise<void>;
  /** Decrypts and checks what was received. Rejects with BackupError; the upload is gone then. */
  examine(passphrase: string): Promise<ExaminedBackup>;
  /** The backup that waits for somebody's word. */
  examined(): ExaminedBackup | null;
  /** Operations of the present ledger that are not finished. */
  open(): readonly OpenOperation[];
  order(wish: RestoreWish): Promise<Ordered>;
  /** True from the order to the restart. */
  ordered(): boolean;
  /** Forgets what was received; an order stays. */
  discard(): Promise<void>;
  /** The last restore of this data folder. */
  lastRestore(): RestoreReport | null;
}
