// What the pages work with, what a visit is, and what a page may answer.
import type { Accounts, Origin, Visitor } from '../../accounts/accounts.ts';
import type { PageRight } from '../../accounts/rights.ts';
import type { ChangeSettings } from '../../operations/change-settings.ts';
import type { Gateway, Principal } from '../../operations/gateway.ts';
import type { ScheduleView } from '../../operations/schedule.ts';
import type { Language, Secrets, Settings } from '../../operations/settings-schema.ts';
import type { AuditValue } from '../../ports/accounts.ts';
import type { BackupRoom } from '../../ports/backup.ts';
import type { LibraryKeeper } from '../../ports/bank-library.ts';
import type { CertificateRoom } from '../../ports/certificates.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { DriverForm } from '../../ports/driver-forms.ts';
import type { Log } from '../../ports/log.ts';
import type { Machine } from '../../ports/machine.ts';
import type { MachineHand } from '../../ports/machine-hand.ts';
import type { NexoControl } from '../../ports/nexo-control.ts';
import type { OutboundControl } from '../../ports/outbound.ts';
import type { Reports } from '../../ports/reports.ts';
import type { SettingsStore } from '../../ports/settings-store.ts';
import type { SimulatorControl } from '../../ports/simulators.ts';
import type { ServerMode } from '../rest/services.ts';
import type { EventSink } from '../rest/route.ts';
import type { DaySums } from './day-sums.ts';
import type { Form } from './form.ts';
import type { UploadRules } from './multipart.ts';
import type { Format } from './format.ts';
import type { Texts } from './texts/index.ts';

export interface AdminParts {
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  readonly secrets: SettingsStore<Secrets>;
  readonly changeSettings: ChangeSettings;
  readonly schedule: ScheduleView;
  readonly accounts: Accounts;
  readonly reports: Reports;
  /** Null while the product runs without simulated terminals; asked each time. */
  readonly simulators: () => SimulatorControl | null;
  readonly outbound: OutboundControl | null;
  readonly nexo: NexoControl | null;
  readonly drivers: readonly DriverForm[];
  readonly machine: Machine;
  /** Null on a plain machine. */
  readonly hand: MachineHand | null;
  /** Null where TLS is off. */
  readonly certificates: CertificateRoom | null;
  readonly backup: BackupRoom;
  readonly library: LibraryKeeper;
  /** Stops this program in good order and starts it again, which reads everything anew. */
  readonly restart: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  readonly mode: ServerMode;
  readonly viewsFolder?: string | undefined;
}

export interface Services extends AdminParts {
  readonly days: DaySums;
  /** Shown once, on the next page of the session: a new key, recovery codes. */
  readonly oneTime: Map<string, { readonly kind: string; readonly values: readonly string[] }>;
}

export interface Visit {
  /** Null on pages that are open to everybody. */
  readonly visitor: Visitor | null;
  readonly who: Principal;
  readonly language: Language;
  readonly t: Texts;
  readonly f: Format;
  readonly zone: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly form: Form;
  readonly origin: Origin;
  /** `http://192.168.1.20:8080`, as the browser wrote it. */
  readonly base: string;
  readonly secure: boolean;
  /** The address of the box that the request came to. */
  readonly reached: string;
  readonly token: string;
  readonly lastEventId: string;
  readonly gone: AbortSignal;
  readonly hurry: AbortSignal;
  readonly may: (right: PageRight) => boolean;
  /** Who the ledger says that it was: a person's name, or the name of a key. */
  readonly nameOf: (who: string) => string;
  /** Writes an administrative act into the chain. */
  readonly audit: (act: string, object: string, before: AuditValue, after: AuditValue) => void;
}

export type Chunks = Iterable<string> | AsyncIterable<string> | NodeJS.ReadableStream;

export type Reply =
  | {
      kind: 'page';
      template: string;
      model: Readonly<Record<string, unknown>>;
      status?: number;
    }
  /** Post, redirect, get. `token` sets the session's cookie; '' takes it away. */
  | { kind: 'see'; to: string; token?: string; language?: Language }
  | { kind: 'file'; type: string; name: string; chunks: Chunks }
  | { kind: 'events'; run: (sink: EventSink) => Promise<void> }
  | { kind: 'refused'; status: number; why: keyof Texts };

export interface PageRoute {
  readonly method: 'GET' | 'POST';
  /** `/admin/operations/:id` */
  readonly path: string;
  /** `open`: without signing in. */
  readonly right: PageRight | 'open';
  /** The entry of the menu that it belongs to. */
  readonly section?: Section;
  /** Takes forms with files; those of other pages are refused unread. */
  readonly upload?: UploadRules;
  readonly handle: (visit: Visit) => Reply | Promise<Reply>;
}

export type Section =
  | 'today'
  | 'operations'
  | 'terminals'
  | 'dayEnd'
  | 'integration'
  | 'people'
  | 'audit'
  | 'system'
  | 'me';

export function see(to: string, done?: string): Reply {
  if (done === undefined) return { kind: 'see', to };
  return { kind: 'see', to: `${to}${to.includes('?') ? '&' : '?'}done=${done}` };
}
