// What the driver calls of the library's functions, proved by the double's own list of calls: all but
// those that are named here with their reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { minorUnits } from '../../../app/src/domain/money.ts';
import type { RequestBody } from '../../../app/src/domain/operation.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../../app/src/ports/bank-library.ts';
import { Stage, until } from './stage.ts';

/** Card data: these never cross into the gateway (money rules, 8). */
const NEVER: readonly FunctionName[] = [
  'ExpDate',
  'CardHolder',
  'Track3',
  'CryptedData',
  'ExtraCardData',
  'PanHash',
];

/** Nothing that a till asks for needs them. */
const NOT_NEEDED: readonly FunctionName[] = [
  // The process ends instead.
  'UninitializeBPOS',
  // The journal is asked: it answers the same question and is of use.
  'Ping',
  // One application is selected for as long as the line is open.
  'CloseApp',
  'SetExtraXmlData',
  // Unattended machines, whose screen and keys a program drives.
  'SetControlMode',
  'ReadKey',
  'Key',
  'DisplayText',
  'SetLine',
  'SetScreen',
  // Files of the terminal: nothing says how long they are, or what is in them.
  'ReqDataFile',
  'DataFile',
  'SendFile',
  // Said in other words by getters that are read, or of no meaning to a till.
  'SlipPrinted',
  'Currency',
  'CurrencyCode',
  'DiscountAttribute',
  'FlagAcquirer',
  'CompletionInvoiceNum',
];

const called = new Set<string>();
const opened: Stage[] = [];
after(() => Promise.all(opened.map((one) => one.close())));

async function stageOf(
  options: Parameters<typeof Stage.open>[0],
  address = 'tcp://127.0.0.1:2000',
): Promise<Stage> {
  const stage = await Stage.open(options, 'all', address);
  opened.push(stage);
  return stage;
}

async function approve(stage: Stage, body: RequestBody): Promise<string | null> {
  const { outcome } = await stage.play(body);
  assert.equal(outcome.kind, 'approved', `${body.kind}: ${outcome.code}`);
  return outcome.result?.invoice ?? null;
}

const money = minorUnits(700);
const discount = minorUnits(0);

test('sales, follow-ups, questions and reports of a LAN terminal', async () => {
  const stage = await stageOf({
    macKey: '00112233445566778899aabbccddeeff',
    application: 'TE7E',
    logging: 'simple',
    instalmentService: '0109//1/{parts}',
    printReports: true,
    printReference: true,
    stallMs: 150,
  });
  stage.terminal.script('adjust');
  await approve(stage, { kind: 'purchase', amount: money, discount });
  stage.terminal.script('endless');
  const cancel = new AbortController();
  const checked = (): boolean => stage.terminal.calls().includes('CheckTerminal');
  const onStarted = (): void => void until(checked, 5_000, 'a check').finally(() => cancel.abort());
  const stopped = await stage.sale(701, { cancel: cancel.signal, onStarted });
  assert.equal(stopped.outcome.kind, 'cancelled');
  stage.terminal.script('no-signs');
  await approve(stage, { kind: 'purchase', amount: money, discount });
  stage.terminal.script();
  const named = { change: { request: { ...stopped.operation.request, reference: 'order 77' } } };
  assert.equal((await stage.sale(702, named)).outcome.kind, 'approved');
  const invoice = await approve(stage, { kind: 'purchase', amount: money, discount });
  const rrn = '000000700101';
  const bodies: readonly RequestBody[] = [
    { kind: 'refund', amount: money, of: null, rrn },
    { kind: 'void', of: null, invoice },
    { kind: 'completion', amount: money, of: null, rrn, authCode: '1', held: null },
    { kind: 'cashback', amount: money, cash: money },
    { kind: 'deposit', amount: money },
    { kind: 'cash-advance', amount: money },
    { kind: 'instalment', product: 'instalment', parts: 5, amount: money },
    { kind: 'balance' },
    { kind: 'identify' },
    { kind: 'read-card' },
    { kind: 'service', service: 'read-bank-card', amount: null, parameters: {} },
    { kind: 'service', service: 'ex-transaction', amount: null, parameters: {} },
    { kind: 'check-host' },
    { kind: 'info' },
    { kind: 'receipt-copy', invoice: '101' },
    { kind: 'receipt-copy', invoice: null },
    { kind: 'totals' },
    { kind: 'journal' },
    { kind: 'settlement' },
    { kind: 'settlement-copy' },
  ];
  for (const body of bodies) await approve(stage, body);
  for (const name of stage.terminal.calls()) called.add(name);
});

test('a serial terminal, one that the library finds itself, and one with heartbeats', async () => {
  for (const address of ['serial:///dev/terminals/pos-1', 'auto://']) {
    const stage = await stageOf({ heartbeatMs: 50 }, address);
    await until(() => stage.terminal.lines('heartbeats') > 0, 5_000, 'a heartbeat');
    await approve(stage, { kind: 'purchase', amount: money, discount });
    for (const name of stage.terminal.calls()) called.add(name);
  }
});

test('every function of the table was called, but for those with a reason', () => {
  const reasons = new Set<string>([...NEVER, ...NOT_NEEDED]);
  assert.deepEqual(
    FUNCTION_NAMES.filter((name) => !called.has(name) && !reasons.has(name)),
    [],
    'functions that nobody calls',
  );
  assert.deepEqual(
    [...reasons].filter((name) => called.has(name)),
    [],
    'functions that were not to be called',
  );
});

test('the page for code written against ECRCommX has a line for every function', () => {
  const page = readFileSync(
    fileURLToPath(new URL('../../../docs/from-ecrcommx.md', import.meta.url)),
    'utf8',
  );
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const cells = rows.map((row) => row.split('|')[1] ?? '').join(' ');
  const named = new Set([...cells.matchAll(/`(\w+)/g)].map(([, name]) => name?.toLowerCase()));
  // The Windows component has IssuerName, the C library IssueName; it has no (un)initialisation.
  const other: Partial<Record<FunctionName, string>> = { IssueName: 'IssuerName' };
  const own: readonly FunctionName[] = ['InitializeBPOS', 'UninitializeBPOS'];
  const missing = FUNCTION_NAMES.filter((name) => !own.includes(name)).filter(
    (name) => !named.has((other[name] ?? name).toLowerCase()),
  );
  assert.deepEqual(missing, []);
});
