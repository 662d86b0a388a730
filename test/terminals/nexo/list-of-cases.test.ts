// The protocol's own list of cases (§12 of its description), and where each of them is tried. A case
// whose test is renamed or removed is missed here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Case → file beside this one, and the beginnings of the names of its tests. */
const CASES: readonly (readonly [name: string, file: string, ...tests: string[]])[] = [
  ['login Busy, then success', 'light', 'a login that is answered with Busy is sent again'],
  ['first payment Busy after the login', 'light', 'a payment right after the login'],
  [
    'happy default: eight displays or more, stars of the PIN',
    'default',
    'texts of the terminal are shown as they come, stars of the PIN too',
  ],
  [
    'happy light: nothing inbound',
    'sharing',
    'with terminals of the light style alone no port is opened, and nobody is called',
  ],
  ['decline with and without receipt', 'light', 'a declined payment may come with receipts or'],
  ['customer’s Cancel', 'light', '${verdict} is ${kind}', "Cancel: ['cancelled'"],
  ['abort before the card', 'light', 'an abort before the card cancels, and its 204 is no verdict'],
  [
    'abort after the authorisation: success wins',
    'light',
    'an approval that wins against an abort',
  ],
  [
    'abort with a wrong reference: Reject event',
    'default',
    'an abort that names something else is told back as an event',
  ],
  ['the same at the façade', 'facade-calls', 'an abort of nothing is told back as Reject'],
  ['response lost, status Success', 'recovery', 'an answer lost by ${lost} is unknown, then'],
  [
    'response lost, status Busy ×n, then Success',
    'recovery',
    'a terminal that says ${unfinished} is asked again',
    "of ['Busy', 'InProgress']",
  ],
  [
    'response lost, status InProgress',
    'recovery',
    'a terminal that says ${unfinished} is asked again',
  ],
  [
    'response lost, status NotFound',
    'recovery',
    'within one login a transaction that the terminal does not know never happened',
  ],
  ['response lost, an older transaction', 'recovery', 'an older transaction is not taken for ours'],
  [
    'response lost, nested Failure',
    'recovery',
    'a lost answer whose transaction was declined is declined',
  ],
  [
    'terminal restarts in the middle of a payment',
    'recovery',
    'a restart of the terminal after the authorisation is found out',
    'a restart of the terminal before the card is left to a person',
  ],
  [
    'crash of ours between persist and POST',
    'gateway',
    'a crash of ours between the ledger and the request: it never happened',
  ],
  ['crash of ours after the POST', 'gateway', 'a crash of ours after the request left'],
  ['signature yes, default', 'default', 'the cashier confirms a signature'],
  ['signature no, default', 'default', 'the cashier refuses a signature: the terminal says no'],
  ['signature timeout, default', 'default', 'nobody answers about a signature'],
  ['signature yes, light', 'signature', 'a confirmed signature is an approval'],
  ['signature no, light', 'signature', 'a refused signature takes the payment back'],
  ['signature timeout, light', 'signature', 'a signature that nobody looks at is taken back too'],
  ['reversal failing', 'signature', 'a reversal that fails leaves the payment approved'],
  ['refund', 'light', 'a refund is a payment of its own kind'],
  [
    'reversal of what is not the last',
    'light',
    'a payment that is not the last is not taken back, and nothing is sent',
    'where it may, the terminal itself refuses to take back what is not the last',
  ],
  [
    'PrintRequest: NotRequired, Immediate, PrintEnd',
    'default',
    'paper in mode ${mode} is taken',
    "of ['NotRequired', 'Immediate', 'PrintEnd']",
  ],
  [
    'DisplayRequest: flag true, absent, false',
    'default',
    'a text whose answer flag is ${flag',
    '[false, false]',
    '[true, true]',
    '[null, true]',
  ],
  [
    'maintenance cycle: asked for by the terminal',
    'default',
    'maintenance that the terminal asks for is allowed while it is idle',
  ],
  [
    'maintenance cycle: each night',
    'night',
    'in the window of the night an idle terminal is logged out with maintenance allowed, once',
  ],
  [
    'TransmitRequest: a new address',
    'default',
    'a new address is only announced: an administrator has to agree',
  ],
  ['two terminals on one listener', 'sharing', 'two terminals share one listener'],
  ['receipt in UTF-8', 'light', 'a receipt keeps letters of every language'],
  [
    'AuthorizedAmount ≠ RequestedAmount (tip)',
    'light',
    'a tip is charged on top of what was asked',
    'another sum without a word about it is a contradiction',
  ],
  [
    'order of elements of everything that is sent',
    'schema',
    'order and required parts of every message are right',
  ],
  ['the schema of everything that is sent', 'schema', 'every message validates against the public'],
];

for (const [at, [name, file, ...tests]] of CASES.entries()) {
  const path = `${file}.test.ts`;
  test(`case ${at + 1}, ${name}: ${path}`, () => {
    const text = readFileSync(join(import.meta.dirname, path), 'utf8');
    for (const one of tests) assert.ok(text.includes(one), `${path} has no «${one}»`);
  });
}
