// The writer's thread: one message in, one answer out, in order. The same program, started another
// way, reads a whole ledger and ends: the appliance has one bundle for its threads.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LedgerError } from '../../ports/ledger.ts';
import { copyLedger } from './backup.ts';
import { examineLedger, type ExaminationSetup } from './examine.ts';
import type { FromWriter, ToWriter, WriterAnswer, WriterSetup } from './protocol.ts';
import { Writer } from './writer.ts';

/** Some 4 ms of copying between two commits. */
const BACKUP_PAGES_PER_TURN = 256;

if (parentPort === null) throw new Error('the ledger writer runs as a worker thread');
begin(parentPort, workerData as WriterSetup | ExaminationSetup); // given by start-writer.ts

function begin(port: MessagePort, setup: WriterSetup | ExaminationSetup): void {
  if ('examine' in setup) port.postMessage(examineLedger(setup));
  else serve(port, setup);
}

function serve(port: MessagePort, setup: WriterSetup): void {
  const say = (message: FromWriter): void => port.postMessage(message);
  const writer = open(setup, say);
  if (writer === null) return;
  const answer = (id: number, what: WriterAnswer): void => {
    say({ kind: 'answered', id, answer: what, condition: writer.condition() });
  };
  port.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'commit': {
        const results = writer.commit(message.calls);
        say({ kind: 'committed', results, condition: writer.condition() });
        return;
      }
      case 'ping':
        writer.probe();
        answer(message.id, { kind: 'done', changed: true });
        return;
      case 'outbox':
        answer(message.id, writer.changeOutbox(message.change));
        return;
      case 'backup':
        void backUp(writer, message.target).then((done) => answer(message.id, done));
        return;
      case 'close':
        writer.close();
        port.close();
        return;
    }
  });
  say({ kind: 'ready', condition: writer.condition() });
}

function open(setup: WriterSetup, say: (message: FromWriter) => void): Writer | null {
  try {
    return new Writer(setup.folder, setup.createdAt);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    say({ kind: 'refused', code: error.code, detail: error.message });
    return null;
  }
}

async function backUp(writer: Writer, target: string): Promise<WriterAnswer> {
  try {
    await copyLedger(writer.database, target, BACKUP_PAGES_PER_TURN);
    return { kind: 'done', changed: true };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', code: 'io', detail };
  }
}
