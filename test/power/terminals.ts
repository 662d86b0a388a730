// Simulated terminals with journals that forget nothing: what was charged stays known after the
// batch that it was in.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedOf } from '../../app/src/simulator/address.ts';
import type {
  JournalRecord,
  JournalStore,
  Transaction,
} from '../../app/src/simulator/privat-json/journal.ts';
import { defaultProfile } from '../../app/src/simulator/privat-json/profile.ts';
import { listen } from '../../app/src/simulator/privat-json/server.ts';
import { PrivatJsonTerminal } from '../../app/src/simulator/privat-json/terminal.ts';
import { systemClock } from '../../app/src/system/clock.ts';

export const TERMINALS = ['till-1', 'till-2', 'till-3', 'till-4'] as const;

export interface Terminals {
  /** By TERMINALS. */
  readonly ports: readonly number[];
  busy(): boolean;
  /** How long each takes for its next answers. */
  answerAfter(ms: () => number): void;
  close(): Promise<void>;
}

/** All of TERMINALS, with what they remember in `folder`; `ports` of an earlier life, or any. */
export async function openTerminals(
  folder: string,
  ports: readonly number[] = [],
): Promise<Terminals> {
  mkdirSync(folder, { recursive: true });
  const clock = systemClock(() => true);
  const made = TERMINALS.map((name) => {
    const profile = defaultProfile(seedOf(name));
    return new PrivatJsonTerminal({ clock, profile, store: keeping(journalOf(folder, name)) });
  });
  const servers = await Promise.all(made.map((terminal, at) => listen(terminal, ports[at] ?? 0)));
  return {
    ports: servers.map(({ port }) => port),
    busy: () => made.some(({ device }) => device.running !== null),
    answerAfter: (ms) => {
      for (const terminal of made) terminal.configure({ answerAfterMs: ms() });
    },
    close: async () => {
      for (const terminal of made) terminal.powerCut(0);
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

export function journalOf(folder: string, terminal: string): string {
  return join(folder, `${terminal}.journal`);
}

function keeping(path: string): JournalStore {
  appendFileSync(path, '');
  return {
    append: (record, durable) => {
      appendFileSync(path, `\n${JSON.stringify(record)}\n`, { flush: true });
      durable();
    },
    load: () => recordsOf(path),
  };
}

/** A line that a cut has torn was told to nobody. */
function recordsOf(path: string): JournalRecord[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as JournalRecord); // written by this module only
}

/** What one terminal has ever done. */
export interface Truth {
  readonly transactions: readonly Transaction[];
  /** How often it closed a batch. */
  readonly closings: number;
}

export function truthOf(folder: string, terminal: string): Truth {
  const transactions = new Map<number, Transaction>();
  let closings = 0;
  for (const record of recordsOf(journalOf(folder, terminal))) {
    if (record.kind === 'batch') closings += 1;
    if (record.kind === 'transaction') {
      transactions.set(record.transaction.invoice, record.transaction);
    }
    if (record.kind === 'mark') {
      const marked = transactions.get(record.invoice);
      if (marked === undefined) throw new Error(`${terminal} marks receipt ${record.invoice}`);
      transactions.set(record.invoice, { ...marked, ...record.changes });
    }
  }
  return { transactions: [...transactions.values()], closings };
}
