// `tillgate backup` and `tillgate restore` as somebody at a shell uses them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../app/src/cli/run.ts';
import { applyRestore } from '../../app/src/storage/backup/apply.ts';
import { ledgerFolder } from '../../app/src/storage/data-folder.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { accepted, clock, folderFor, ledgerFor, sell } from '../storage/helpers.ts';

const WORD = 'seven blue boats';

test('a running gateway is saved, and the file restores an empty box at its next start', async (t) => {
  const [folder, box] = [folderFor(t), folderFor(t)];
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  await sell(ledger, 'a');
  const file = join(folderFor(t), 'shop.backup');
  const saved = await tillgate(folder, WORD, 'backup', file);
  assert.equal(saved.code, 0, saved.complaints.join());
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal((await tillgate(folder, WORD, 'backup', file)).code, 2, 'overwrites nothing');

  const restored = await tillgate(box, WORD, 'restore', file);
  assert.equal(restored.code, 0, restored.complaints.join());
  assert.match(restored.out.join('\n'), /operations: 1[\s\S]*the next start/);
  const report = await applyRestore(box);
  assert.deepEqual([report?.kind, report?.by], ['applied', 'command-line']);
  const database = openForReading(ledgerFolder(box));
  t.after(() => database.close());
  assert.deepEqual(database.prepare('SELECT id FROM operations').pluck().all(), ['a']);
});

test('what would be lost must be confirmed in so many words', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  await sell(ledger, 'a');
  const file = join(folderFor(t), 'shop.backup');
  await tillgate(folder, WORD, 'backup', file);
  await sell(ledger, 'b');
  for (const more of [[], ['--confirm', 'LOSE 2'], ['--confirm', 'yes']]) {
    const refused = await tillgate(folder, WORD, 'restore', file, ...more);
    assert.equal(refused.code, 1);
    assert.match(
      refused.complaints.join('\n'),
      /1 operations are not in the backup[\s\S]*'LOSE 1'/,
    );
    assert.equal(existsSync(join(folder, 'restore')), false);
  }
  assert.equal((await tillgate(folder, WORD, 'restore', file, '--confirm', 'LOSE 1')).code, 0);
});

test('open payments, a wrong passphrase and a short one are refused, and nothing is left', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  const file = join(folderFor(t), 'shop.backup');
  assert.equal((await tillgate(folder, 'short', 'backup', file)).code, 2);
  assert.equal((await tillgate(folder, null, 'backup', file)).code, 2, 'typed differently');
  assert.equal(existsSync(file), false);
  await ledger.append([accepted('waits')]);
  assert.equal((await tillgate(folder, WORD, 'backup', file)).code, 0);
  const wrong = await tillgate(folder, `${WORD}s`, 'restore', file);
  assert.equal(wrong.code, 1);
  assert.match(wrong.complaints.join(), /passphrase is not that of this backup/);
  const open = await tillgate(folder, WORD, 'restore', file);
  assert.equal(open.code, 1);
  assert.match(open.complaints.join('\n'), /payments are open[\s\S]*waits at pos-1 is accepted/);
  assert.equal((await tillgate(folder, WORD, 'restore', `${file}.not`)).code, 2);
  assert.deepEqual(
    readdirSync(folder).filter((name) => /^(?:restore|backup-.*)$/.test(name)),
    [],
  );
});

test('takes the passphrase from a pipe', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  await sell(ledger, 'a');
  const file = join(folderFor(t), 'shop.backup');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'app/src/cli/main.ts', 'backup', file, '--data', folder],
    { stdio: ['pipe', 'pipe', 'inherit'], timeout: 30_000 },
  );
  child.stdin.end(`${WORD}\n`);
  child.stdout.resume();
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.equal(readFileSync(file).subarray(0, 15).toString(), 'TILLGATE BACKUP');
});

async function tillgate(
  dataFolder: string,
  passphrase: string | null,
  ...args: string[]
): Promise<{ code: number; out: string[]; complaints: string[] }> {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await run(args, {
    dataFolder,
    clock,
    random: systemRandom,
    log: new QuietLog(),
    print: (line) => {
      out.push(line);
      return Promise.resolve();
    },
    complain: (line) => complaints.push(line),
    secret: () => Promise.resolve(passphrase),
  });
  return { code, out, complaints };
}
