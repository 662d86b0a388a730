// A second till, in another language and from the description of the protocol alone. It is ours,
// though it knows nothing of our code: a till that nobody here wrote can be put in its place, see
// test/terminals/nexo/foreign-till.test.ts.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { OperationState } from '../../app/src/domain/operation.ts';
import { callTill, listenNexo } from '../../app/src/simulator/nexo/server.ts';
import { NexoTerminal } from '../../app/src/simulator/nexo/terminal.ts';
import { approvesAfter, cancellable, type Script, watermarkAt } from '../kit/scripted-driver.ts';
import { startGateway, temporaryFolder } from '../process/programs.ts';
import { ADMINISTRATOR } from '../kit/world.ts';
import { REAL_CLOCK } from '../terminals/kit.ts';
import { house } from '../terminals/nexo/house.ts';
import { beside, run } from './programs.ts';

type Style = 'default' | 'light';

interface Told {
  readonly seen: readonly (readonly [kind: string, text: string])[];
  readonly [what: string]: unknown;
}

const SUCCESS = ['Success', null];
const WANTED = {
  'unknown session': ['Failure', 'NotAllowed'],
  login: SUCCESS,
  'not found': ['Failure', 'NotFound'],
  payment: SUCCESS,
  amount: '38.50',
  named: 'order-1',
  papers: ['CashierReceipt Merchant', 'CustomerReceipt Cardholder'],
  'sum on paper': '38,50',
  status: SUCCESS,
  repeated: 'order-1',
  reversal: SUCCESS,
  refund: SUCCESS,
  signature: SUCCESS,
  abort: [true, ['Failure', 'Aborted']],
  'hung up': 'Success',
  logout: SUCCESS,
  'after logout': ['Failure', 'NotAllowed'],
};

async function till(address: string, style: Style, port: number): Promise<Told> {
  const listen = style === 'default' ? [String(port)] : [];
  const words = [beside('nexo-till.py'), address, style, ...listen];
  const { code, out, errors } = await run('python3', words);
  assert.equal(code, 0, `${out}\n${errors}`);
  return JSON.parse(out) as Told;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

for (const style of ['default', 'light'] as const) {
  test(`an independent till of ours works through a day at the simulated terminal, ${style} style`, async () => {
    const port = await freePort();
    const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A-POIID', stepMs: 4 });
    terminal.callBack = callTill(`http://127.0.0.1:${port}`);
    terminal.knobs.loginBusy = 1;
    terminal.knobs.printMode = 'PrintEnd';
    const server = await listenNexo(terminal);
    try {
      // Payment, reversal, refund, two signatures, the abort, the cut line.
      terminal.scripts.push({}, {}, {}, { signature: true }, { signature: true });
      terminal.scripts.push({ holdMs: 10_000 }, { holdMs: 400, holdAt: 'after-authorisation' });
      const {
        seen,
        'refused signature': refused,
        ...told
      } = await till(server.address, style, port);
      assert.deepEqual(told, WANTED);
      // In the light style the till itself looks at the paper, and takes the payment back.
      assert.deepEqual(refused, style === 'default' ? ['Failure', 'Refusal'] : SUCCESS);
      assert.deepEqual(terminal.faults, [], 'a strict parser takes every message of the till');
      if (style === 'light') {
        assert.deepEqual(seen, [], 'not one call');
        return;
      }
      const kinds = new Set(seen.map(([kind]) => kind));
      assert.deepEqual([...kinds].sort(), ['display', 'event', 'print', 'question']);
      assert.ok(seen.some(([, text]) => text === '110,"Enter PIN: ****"'));
    } finally {
      await server.close();
    }
  });

  test(`an independent till of ours works through a day at the façade, ${style} style`, async () => {
    const port = await freePort();
    const callBack = style === 'default' ? { callBack: `http://127.0.0.1:${port}` } : {};
    const h = await house(callBack);
    try {
      const paid = withPaper(approvesAfter(30));
      h.scripts(
        paid,
        paid,
        paid,
        asks(paid),
        asks(paid),
        cancellable(),
        withPaper(approvesAfter(400)),
      );
      const { seen, 'refused signature': refused, ...told } = await till(h.url, style, port);
      assert.deepEqual(told, WANTED);
      assert.deepEqual(refused, style === 'default' ? ['Failure', 'Cancel'] : SUCCESS);
      const states: OperationState[] = h.gateway
        .list(ADMINISTRATOR, { limit: 20 })
        .operations.map(({ state }) => state)
        .toReversed();
      const last: OperationState = style === 'default' ? 'cancelled' : 'approved';
      assert.deepEqual(states, [
        'reversed',
        'approved',
        'approved',
        'approved',
        last,
        'cancelled',
        'approved',
      ]);
      const wanted = style === 'default' ? ['display', 'question'] : [];
      assert.deepEqual([...new Set(seen.map(([kind]) => kind))].sort(), wanted);
    } finally {
      await h.close();
    }
  });
}

test('the same till drives a terminal of another protocol, through the program itself', async () => {
  const { path: folder, remove } = temporaryFolder();
  const gateway = await startGateway(folder);
  try {
    const port = await freePort();
    const pairing = {
      saleId: 'ECR1',
      poiId: 'A-POIID',
      terminal: 'till-1',
      address: '127.0.0.1',
    };
    const facade = { enabled: true, port, pairings: [pairing] };
    const set = await gateway.call('PATCH', '/v1/settings', { nexo: { facade } });
    assert.equal(set.status, 200, JSON.stringify(set.body));
    const words = [beside('nexo-till.py'), `http://127.0.0.1:${port}`, 'light', '', 'UAH'];
    const { code, out, errors } = await run('python3', words);
    assert.equal(code, 0, `${out}\n${errors}`);
    assert.deepEqual(JSON.parse(out), {
      login: SUCCESS,
      payment: SUCCESS,
      amount: '38.50',
      papers: ['CashierReceipt', 'CustomerReceipt'],
      reversal: SUCCESS,
      abort: [true, ['Failure', 'Aborted']],
      'hung up': 'Success',
      logout: SUCCESS,
      seen: [],
    });
    const { body } = await gateway.call('GET', '/v1/operations');
    const { operations } = body as { operations: { state: string; terminal: string }[] };
    assert.deepEqual(
      operations.map(({ state }) => state),
      ['approved', 'cancelled', 'approved', 'reversed'],
    );
  } finally {
    await gateway.stop();
    remove();
  }
});

/** A terminal that prints. */
function withPaper(script: Script): Script {
  return async (exchange, clock) => {
    const outcome = await script(exchange, clock);
    if (outcome.kind !== 'approved') return outcome;
    const receipt = { merchant: 'СУМА', customer: 'СУМА' };
    return { ...outcome, result: { ...outcome.result, receipt } };
  };
}

/** A terminal that asks the cashier about the signature, and believes the answer. */
function asks(script: Script): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    exchange.display('1', 'Підпис');
    const askedAt = clock.now();
    const answer = await exchange.ask({
      kind: 'confirm',
      askedAt,
      deadline: askedAt + 4_000,
      text: 'Підпис вірний?',
    });
    if (answer?.kind !== 'confirm' || !answer.confirmed) {
      return { kind: 'cancelled', code: 'refused-by-cashier', terminalText: null, result: null };
    }
    return script({ ...exchange, started: () => Promise.resolve() }, clock);
  };
}
