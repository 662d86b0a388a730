import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS, type FaultName } from '../../app/src/simulator/privat-json/faults.ts';
import type { Transaction } from '../../app/src/simulator/privat-json/journal.ts';
import { connect, type CoreTill, type Message, PURCHASE, world } from './core-till.ts';

interface Seen {
  readonly till: CoreTill;
  /** Answers to the purchase, in order. */
  readonly replies: readonly Message[];
  readonly journal: readonly Transaction[];
  readonly terminal: ReturnType<typeof world>['terminal'];
  readonly clock: ReturnType<typeof world>['clock'];
}

/** One purchase of 100.00 with the fault armed, run to its end. */
async function purchaseWith(name: FaultName): Promise<Seen> {
  const adjusts = name === 'link-drop-at-11';
  const { clock, terminal, till } = world({ settings: { answerAfterMs: 1_000, adjust: adjusts } });
  assert.equal(terminal.fault(name), true);
  const client = till();
  client.send('Purchase', PURCHASE);
  await clock.runUntilIdle();
  const replies = client
    .messages()
    .filter((message): message is Message => message?.method.trim() === 'Purchase');
  return { till: client, replies, journal: terminal.device.journal.transactions, terminal, clock };
}

const sums = (journal: readonly Transaction[]) => journal.map((one) => one.amount);
const onlyCode = ({ replies }: Seen) => {
  assert.equal(replies.length, 1);
  return replies[0]!.params['responseCode'];
};
const silent = ({ till }: Seen) => assert.equal(till.bytes().length, 0);
const done = ({ journal }: Seen) => assert.deepEqual(sums(journal), [10_000]);
const nothingDone = ({ journal }: Seen) => assert.deepEqual(sums(journal), []);
const dropped = (seen: Seen) => {
  silent(seen);
  assert.equal(seen.till.closed(), true);
};

/** What each fault of a financial exchange must show; a missing one does not compile. */
type MoneyFault = {
  [Name in FaultName]: (typeof FAULTS)[Name]['trigger'] extends 'request' | 'money' ? Name : never;
}[FaultName];

const EXPECTED: Record<MoneyFault, (seen: Seen) => void> = {
  'request-lost': (seen) => {
    silent(seen);
    nothingDone(seen);
    seen.till.send('PingDevice');
    assert.equal(seen.till.last().method, 'PingDevice');
  },
  silence: (seen) => {
    nothingDone(seen);
    seen.till.service('identify');
    silent(seen);
    seen.till.leave();
    const next = connect(seen.terminal);
    next.send('PingDevice');
    assert.equal(next.last().error, false);
  },
  busy: (seen) => {
    assert.equal(seen.till.last().params['msgType'], 'deviceBusy');
    nothingDone(seen);
  },
  'not-implemented': (seen) => {
    assert.equal(seen.till.last().params['msgType'], 'methodNotImplemented');
    nothingDone(seen);
  },
  'power-cut-before': (seen) => {
    dropped(seen);
    nothingDone(seen);
  },
  'link-drop-before': (seen) => {
    dropped(seen);
    nothingDone(seen);
  },
  'no-paper': (seen) => {
    assert.equal(onlyCode(seen), '1005');
    nothingDone(seen);
  },
  'journal-full': (seen) => {
    assert.equal(onlyCode(seen), '1003');
    nothingDone(seen);
  },
  'foreign-receipt-instead': (seen) => {
    silent(seen);
    assert.deepEqual(sums(seen.journal), [11_234]);
    assert.equal(seen.journal[0]!.standalone, true);
  },
  slow: (seen) => {
    done(seen);
    assert.equal(seen.clock.monotonic(), 31_000);
  },
  'clock-jump': (seen) => {
    done(seen);
    assert.equal(seen.replies[0]!.params['time']!.slice(0, 2), '14');
  },
  'host-unreachable': (seen) => {
    assert.equal(onlyCode(seen), '1004');
    nothingDone(seen);
  },
  'unlisted-code': (seen) => {
    assert.equal(onlyCode(seen), '0777');
    nothingDone(seen);
  },
  partial: (seen) => {
    assert.equal(onlyCode(seen), '0010');
    assert.deepEqual(sums(seen.journal), [5_000]);
  },
  'charged-other': (seen) => {
    assert.equal(seen.replies[0]!.params['amount'], '101.00');
    assert.deepEqual(sums(seen.journal), [10_100]);
  },
  'link-drop-at-9': (seen) => {
    dropped(seen);
    done(seen);
  },
  'link-drop-at-1': (seen) => {
    dropped(seen);
    done(seen);
  },
  'link-drop-at-11': (seen) => {
    dropped(seen);
    done(seen);
  },
  'link-drop-at-6': (seen) => {
    dropped(seen);
    done(seen);
  },
  'link-drop-at-3': (seen) => {
    dropped(seen);
    done(seen);
  },
  'link-drop-at-10': (seen) => {
    dropped(seen);
    done(seen);
  },
  'power-cut-at-card': (seen) => {
    dropped(seen);
    nothingDone(seen);
  },
  'power-cut-at-authorisation': (seen) => {
    dropped(seen);
    nothingDone(seen);
  },
  'power-cut-after-approval': (seen) => {
    dropped(seen);
    done(seen);
  },
  'batch-closed': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    nothingDone(seen);
    assert.equal(seen.terminal.device.journal.batch, 2);
  },
  'foreign-receipt-after': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    assert.deepEqual(sums(seen.journal), [10_000, 11_234]);
  },
  'reply-lost': (seen) => {
    silent(seen);
    assert.equal(seen.till.closed(), false);
    done(seen);
  },
  'reply-lost-link-closed': (seen) => {
    dropped(seen);
    done(seen);
  },
  'late-answer': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    assert.equal(seen.clock.monotonic(), 61_000);
  },
  contradictory: (seen) => {
    assert.equal(onlyCode(seen), '0051');
    assert.equal(seen.replies[0]!.error, false);
    nothingDone(seen);
  },
  'contradictory-error': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    assert.equal(seen.replies[0]!.error, true);
    done(seen);
  },
  'contradictory-status': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    assert.equal(seen.replies[0]!.params['trnStatus'], '2');
    assert.equal(seen.replies[0]!.error, false);
    nothingDone(seen);
  },
  'contradictory-unsigned': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    assert.equal(seen.replies[0]!.params['rrn'], '');
    assert.equal(seen.replies[0]!.params['approvalCode'], '');
    done(seen);
  },
  'wrong-amount': (seen) => {
    assert.equal(seen.replies[0]!.params['amount'], '101.00');
    done(seen);
  },
  'unlisted-code-approved': (seen) => {
    assert.equal(onlyCode(seen), '0777');
    assert.equal(seen.replies[0]!.error, true);
    done(seen);
  },
  'already-complete': (seen) => {
    assert.equal(onlyCode(seen), '1008');
    done(seen);
  },
  'code-only': (seen) => {
    assert.deepEqual(seen.replies[0]!.params, { responseCode: '0000' });
    done(seen);
  },
  'cut-frame': (seen) => {
    assert.equal(seen.replies.length, 0);
    assert.ok(seen.till.bytes().length > 100);
    assert.equal(seen.till.closed(), true);
    done(seen);
  },
  'cut-frame-silent': (seen) => {
    assert.equal(seen.replies.length, 0);
    assert.ok(seen.till.bytes().length > 100);
    assert.equal(seen.till.closed(), false);
    done(seen);
  },
  'duplicate-frame': (seen) => {
    assert.equal(seen.replies.length, 2);
    assert.deepEqual(seen.replies[0], seen.replies[1]);
    done(seen);
  },
  'glued-frames': (seen) => {
    const names = seen.till.messages().map((message) => message?.method);
    assert.deepEqual(names, ['ServiceMessage', 'Purchase', 'ServiceMessage']);
    assert.equal(seen.till.chunks.length, 3);
    done(seen);
  },
  'split-frame': (seen) => {
    assert.equal(onlyCode(seen), '0000');
    assert.ok(seen.till.chunks.every((chunk) => chunk.length === 1));
    done(seen);
  },
  'stray-spaces': (seen) => {
    assert.equal(seen.replies[0]!.method, ' Purchase');
    assert.equal(onlyCode(seen), '0000');
    done(seen);
  },
  'garbage-frame': (seen) => {
    assert.deepEqual(seen.till.messages()[0], null);
    assert.equal(onlyCode(seen), '0000');
    done(seen);
  },
  'garbage-reply': (seen) => {
    assert.deepEqual(seen.till.messages(), [null]);
    done(seen);
  },
};

for (const [name, expect] of Object.entries(EXPECTED) as [MoneyFault, (seen: Seen) => void][]) {
  test(`${name}: ${FAULTS[name].description}`, async () => {
    const seen = await purchaseWith(name);
    expect(seen);
    assert.deepEqual(seen.terminal.device.faults.names(), [], 'the fault is used up');
  });
}

test('an armed fault waits through pings and lookups, and strikes as often as it was armed', () => {
  const { terminal, till } = world();
  const client = till();
  terminal.fault('busy', 2);
  client.send('PingDevice');
  client.send('GetReceiptInfo', { invoiceNumber: '' });
  assert.equal(client.last().method, 'GetReceiptInfo');
  const busy = () => {
    client.send('Purchase', PURCHASE);
    return client.last().params['msgType'];
  };
  assert.deepEqual([busy(), busy(), busy()], ['deviceBusy', 'deviceBusy', undefined]);
});

test('several faults strike one exchange together', () => {
  const { terminal, till } = world();
  const client = till();
  for (const name of ['batch-closed', 'foreign-receipt-after', 'reply-lost']) terminal.fault(name);
  client.send('Purchase', PURCHASE);
  assert.equal(client.bytes().length, 0);
  assert.equal(terminal.device.journal.batch, 2);
});

test('refuses a fault that it does not know, or a count that is none', () => {
  const { terminal } = world();
  assert.equal(terminal.fault('toString'), false);
  assert.equal(terminal.fault('busy', 0), false);
  assert.equal(terminal.fault('busy', Number.NaN), false);
});

test('a late answer comes on the link that is open then', async () => {
  const { clock, terminal, till } = world();
  terminal.fault('late-answer');
  const first = till();
  first.send('Purchase', PURCHASE);
  first.leave();
  const second = till();
  await clock.advance(60_000);
  assert.equal(first.bytes().length, 0);
  assert.equal(second.last().method, 'Purchase');
});

test('lookups fail by name: refused, busy, silent, cut', () => {
  const { terminal, till } = world();
  const client = till();
  client.send('Purchase', PURCHASE);
  const ask = () => client.send('GetReceiptInfo', { invoiceNumber: '' });
  terminal.fault('no-receipt-info');
  ask();
  assert.equal(client.last().params['msgType'], 'methodNotImplemented');
  terminal.fault('lookup-busy');
  ask();
  assert.equal(client.last().params['msgType'], 'deviceBusy');
  terminal.fault('lookup-silence');
  const before = client.bytes().length;
  ask();
  assert.equal(client.bytes().length, before);
  terminal.fault('lookup-cut');
  ask();
  assert.ok(client.bytes().length > before);
  assert.equal(client.closed(), true);
});

test('second-client-silent: accepts the next connection and never answers it', () => {
  const { terminal, till } = world();
  terminal.fault('second-client-silent');
  const mute = till();
  mute.send('PingDevice');
  assert.equal(mute.bytes().length, 0);
  assert.equal(mute.closed(), false);
  const next = till();
  next.send('PingDevice');
  assert.equal(next.last().method, 'PingDevice');
});

test('terminal-replaced: another id and an empty journal from the next connection on', () => {
  const { terminal, till } = world();
  const first = till();
  first.send('Purchase', PURCHASE);
  const { terminalId } = first.last().params;
  terminal.fault('terminal-replaced');
  first.leave();
  const second = till();
  second.send('GetReceiptInfo', { invoiceNumber: '' });
  assert.equal(second.last().error, true);
  second.service('getMaskList');
  assert.notEqual(second.last().params['1'], terminalId);
});

test('drops an undecided sale with its link where the firmware does so', async () => {
  const { clock, terminal, till } = world({
    profile: { onLinkLoss: 'cancel' },
    settings: { answerAfterMs: 1_000 },
  });
  terminal.fault('link-drop-at-6');
  till().send('Purchase', PURCHASE);
  await clock.runUntilIdle();
  assert.equal(terminal.device.journal.transactions.length, 0);
  terminal.fault('link-drop-at-3');
  till().send('Purchase', PURCHASE);
  await clock.runUntilIdle();
  assert.equal(terminal.device.journal.transactions.length, 1);
});
