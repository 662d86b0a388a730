// The PIN of a simulated PrivatBank terminal: by itself, or typed by somebody.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as openSocket } from 'node:net';
import { test } from 'node:test';
import { terminalId } from '../../app/src/domain/ids.ts';
import type { SimulatorControl } from '../../app/src/ports/simulators.ts';
import { SimulatorFleet } from '../../app/src/simulator/fleet.ts';
import { CARDS } from '../../app/src/simulator/privat-json/cards.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { type CoreTill, PURCHASE, world } from './core-till.ts';

const T1 = terminalId('till-1');

function asking() {
  const { clock, terminal, till } = world({ settings: { askPin: true } });
  return { clock, terminal, till: till() };
}

function statusOf(till: CoreTill): string | undefined {
  till.service('getLastStatMsgCode');
  return till.last().params['LastStatMsgCode'];
}

const codeOf = (till: CoreTill) => till.last().params['responseCode'];

test('waits for a PIN at status 6, and any four digits are right', () => {
  const { terminal, till } = asking();
  assert.equal(terminal.enterPin('1234'), false, 'nobody asked for one');
  till.send('Purchase', PURCHASE);
  assert.equal(statusOf(till), '6');
  assert.equal(terminal.device.screen, 'Введіть ПІН');
  till.service('getLastStatMsgDescription');
  assert.equal(till.last().params['LastStatMsgDescription'], 'PIN is needed');
  for (const wrong of ['123', '1234567890123', '12a4', '', ' 1234']) {
    assert.equal(terminal.enterPin(wrong), false, wrong);
  }
  assert.equal(statusOf(till), '6', 'what is no PIN changes nothing');
  assert.equal(terminal.enterPin('4711'), true);
  assert.equal(codeOf(till), '0000');
  assert.equal(terminal.enterPin('4711'), false, 'it is over');
});

test('asks nobody where the setting is off, or the card needs no PIN', () => {
  const { till } = world();
  const usual = till();
  usual.send('Purchase', PURCHASE);
  assert.equal(codeOf(usual), '0000');
  const { terminal, till: other } = asking();
  terminal.presentCard(CARDS.contactless);
  other.send('Purchase', PURCHASE);
  assert.equal(codeOf(other), '0000');
});

test('a wrong PIN is declined with 0055, the third in a row blocks the card with 0075', () => {
  const { terminal, till } = asking();
  const pay = (pin: string, card: keyof typeof CARDS = 'good') => {
    terminal.presentCard(CARDS[card]);
    till.send('Purchase', PURCHASE);
    assert.equal(terminal.enterPin(pin), true);
    assert.equal(till.last().error, codeOf(till) !== '0000');
    return codeOf(till);
  };
  assert.deepEqual([pay('0000'), pay('0000'), pay('1234')], ['0055', '0055', '0000']);
  assert.deepEqual([pay('0000'), pay('0000')], ['0055', '0055'], 'a right one counts anew');
  assert.deepEqual([pay('0000'), pay('1234')], ['0075', '0075'], 'blocked, also for a right one');
  assert.equal(pay('1234', 'visa'), '0000', 'another card is another matter');
  assert.deepEqual(
    [pay('1234', 'wrong-pin'), pay('1234', 'wrong-pin'), pay('1234', 'wrong-pin')],
    ['0055', '0055', '0075'],
    'the card on which every PIN is wrong',
  );
  terminal.powerCut(0);
  assert.equal(terminal.device.wrongPins.size, 2, 'the bank has a memory of its own');
});

test('a decline for a wrong PIN moves no money', () => {
  const { terminal, till } = asking();
  till.send('Purchase', PURCHASE);
  terminal.enterPin('0000');
  assert.equal(till.last().params['rrn'], undefined);
  assert.deepEqual(terminal.device.journal.transactions, []);
});

test('the red button, an interrupt and the terminal’s patience end the wait', () => {
  const red = asking();
  red.till.send('Purchase', PURCHASE);
  assert.equal(red.terminal.pressCancel(), true);
  assert.equal(codeOf(red.till), '1001');

  const interrupted = asking();
  interrupted.till.send('Purchase', PURCHASE);
  interrupted.till.service('interrupt');
  interrupted.clock.advanceSync(1);
  assert.equal(codeOf(interrupted.till), '1001');
  assert.equal(interrupted.terminal.enterPin('1234'), false);

  const late = asking();
  late.till.send('Purchase', PURCHASE);
  late.clock.advanceSync(59_000);
  assert.equal(statusOf(late.till), '6');
  late.clock.advanceSync(1_000);
  assert.equal(codeOf(late.till), '1001');
  // The timer of a wait that is over ends no other one.
  late.till.send('Purchase', PURCHASE);
  late.clock.advanceSync(30_000);
  late.terminal.enterPin('1234');
  late.till.send('Purchase', PURCHASE);
  late.clock.advanceSync(40_000);
  assert.equal(statusOf(late.till), '6');
});

test('a cut of power while it waits leaves nothing', () => {
  const { clock, terminal, till } = asking();
  till.send('Purchase', PURCHASE);
  terminal.powerCut(1_000);
  assert.equal(terminal.enterPin('1234'), false);
  clock.advanceSync(120_000);
  assert.equal(terminal.device.running, null);
  assert.deepEqual(terminal.device.journal.transactions, []);
});

test('over a real socket, through the port: asked, typed, and told nowhere', async () => {
  const fleet = new SimulatorFleet({
    clock: systemClock(() => true),
    journalFolder: null,
    onFailure: (_, cause) => assert.fail(String(cause)),
  });
  try {
    const port: SimulatorControl = fleet;
    const url = new URL(await fleet.open(T1, 'sim://privat-json?askPin=1'));
    const socket = openSocket(Number(url.port), url.hostname);
    await once(socket, 'connect', { signal: AbortSignal.timeout(5_000) });
    const request = { method: 'Purchase', step: 0, params: PURCHASE };
    socket.write(`${JSON.stringify(request)}\0`);
    for (let look = 0; port.find(T1)?.awaitsPin !== true; look += 1) {
      assert.ok(look < 500, 'it does not ask');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(port.find(T1)?.settings.askPin, true);
    const answered = once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
    assert.equal(port.enterPin(T1, '739164'), true);
    const [bytes] = (await answered) as [Buffer];
    assert.match(bytes.toString('utf8'), /"responseCode":"0000"/);
    assert.doesNotMatch(bytes.toString('utf8') + JSON.stringify(port.list()), /739164/);
    assert.equal(port.find(T1)?.awaitsPin, false);
    assert.equal(port.enterPin(terminalId('till-2'), '1234'), false);
    socket.destroy();
  } finally {
    await fleet.close();
  }
});

test('terminals of other protocols say that they cannot', async () => {
  const fleet = new SimulatorFleet({
    clock: systemClock(() => true),
    journalFolder: null,
    onFailure: (_, cause) => assert.fail(String(cause)),
  });
  try {
    for (const name of ['nexo', 'concert', 'bpos-light', 'caisse-ap']) {
      await fleet.open(name, `sim://${name}`);
      assert.equal(fleet.configure(terminalId(name), { askPin: true }), false, name);
      assert.equal(fleet.configure(terminalId(name), { askPin: false }), true, name);
      assert.equal(fleet.enterPin(terminalId(name), '1234'), false, name);
    }
  } finally {
    await fleet.close();
  }
});
