// Our drivers and the simulated terminals of the small protocols, over real sockets: two codecs that
// share no line.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import type { TerminalId } from '../../app/src/domain/ids.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import type { RequestBody } from '../../app/src/domain/operation.ts';
import type { Outcome } from '../../app/src/domain/outcome.ts';
import type { TerminalDriver } from '../../app/src/ports/terminal-driver.ts';
import { SimulatorFleet } from '../../app/src/simulator/fleet.ts';
import { driverCatalog } from '../../app/src/terminals/registry.ts';
import { createTransport, normaliseAddress } from '../../app/src/transport/open.ts';
import { exchangeOf, NO_LOG, operationOf, RANDOM, REAL_CLOCK, SETUP } from '../terminals/kit.ts';
import { hex } from '../terminals/native-stage.ts';

const PROTOCOLS = ['bpos-light', 'concert', 'caisse-ap'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const fleet = new SimulatorFleet({
  clock: REAL_CLOCK,
  journalFolder: null,
  onFailure: (_terminal, cause) => {
    throw cause;
  },
});
const catalog = driverCatalog({
  transport: createTransport(),
  clock: REAL_CLOCK,
  random: RANDOM,
  log: NO_LOG,
  timeZone: 'Europe/Kyiv',
  normaliseAddress,
});
after(() => fleet.close());

let count = 0;

interface Pair {
  readonly id: TerminalId;
  readonly driver: TerminalDriver;
  readonly address: string;
}

async function pair(protocol: Protocol, query = '', options = {}): Promise<Pair> {
  const id = `${protocol}-${++count}` as TerminalId; // matches the pattern
  const address = await fleet.open(id, `sim://${protocol}${query}`);
  const driver = catalog.create({ ...SETUP, id, driver: protocol, address, options });
  return { id, driver, address };
}

const purchase = (kopecks: number): RequestBody => ({
  kind: 'purchase',
  amount: minorUnits(kopecks),
  discount: minorUnits(0),
});

async function play({ driver }: Pair, body: RequestBody, end = new AbortController()) {
  const exchange = exchangeOf(operationOf(body));
  const confirmed: number[] = [];
  exchange.confirming = async (amount) => void confirmed.push(amount);
  const aborting = (): void => exchange.end.abort();
  end.signal.addEventListener('abort', aborting);
  const outcome = await driver.perform(exchange);
  return { outcome, confirmed, exchange };
}

const word = ({ kind, code }: Outcome): string => `${kind} ${code}`;

function lastOf(id: TerminalId) {
  return fleet.find(id)?.journal.at(-1) ?? null;
}

for (const protocol of PROTOCOLS) {
  test(`${protocol}: a purchase is approved, and the terminal has it in its journal`, async () => {
    const made = await pair(protocol);
    const { outcome, confirmed } = await play(made, purchase(12_345));
    assert.equal(word(outcome), 'approved approved');
    assert.equal(outcome.kind === 'approved' && outcome.approvedAmount, 12_345);
    assert.equal(outcome.result?.card?.mask, '516815******9659');
    assert.deepEqual(confirmed, protocol === 'bpos-light' ? [12_345] : []);
    const entry = lastOf(made.id);
    assert.deepEqual([entry?.['amount'], entry?.['status']], [12_345, 'approved']);
    assert.deepEqual(fleet.find(made.id)?.remarks, []);
  });

  test(`${protocol}: a decline is a decline, a customer who stops is no sale`, async () => {
    const poor = await pair(protocol, '?card=insufficient-funds');
    const declined = await play(poor, purchase(500));
    assert.equal(declined.outcome.kind, 'declined');
    const slow = await pair(protocol, '?autoCard=0');
    const pressed = play(slow, purchase(501));
    await until(() => fleet.find(slow.id)?.busy === true);
    fleet.pressCancel(slow.id);
    const { outcome } = await pressed;
    // Concert has one word for both.
    assert.equal(outcome.kind, protocol === 'concert' ? 'declined' : 'cancelled');
    assert.deepEqual(fleet.find(slow.id)?.journal, []);
  });

  test(`${protocol}: what contradicts or lacks its signs is unknown`, async () => {
    const made = await pair(protocol);
    for (const fault of ['other-sum', 'bare-answer', 'cut']) {
      fleet.fault(made.id, fault, 1);
      const { outcome } = await play(made, purchase(700));
      assert.equal(outcome.kind, 'unknown', fault);
    }
    assert.equal(word((await play(made, purchase(701))).outcome), 'approved approved');
  });

  test(`${protocol}: a lost answer is unknown, and nothing can be asked`, async () => {
    const made = await pair(protocol);
    fleet.fault(made.id, 'lost-answer', 1);
    const end = new AbortController();
    const lost = play(made, purchase(800), end);
    await until(() => lastOf(made.id)?.['status'] === 'approved');
    end.abort();
    assert.equal((await within(lost)).outcome.kind, 'unknown');
    const facts = await made.driver.lookUp(operationOf(purchase(800)), end.signal);
    assert.deepEqual([facts?.complete, facts?.newer], [false, []]);
  });

  test(`${protocol}: without power nobody answers, and the journal survives`, async () => {
    const made = await pair(protocol);
    await play(made, purchase(900));
    fleet.powerCut(made.id, 60_000);
    const { outcome } = await play(made, purchase(901));
    assert.notEqual(outcome.kind, 'approved');
    assert.equal(fleet.find(made.id)?.journal.length, 1);
    fleet.powerCut(made.id, 0);
    await until(() => fleet.find(made.id)?.powered === true);
    assert.equal(word((await play(made, purchase(902))).outcome), 'approved approved');
  });

  test(`${protocol}: an address with another option is refused`, async () => {
    await assert.rejects(fleet.open('wrong', `sim://${protocol}?colour=red`), /no such option/);
    await assert.rejects(fleet.open('wrong', `sim://${protocol}?card=gold`), /no card/);
    assert.equal(fleet.find('wrong' as TerminalId), null);
  });
}

test('bpos-light: a confirmation that is lost, refused or never comes', async () => {
  const made = await pair('bpos-light', '', { confirmTimeoutMs: 500 });
  fleet.fault(made.id, 'confirm-lost', 1);
  assert.equal(word((await play(made, purchase(100))).outcome), 'unknown confirm-lost');
  assert.equal(lastOf(made.id)?.['status'], 'approved');
  fleet.fault(made.id, 'confirm-refused', 1);
  assert.equal(word((await play(made, purchase(101))).outcome), 'unknown confirm-lost');
  assert.equal(lastOf(made.id)?.['status'], 'reversed');
  fleet.fault(made.id, 'cut', 1);
  assert.equal((await play(made, purchase(102))).outcome.kind, 'unknown');
  await until(() => lastOf(made.id)?.['status'] === 'reversed');
});

test('bpos-light: a void and a settlement', async () => {
  const made = await pair('bpos-light');
  const sold = await play(made, purchase(300));
  const invoice = sold.outcome.result?.invoice ?? null;
  const voided = await play(made, { kind: 'void', of: null, invoice });
  assert.equal(word(voided.outcome), 'approved approved');
  await play(made, purchase(400));
  const settled = await play(made, { kind: 'settlement' });
  assert.equal(word(settled.outcome), 'approved done');
  assert.equal(settled.outcome.result?.extra['debitAmount'], '400');
  assert.equal(settled.outcome.result?.extra['cancelledAmount'], '300');
});

test('requests and answers that arrive broken once are repeated', async () => {
  for (const protocol of ['bpos-light', 'concert'] as const) {
    const made = await pair(protocol);
    for (const fault of ['refused-request', 'broken-answer']) {
      fleet.fault(made.id, fault, 1);
      const { outcome } = await play(made, purchase(600));
      assert.equal(word(outcome), 'approved approved', `${protocol} ${fault}`);
    }
    assert.equal(fleet.find(made.id)?.journal.length, 2);
  }
});

test('concert: a deaf first call and a missing last EOT change nothing', async () => {
  const made = await pair('concert');
  fleet.fault(made.id, 'deaf', 1);
  fleet.fault(made.id, 'no-last-eot', 1);
  assert.equal(word((await play(made, purchase(610))).outcome), 'approved approved');
});

test('caisse-ap: accepted without a result, half an answer, and a line closed behind it', async () => {
  const made = await pair('caisse-ap');
  fleet.fault(made.id, 'accepted-only', 1);
  assert.equal((await play(made, purchase(620))).outcome.kind, 'unknown');
  fleet.fault(made.id, 'close-after-answer', 1);
  assert.equal(word((await play(made, purchase(621))).outcome), 'approved approved');
});

/** Bytes of the protocols' page, sent by hand; what comes back, until it is quiet. */
async function talk(address: string, ...sent: readonly number[][]): Promise<number[]> {
  const { port } = new URL(address.replace('tcp:', 'http:'));
  const socket = connect(Number(port), '127.0.0.1');
  const heard: number[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(...chunk));
  for (const bytes of sent) {
    const before = heard.length;
    socket.write(Uint8Array.from(bytes));
    await until(() => heard.length > before);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  socket.destroy();
  return heard;
}

test('the page’s own vectors are understood: B-POS light, also with the NULs of others', async () => {
  const made = await pair('bpos-light');
  const page =
    '02 00 1f 52 45 51 3d 50 55 52 3b 41 4d 4f 55 4e 54 3d 31 30 30 3b 4d 49 44 3d 31 31 31 31 31 31 31 3b 5b';
  const others = page.replace('00 1f', '00 22').replace(/ 5b$/, ' 00 00 00 5b');
  for (const vector of [page, others]) {
    const heard = await talk(made.address, hex(vector));
    assert.equal(heard[0], 0x06);
    assert.match(String.fromCharCode(...heard), /RESP=PUR;RC=0000;INVOICE=\d{6};AMOUNT=100;/);
  }
  assert.deepEqual(
    fleet.find(made.id)?.remarks?.map(({ text }) => text),
    ['an answer that was not acknowledged'],
  );
});

test('a till that writes in pieces and reads piece by piece is served, as a serial line would', async () => {
  const made = await pair('bpos-light');
  const { port } = new URL(made.address.replace('tcp:', 'http:'));
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  const pieces: string[] = [];
  socket.on('data', (chunk: Buffer) => pieces.push(chunk.toString('latin1')));
  // STX, length, text and a checksum of four bytes, each written by itself.
  const send = (text: string): void => {
    const sum = [...Buffer.from(text)].reduce((all, byte) => all ^ byte, 0);
    for (const part of [[2], [0, text.length + 3], [...Buffer.from(text)], [0, 0, 0, sum]]) {
      socket.write(Uint8Array.from(part));
    }
  };
  send('REQ=PUR;AMOUNT=1250;MID=1111111;');
  await until(() => pieces.length >= 2);
  assert.equal(pieces[0], '\u0006');
  assert.equal(pieces[1]?.charCodeAt(0), 2);
  assert.match(pieces[1] ?? '', /RESP=PUR;RC=0000;INVOICE=000001;/);
  // Its length fits one byte, which is all that such tills look at.
  assert.ok((pieces[1]?.length ?? 0) < 256);
  socket.write(Uint8Array.of(6));
  send('REQ=CON;INVOICE=000001;');
  await until(() => pieces.length >= 4);
  assert.match(pieces[3] ?? '', /RESP=CON;RC=0000;/);
  socket.write(Uint8Array.of(6));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(lastOf(made.id)?.['status'], 'approved');
  assert.deepEqual(fleet.find(made.id)?.remarks, []);
  socket.destroy();
});

test('concert: who asks for an answer at once is told «not verified», never «paid»', async () => {
  const made = await pair('concert');
  const text = `0100001250010978${' '.repeat(10)}A011B010\u0003`;
  const sum = [...Buffer.from(text)].reduce((all, byte) => all ^ byte, 0);
  const [ENQ, ACK, EOT] = [[0x05], [0x06], [0x04]];
  const heard = await talk(made.address, ENQ, [2, ...Buffer.from(text), sum], EOT, ACK, ACK);
  assert.equal(String.fromCharCode(...heard.slice(4, 7)), '019');
});

test('the page’s own vectors are understood: Concert', async () => {
  const made = await pair('concert');
  const blanks = '20 '.repeat(10);
  const page = `02 30 31 30 30 30 30 31 32 35 30 31 31 30 39 37 38 ${blanks} 41 30 31 30 42 30 31 30 03 01`;
  const [ENQ, ACK, EOT] = [[0x05], [0x06], [0x04]];
  const heard = await talk(made.address, ENQ, hex(page), EOT, ACK, ACK);
  const text = String.fromCharCode(...heard);
  // ACK ENQ’s answer, ACK of the frame, its own ENQ, the frame, EOT.
  assert.deepEqual(heard.slice(0, 4), [0x06, 0x06, 0x05, 0x02]);
  assert.equal(text.slice(4, 16), '010000012501');
  assert.equal(text.slice(16, 85), `${'516815XXXXXX9659'.padEnd(55)}978${' '.repeat(10)}\u0003`);
  assert.equal(heard.length, 3 + 83 + 1);
});

test('the page’s own example is understood: Caisse-AP', async () => {
  const made = await pair('caisse-ap');
  const page = 'CZ0040300CJ012012345678901CA00201CE003978BA0010CD0010CB0041245';
  const heard = await talk(made.address, [...Buffer.from(page, 'latin1')]);
  const text = String.fromCharCode(...heard);
  assert.match(text, /^CZ0040300CJ012012345678901CA00201CE003978AE00210CB0041245/);
  assert.match(text, /AA016516815XXXXXX9659AC006\d{6}/);
});

async function until(done: () => boolean, ms = 8_000): Promise<void> {
  for (const end = Date.now() + ms; !done(); ) {
    if (Date.now() > end) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function within<T>(promise: Promise<T>, ms = 15_000): Promise<T> {
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<T>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => timer && clearTimeout(timer));
}
