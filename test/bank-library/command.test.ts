// `tillgate bpos …` as an administrator types it.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../app/src/cli/run.ts';
import { NO_LOG, RANDOM } from '../terminals/kit.ts';
import { CLOCK, compile, newFolder } from './double/compile.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

async function tillgate(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, {
    dataFolder: join(folder, 'data'),
    clock: CLOCK,
    random: RANDOM,
    log: NO_LOG,
    print: (line) => {
      out.push(line);
      return Promise.resolve();
    },
    complain: (line) => err.push(line),
    secret: () => Promise.resolve(null),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('the library is installed, shown and removed, and a wrong file says what to ask for', async () => {
  const none = await tillgate('bpos', 'status');
  assert.equal(none.code, 1);
  assert.match(none.err, /not installed; ask the bank/);

  const wrong = join(folder, 'ECRCommX.dll');
  writeFileSync(wrong, 'MZ');
  const refused = await tillgate('bpos', 'install', wrong);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /library for Windows/);

  const file = join(folder, 'libcBPOSLib.so.1.4.19');
  writeFileSync(file, compile());
  const installed = await tillgate('bpos', 'install', file);
  assert.equal(installed.code, 0, installed.err);
  assert.match(installed.out, /version: TEST DOUBLE 1\.4\.19/);
  assert.match(
    installed.out,
    /lacks: CompletionInvoiceNum, DateTime|DateTime, CompletionInvoiceNum/,
  );
  assert.equal(installed.err, '');
  assert.deepEqual(await tillgate('bpos', 'status'), installed);

  assert.equal((await tillgate('bpos', 'remove')).code, 0);
  assert.equal((await tillgate('bpos', 'remove')).code, 1);
});
