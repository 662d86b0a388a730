// The process of the bank's library, with the compiled test double in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeCp1251, encodeCp1251 } from '../../app/src/bank-library/cp1251.ts';
import { readSharedLibrary } from '../../app/src/bank-library/elf.ts';
import { createLibraryRoom, type LibraryRoom } from '../../app/src/bank-library/factory.ts';
import {
  type BankLibrary,
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionName,
  type FunctionRow,
  LibraryError,
} from '../../app/src/ports/bank-library.ts';
import {
  CLOCK,
  compile,
  compileText,
  DoubleTerminal,
  newFolder,
  roomWithDouble,
} from './double/compile.ts';

const DEADLINE_MS = 5_000;
const terminal = new DoubleTerminal();
const room = await roomWithDouble(terminal);
after(() => terminal.remove());

async function withLibrary(
  from: LibraryRoom,
  action: (library: BankLibrary) => Promise<void>,
): Promise<void> {
  terminal.script();
  const library = await from.start('till-1', new AbortController().signal);
  try {
    await library.call('InitializeBPOS', [], DEADLINE_MS);
    await library.call('CommOpenTCP', ['127.0.0.1', '2000'], DEADLINE_MS);
    await action(library);
  } finally {
    await library.close();
  }
}

/** Waits for LastResult other than «in progress». */
async function ended(library: BankLibrary): Promise<number> {
  for (let look = 0; look < 200; look++) {
    const result = await library.call('LastResult', [], DEADLINE_MS);
    if (result !== 2) return result;
    await sleep(5);
  }
  throw new Error('the double does not end');
}

function thrown(promise: Promise<unknown>): Promise<LibraryError> {
  return promise.then(
    () => assert.fail('did not reject'),
    (error: unknown) => {
      assert.ok(error instanceof LibraryError, String(error));
      return error;
    },
  );
}

test('the table has every function of the header, and only two more', () => {
  const exported = readSharedLibrary(compile('header'))?.exports ?? new Set();
  const own = [...exported].filter((name) => name.startsWith('BPOSLib_'));
  assert.equal(own.length, 101);
  const names = own.map((name) => name.slice('BPOSLib_'.length)).sort();
  const extra: FunctionName[] = ['CompletionInvoiceNum', 'DateTime'];
  assert.deepEqual([...FUNCTION_NAMES].sort(), [...names, ...extra].sort());
});

/** Arguments that the double takes, where the type alone does not make them. */
const ARGUMENTS: Partial<Record<FunctionName, readonly unknown[]>> = {
  CommOpen: ['/dev/ttyACM0', 115_200],
  CommOpenTCP: ['127.0.0.1', '2000'],
  SetErrorLang: [1],
  UseMac: [0, '00112233445566778899aabbccddeeff'],
  CashAdvance: [1, 100, '980', 0],
  Deposit: [1, 100, '980', 0],
  ExchangeStatuses: [2],
  SendFile: ['/tmp/receipt', 0, 0],
  useLogging: [0, '/dev/null'],
  SetExtraXmlData: ['<x/>'],
};
const PLAIN = { int: 1, byte: 1, text: '1', flag: true } as const;

test('every function of the header can be called and gives what the table says', async () => {
  // A terminal of its own, whose library writes down each function that is really called.
  const heard = new DoubleTerminal();
  after(() => heard.remove());
  const own = await roomWithDouble(heard, 'all');
  await withLibrary(own, async (library) => {
    const call = library.call.bind(library) as (
      name: FunctionName,
      args: readonly unknown[],
      ms: number,
    ) => Promise<unknown>; // the loop goes over the whole table
    const order = [...FUNCTION_NAMES].filter((name) => name !== 'UninitializeBPOS');
    for (const name of [...order, 'UninitializeBPOS' as const]) {
      assert.ok(library.has(name), name);
      const row: FunctionRow = FUNCTIONS[name];
      const args = ARGUMENTS[name] ?? row.takes.map((type) => PLAIN[type]);
      const value = await call(name, args, DEADLINE_MS);
      const expected = row.gives === 'text' ? 'string' : row.gives === 'data' ? 'object' : 'number';
      assert.equal(typeof value, expected, name);
      // A line closed in between is opened again; work that was begun is waited for or cancelled.
      if (name === 'CommClose') await call('CommOpenTCP', ['127.0.0.1', '2000'], DEADLINE_MS);
      if (row.gives !== 'code') continue;
      if (row.takes.length > 0) assert.notEqual(value, 5, `${name}: not opened`);
      if (name !== 'Purchase' && name !== 'Cancel') await ended(library);
      else await call('Cancel', [], DEADLINE_MS);
    }
  });
  const called = new Set(heard.calls());
  assert.deepEqual(
    FUNCTION_NAMES.filter((name) => !called.has(name)),
    [],
  );
  assert.equal(called.size, FUNCTION_NAMES.length);
});

test('texts cross in Windows-1251, both ways, and a receipt of 33,000 bytes comes whole', async () => {
  await withLibrary(room, async (library) => {
    terminal.script('long-receipt');
    await library.call('CommOpenTCP', ['127.0.0.1', '2000'], DEADLINE_MS);
    assert.equal(await library.call('IssueName', [], DEADLINE_MS), 'ПриватБанк');
    await library.call('SetExtraPrintData', ['Дякуємо, Їжак № 7 ✓'], DEADLINE_MS);
    assert.equal(await library.call('ReqCurrReceipt', [], DEADLINE_MS), 0);
    assert.equal(await ended(library), 0);
    const receipt = await library.call('Receipt', [], DEADLINE_MS);
    assert.match(receipt, /^TEST DOUBLE\nКВИТАНЦІЯ № 0\n/);
    assert.match(receipt, /Дякуємо, Їжак № 7 \?/);
    assert.equal(receipt.length, 33_000);
    const data = await library.call('DataFile', [], DEADLINE_MS);
    assert.equal(Buffer.from(data.subarray(0, 9)).toString('latin1'), 'DATA\0FILE');
    assert.equal(data.length, 204_801);
  });
});

test('every byte of Windows-1251 survives decoding and encoding', () => {
  const bytes = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
  assert.deepEqual(encodeCp1251(decodeCp1251(bytes)), Uint8Array.of(...bytes, 0));
  assert.deepEqual(encodeCp1251('a\0b🙂'), Uint8Array.of(0x61, 0x3f, 0x62, 0x3f, 0));
});

test('arguments that do not fit and functions that are missing are certainly not called', async () => {
  await withLibrary(room, async (library) => {
    for (const [amount, merchant] of [
      [2 ** 31, 1],
      [100, 256],
      [1.5, 1],
      [Number.NaN, 1],
    ] as const) {
      const error = await thrown(library.call('Purchase', [amount, 0, merchant], DEADLINE_MS));
      assert.equal(error.code, 'bad-argument');
      assert.equal(error.sent, false);
    }
    const error = await thrown(library.call('DateTime', [], DEADLINE_MS));
    assert.deepEqual([error.code, error.sent], ['missing-function', false]);
    assert.equal(await ended(library), 0);
  });
});

test('a call that hangs ends its process at the deadline, and everything behind it', async () => {
  await withLibrary(room, async (library) => {
    terminal.script('hang-in-purchase');
    const hung = thrown(library.call('Purchase', [100, 0, 1], 300));
    const behind = thrown(library.call('LastResult', [], DEADLINE_MS));
    assert.deepEqual([(await hung).code, (await hung).sent], ['deadline', true]);
    assert.deepEqual([(await behind).code, (await behind).sent], ['gone', true]);
    assert.equal((await library.exited).signal, 'SIGKILL');
    const later = await thrown(library.call('LastResult', [], DEADLINE_MS));
    assert.deepEqual([later.code, later.sent], ['gone', false]);
  });
});

test('a crash of the library is an error of the call, not of this process', async () => {
  await withLibrary(room, async (library) => {
    terminal.script('crash-in-purchase');
    const error = await thrown(library.call('Purchase', [100, 0, 1], DEADLINE_MS));
    assert.deepEqual([error.code, error.sent], ['gone', true]);
    assert.equal((await library.exited).signal, 'SIGABRT');
  });
});

test('the process of the library ends with the gateway, even in a call that never returns', async () => {
  terminal.script('hang-in-purchase');
  const parent = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./parent.ts', import.meta.url)), terminal.folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said = await new Promise<string>((resolve) => {
    parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    parent.once('exit', () => resolve('exited'));
  });
  assert.equal(said.trim(), 'hanging');
  const { pid } = terminal;
  assert.ok(existsSync(`/proc/${pid}`));
  parent.kill('SIGKILL');
  for (let look = 0; look < 100 && existsSync(`/proc/${pid}`); look++) await sleep(50);
  assert.equal(existsSync(`/proc/${pid}`), false);
});

test('an upload that is not the library is refused with what to ask for', async () => {
  const dataFolder = newFolder();
  after(() => rmSync(dataFolder, { recursive: true }));
  const other = createLibraryRoom({ dataFolder, clock: CLOCK });
  const arm = Uint8Array.from(compile());
  arm[18] = 183;
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('hello'), /no Linux library.*libcBPOSLib\.so/],
    [Buffer.from('MZ this is ECRCommX.dll'), /library for Windows/],
    [arm, /is for arm64, not for x64/],
    [compile().subarray(0, 9_000), /damaged/],
    [compileText('int create(void){return 0;} int destroy(void){return 0;}'), /flavour for C\+\+/],
    [compileText('int Java_BPOSLib_Purchase(void){return 0;}'), /flavour for Java/],
    [compileText('int nothing(void){return 0;}'), /exports no function of B-POS1/],
    [compileText('int BPOSLib_Purchase(void){return 0;}'), /lacks InitializeBPOS, .*Confirm/],
    [new Uint8Array(33 * 1024 * 1024), /too large/],
  ];
  for (const [bytes, reason] of cases) {
    const answer = await other.install('upload', bytes);
    assert.equal(answer.kind, 'refused');
    assert.match(answer.kind === 'refused' ? answer.reason : '', reason);
  }
  assert.equal(other.current(), null);
  const error = await thrown(other.start('till-1', new AbortController().signal));
  assert.equal(error.code, 'not-installed');
  assert.match(error.message, /ask the bank/);
});

test('a library that crashes when it is loaded is refused, and the old one stays', async () => {
  const before = room.current();
  const bad = compileText(
    `#include <stdlib.h>
    __attribute__((constructor)) static void boom(void) { abort(); }
    ${FUNCTION_NAMES.map((name) => `int BPOSLib_${name}(void) { return 0; }`).join('\n')}`,
  );
  const answer = await room.install('bad.so', bad);
  assert.match(answer.kind === 'refused' ? answer.reason : '', /does not run here.*SIGABRT/);
  assert.deepEqual(room.current(), before);
  const files = readdirSync(join(terminal.folder, 'data', 'bank-library'));
  assert.equal(files.filter((name) => name.endsWith('.so')).length, 1);
});

test('the installed library is shown with its version, replaced, checked, and removed', async () => {
  const own = new DoubleTerminal();
  try {
    const mine = await roomWithDouble(own, 'without-optional');
    const first = mine.current();
    assert.equal(first?.version, '');
    assert.ok(first.missing.includes('StartScenario'));
    const answer = await mine.install('libcBPOSLib.so.1.4.19', compile('with-date-time'));
    assert.equal(answer.kind, 'installed');
    const second = mine.current();
    assert.equal(second?.version, 'TEST DOUBLE 1.4.19');
    assert.deepEqual(second.missing, []);
    assert.notEqual(second.fingerprint, first.fingerprint);
    const folder = join(own.folder, 'data', 'bank-library');
    const file = readdirSync(folder).filter((name) => name.endsWith('.so'));
    assert.deepEqual(file, [`bpos-${second.fingerprint}.so`]);

    const path = join(folder, file[0] ?? '');
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('x')]));
    const error = await thrown(mine.start('till-1', new AbortController().signal));
    assert.match(error.message, /is damaged/);

    assert.equal(await mine.remove(), true);
    assert.equal(mine.current(), null);
    assert.equal(await mine.remove(), false);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.so')),
      [],
    );
  } finally {
    own.remove();
  }
});
