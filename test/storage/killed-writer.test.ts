// A process that dies keeps nothing but the disk. (That the disk keeps it through a power cut is
// what synchronous=FULL is for; the image's tests cut the power.)
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { operationId } from '../../app/src/domain/ids.ts';
import { LedgerError } from '../../app/src/ports/ledger.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { folderFor, ledgerFor } from './helpers.ts';

const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

test('loses nothing that was acknowledged when its process is killed', async (t) => {
  const folder = folderFor(t);
  const acknowledged = new Map<string, number>();
  for (const [round, lines] of [40, 5, 120].entries()) {
    const writer = startWriter(folder, `round-${round}`);
    t.after(() => writer.child.kill('SIGKILL'));
    await writer.said(lines);
    writer.child.kill('SIGKILL');
    await once(writer.child, 'close');
    for (const line of writer.lines.slice(1)) {
      const [id = '', version = ''] = line.split(' ');
      acknowledged.set(id, Number(version));
    }
    const ledger = await ledgerFor(t, folder);
    for (const [id, version] of acknowledged) {
      const row = ledger.find(operationId(id));
      assert.equal((row?.version ?? 0) >= version, true, `${id} at ${version}`);
      assert.equal(ledger.events(operationId(id), 0).length, row?.version);
    }
    await ledger.close();
  }
  assert.equal(acknowledged.size >= 50, true);
  const database = openForReading(folder);
  assert.equal(verifyLedger(database).broken, null);
  database.close();
});

test('lets another process write only after the first one is gone, however it went', async (t) => {
  const folder = folderFor(t);
  const writer = startWriter(folder, 'first');
  t.after(() => writer.child.kill('SIGKILL'));
  await writer.said(1);
  await assert.rejects(
    ledgerFor(t, folder),
    (error) => error instanceof LedgerError && error.code === 'locked',
  );
  writer.child.kill('SIGKILL');
  await once(writer.child, 'close');
  assert.equal((await ledgerFor(t, folder)).health().writable, true);
});

interface WriterProcess {
  readonly child: ChildProcess;
  /** Whole lines so far. */
  readonly lines: string[];
  said(count: number): Promise<void>;
}

function startWriter(folder: string, name: string): WriterProcess {
  const args = ['--import', 'tsx', WRITER, folder, name];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const said = async (count: number): Promise<void> => {
    while (lines.length < count) {
      await once(child.stdout, 'data', { signal: AbortSignal.timeout(15_000) });
    }
  };
  return { child, lines, said };
}
