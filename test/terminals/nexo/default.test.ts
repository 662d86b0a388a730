// Default style: the terminal calls back with texts, questions, paper and events.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../app/src/domain/event.ts';
import { createNexoListener } from '../../../app/src/http/nexo/listener.ts';
import type { NexoArrival } from '../../../app/src/ports/nexo-receiver.ts';
import {
  displayRequest,
  eventNotification,
  transmitRequest,
} from '../../../app/src/simulator/nexo/messages.ts';
import { callTill, listenNexo } from '../../../app/src/simulator/nexo/server.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { childOf } from '../../../app/src/simulator/nexo/xml.ts';
import { createNexoSwitch } from '../../../app/src/terminals/nexo/switch.ts';
import { exchangeOf, NO_LOG, operationOf, REAL_CLOCK, type TestExchange, within } from '../kit.ts';
import {
  type Bench,
  bench,
  type BenchOptions,
  perform,
  run,
  sale,
  sentCount,
  until,
} from './kit.ts';

function onBench(name: string, options: BenchOptions, story: (b: Bench) => Promise<void>): void {
  test(name, async () => {
    const b = await bench({ style: 'default', ...options });
    try {
      await story(b);
      assert.deepEqual(b.terminal.faults, [], 'the terminal’s parser takes all that we send');
    } finally {
      await b.close();
    }
  });
}

/** An exchange that keeps texts, not only their numbers. */
function watched(answer: Answer | null = null): { exchange: TestExchange; texts: string[] } {
  const texts: string[] = [];
  const exchange = exchangeOf(sale(), answer);
  exchange.display = (status, text) => texts.push(`${status} ${text}`);
  return { exchange, texts };
}

onBench('the terminal is told the default style with all that the till can do', {}, async (b) => {
  await until(() => b.driver.link().kind === 'ready', 'ready');
  assert.equal(b.terminal.style, 'default');
  const login = b.terminal.received.find((text) => text.includes('<LoginRequest')) ?? '';
  assert.match(login, /CashierStatus CashierError CashierDisplay POIReplication/);
  assert.match(login, /CashierInput PrinterReceipt/);
});

onBench('texts of the terminal are shown as they come, stars of the PIN too', {}, async (b) => {
  const { exchange, texts } = watched();
  assert.equal((await perform(b.driver, exchange)).kind, 'approved');
  assert.ok(texts.length >= 8, texts.join(' | '));
  assert.deepEqual(
    texts.filter((text) => text.startsWith('110')).map((text) => text.slice(4)),
    ['Enter PIN:', 'Enter PIN: *', 'Enter PIN: **', 'Enter PIN: ***', 'Enter PIN: ****'],
  );
  assert.ok(texts.includes('202 Approved'));
});

onBench(
  'a text without a number is shown under its kind',
  { prepare: ({ knobs }) => (knobs.textIds = false) },
  async (b) => {
    const { exchange, texts } = watched();
    await perform(b.driver, exchange);
    assert.ok(texts.includes('POIReplication Present card'));
  },
);

for (const [flag, answered] of [
  [false, false],
  [true, true],
  [null, true],
] as const) {
  onBench(
    `a text whose answer flag is ${flag ?? 'absent'} gets ${answered ? 'a result' : 'no body'}`,
    {},
    async (b) => {
      await until(() => b.driver.link().kind === 'ready', 'ready');
      const request = displayRequest(['1,"Welcome"', '2,"Again"'], flag);
      const answer = await b.terminal.tell('Display', 'ECR1', request);
      const results = childOf(answer, 'DisplayResponse')?.children ?? [];
      assert.equal(results.length, answered ? 2 : 0);
    },
  );
}

for (const mode of ['NotRequired', 'Immediate', 'PrintEnd'] as const) {
  onBench(
    `paper in mode ${mode} is taken, and stands in the result`,
    { prepare: ({ knobs }) => (knobs.printMode = mode) },
    async (b) => {
      b.terminal.scripts.push({ signature: true, papers: false });
      const { exchange } = watched({ kind: 'confirm', confirmed: true });
      const outcome = await perform(b.driver, exchange);
      assert.equal(outcome.kind, 'approved');
      assert.match(outcome.result?.receipt?.merchant ?? '', /Signature: __/);
    },
  );
}

onBench('the cashier confirms a signature', {}, async (b) => {
  b.terminal.scripts.push({ signature: true });
  const { exchange } = watched({ kind: 'confirm', confirmed: true });
  assert.equal((await perform(b.driver, exchange)).kind, 'approved');
  const [question] = exchange.questions;
  assert.ok(question?.kind === 'confirm');
  assert.equal(question.text, 'Signature OK?');
  const patience = question.deadline - question.askedAt;
  assert.ok(patience > 20_000 && patience < 30_000, `MaxInputTime is 30 s, asked for ${patience}`);
});

onBench('the cashier refuses a signature: the terminal says no', {}, async (b) => {
  b.terminal.scripts.push({ signature: true });
  const { exchange } = watched({ kind: 'confirm', confirmed: false });
  const outcome = await perform(b.driver, exchange);
  assert.deepEqual([outcome.kind, outcome.code], ['cancelled', 'refused-by-cashier']);
  assert.equal(sentCount(b.terminal, 'Reversal'), 0, 'the terminal itself takes it back');
});

onBench('nobody answers about a signature: the terminal is told so', {}, async (b) => {
  b.terminal.scripts.push({ signature: true });
  const { exchange } = watched(null);
  assert.equal((await perform(b.driver, exchange)).kind, 'declined');
  const reply = b.terminal.received.find((text) => text.includes('<InputResult')) ?? '';
  assert.match(reply, /Result="Failure" ErrorCondition="Cancel"/);
});

onBench('texts are answered while the payment and a question are open', {}, async (b) => {
  b.terminal.scripts.push({ signature: true });
  const { exchange, texts } = watched();
  const answers = new EventTarget();
  exchange.ask = async (question) => {
    exchange.questions.push(question);
    await new Promise((resolve) => answers.addEventListener('yes', resolve, { once: true }));
    return { kind: 'confirm', confirmed: true };
  };
  const outcome = perform(b.driver, exchange);
  await until(() => exchange.questions.length === 1, 'asked');
  const told = b.terminal.tell('Display', 'ECR1', displayRequest(['300,"Still here"'], true));
  assert.notEqual(await within(1_000, told), null, 'not behind the open question');
  assert.ok(texts.includes('300 Still here'));
  // An abort would not be right now: the question is answered instead.
  exchange.cancel.abort();
  answers.dispatchEvent(new Event('yes'));
  assert.equal((await outcome).kind, 'approved');
  assert.equal(sentCount(b.terminal, 'Abort'), 0);
});

onBench('a question outside of an operation cannot be asked', {}, async (b) => {
  await until(() => b.driver.link().kind === 'ready', 'ready');
  const { confirmationRequest } = await import('../../../app/src/simulator/nexo/messages.ts');
  const answer = await b.terminal.tell('Input', 'ECR1', confirmationRequest('OK?', 5));
  const response = childOf(answer, 'InputResponse', 'InputResult', 'Response');
  assert.equal(response?.attributes['ErrorCondition'], 'UnavailableDevice');
});

onBench(
  'an abort that names something else is told back as an event, and the payment goes on',
  {},
  async (b) => {
    await run(b.driver, sale());
    b.terminal.tellEvent('ECR1', 'Reject', 'abort of 1');
    await until(() => b.lines.some(({ fields }) => fields['event'] === 'Reject'), 'noted');
    assert.equal((await run(b.driver, sale())).kind, 'approved');
  },
);

onBench('a card is read before there is a sum, and given back', {}, async (b) => {
  await until(() => b.driver.capabilities.kinds.includes('read-card'), 'offered');
  const outcome = await run(b.driver, operationOf({ kind: 'read-card' }));
  assert.equal(outcome.kind, 'approved');
  assert.equal(outcome.result?.card?.mask, '516815******9659');
  const actions = b.terminal.received
    .map((text) => /TransactionAction="(\w+)"/.exec(text)?.[1])
    .filter((action) => action !== undefined);
  assert.deepEqual(actions, ['StartTransaction', 'AbortTransaction']);
});

onBench('a terminal that does not call raises an alarm, and a call ends it', {}, async (b) => {
  const { callBack } = b.terminal;
  b.terminal.callBack = null;
  assert.equal((await run(b.driver, sale())).kind, 'approved');
  const link = b.driver.link();
  assert.ok(link.kind === 'ready');
  assert.match(link.alarm ?? '', /did not call back/);
  b.terminal.callBack = callBack;
  await b.terminal.tell('Display', 'ECR1', displayRequest(['Welcome'], true));
  const after = b.driver.link();
  assert.ok(after.kind === 'ready');
  assert.equal(after.alarm, undefined);
});

onBench(
  'without an open port every terminal of the default style shows an alarm',
  { closed: true },
  async (b) => {
    await until(() => b.driver.link().kind === 'ready', 'ready');
    const link = b.driver.link();
    assert.ok(link.kind === 'ready');
    assert.match(link.alarm ?? '', /cannot call this gateway/);
    const tested = await b.driver.test(AbortSignal.timeout(2_000));
    assert.equal(tested.steps.find(({ name }) => name === 'call-back')?.ok, false);
    assert.equal((await run(b.driver, sale())).kind, 'approved', 'payments work');
  },
);

onBench(
  'a port that another program holds raises the alarm, with its reason',
  { closed: true },
  async (b) => {
    const taken = Number(new URL(b.server.address).port);
    const listener = createNexoListener({
      receiver: b.nexo,
      host: '127.0.0.1',
      port: taken,
      clock: REAL_CLOCK,
      log: NO_LOG,
    });
    await until(() => {
      const link = b.driver.link();
      return link.kind === 'ready' && (link.alarm ?? '').includes('EADDRINUSE');
    }, 'alarm');
    await listener.close();
  },
);

onBench('a new address is only announced: an administrator has to agree', {}, async (b) => {
  await until(() => b.driver.link().kind === 'ready', 'ready');
  const answer = await b.terminal.tell('Transmit', '', transmitRequest('192.168.78.15', 11_000));
  assert.equal(answer, null, '204');
  const link = b.driver.link();
  assert.ok(link.kind === 'ready');
  assert.match(link.alarm ?? '', /http:\/\/192\.168\.78\.15:11000/);
  assert.equal((await run(b.driver, sale())).kind, 'approved', 'the old address is used on');
});

onBench(
  'maintenance that the terminal asks for is allowed while it is idle, then it is logged in',
  { options: { checkEveryMs: 1_000, maintenanceMinutes: 60 } },
  async (b) => {
    await until(() => b.driver.link().kind === 'ready', 'ready');
    const tell = (event: string, maintenance = false): Promise<unknown> =>
      b.terminal.tell(
        'Event',
        'ECR1',
        eventNotification(b.terminal.now(), event, '', maintenance),
        'Notification',
      );
    await tell('SaleAdmin', true);
    await until(() => b.terminal.maintenanceAllowed, 'logged out', 4_000);
    assert.equal(b.terminal.saleId, null);
    await tell('BeginMaintenance');
    await REAL_CLOCK.sleep(1_200);
    assert.equal(b.terminal.saleId, null, 'left alone');
    await tell('EndMaintenance');
    await until(() => b.terminal.saleId === 'ECR1', 'logged in again', 4_000);
  },
);

test('two terminals share one port, and each is told its own', async () => {
  const b = await bench({ style: 'default' });
  const other = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'B-POIID', stepMs: 2 });
  const server = await listenNexo(other);
  const port = await b.listener!.opened;
  other.callBack = callTill(`http://127.0.0.1:${port}`);
  const second = b.again({ poiId: 'B-POIID' });
  try {
    // The second driver talks to the first terminal’s address, so only its calls matter here.
    const first = watched();
    const outcome = perform(b.driver, first.exchange);
    await until(() => b.terminal.running !== null, 'running');
    other.style = 'default';
    await other.tell('Display', 'ECR1', displayRequest(['900,"Other"'], true));
    assert.equal((await outcome).kind, 'approved');
    assert.ok(first.texts.includes('202 Approved'));
    assert.equal(first.texts.includes('900 Other'), false);
  } finally {
    await second.stop();
    await server.close();
    await b.close();
  }
});

const HEADER = (poiId: string): string =>
  `<MessageHeader MessageClass="Device" MessageCategory="Display" MessageType="Request" ServiceID="3" DeviceID="7" SaleID="ECR1" POIID="${poiId}"/>`;
const DISPLAY =
  '<DisplayRequest><DisplayOutput Device="CashierDisplay" InfoQualify="Display"><OutputContent OutputFormat="Text"><OutputText>Hi</OutputText></OutputContent></DisplayOutput></DisplayRequest>';

test('the port refuses what is no message of a terminal of ours', async () => {
  const b = await bench({ style: 'default' });
  try {
    const port = await b.listener!.opened;
    const url = `http://127.0.0.1:${port}/EPASSaleToPOI/3.1`;
    const post = async (
      body: string,
      type = 'application/xml; charset=utf-8',
      at = url,
    ): Promise<number> => {
      const response = await fetch(at, { method: 'POST', headers: { 'Content-Type': type }, body });
      await response.arrayBuffer();
      return response.status;
    };
    const message = (poiId: string): string =>
      `<SaleToPOIRequest>${HEADER(poiId)}${DISPLAY}</SaleToPOIRequest>`;
    assert.equal(await post(message('A-POIID')), 200);
    assert.equal(await post(message('C-POIID')), 404);
    assert.equal(await post('<Envelope/>'), 400);
    assert.equal(await post('<SaleToPOIRequest>'), 400);
    assert.equal(await post(`<!DOCTYPE x [<!ENTITY e "x">]>${message('A-POIID')}`), 400);
    assert.equal(await post(message('A-POIID'), 'text/plain'), 415);
    assert.equal(await post(message('A-POIID'), 'text/xml', url.replace('3.1', '2.0')), 404);
    assert.equal(await post(`<SaleToPOIRequest>${'x'.repeat(1_100_000)}</SaleToPOIRequest>`), 413);
    const got = await fetch(url);
    assert.equal(got.status, 405);
    await got.arrayBuffer();
  } finally {
    await b.close();
  }
});

test('a message from an address that the terminal does not have is refused', async () => {
  const nexo = createNexoSwitch(NO_LOG);
  const taken: string[] = [];
  nexo.register({
    terminal: 'till-1',
    announced: () => null,
    poiId: 'A-POIID',
    addresses: ['192.168.1.51'],
    answer: ({ header }) => {
      taken.push(header.messageCategory);
      return Promise.resolve({ status: 204, body: null });
    },
    door: () => undefined,
  });
  assert.equal((await nexo.receive(arrival('192.168.1.66', 'Display'))).status, 403);
  assert.equal((await nexo.receive(arrival('192.168.1.51', 'Display'))).status, 204);
  // One that has moved may say so from where it is; that changes nothing by itself.
  assert.equal((await nexo.receive(arrival('192.168.1.66', 'Transmit'))).status, 204);
  assert.deepEqual(taken, ['Display', 'Transmit']);
});

function arrival(peer: string, category: string): NexoArrival {
  const header = HEADER('A-POIID').replace('"Display"', `"${category}"`);
  const body = Buffer.from(`<SaleToPOIRequest>${header}${DISPLAY}</SaleToPOIRequest>`);
  return { peer, body, charset: null, gone: new AbortController().signal };
}
