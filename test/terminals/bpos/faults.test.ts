// The library crashes, hangs and lies in each phase of a sale: the outcome is unknown, never a
// guess, and the terminal's journal ends it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { minorUnits } from '../../../app/src/domain/money.ts';
import type { Outcome } from '../../../app/src/domain/outcome.ts';
import { rowOf, Stage, until } from './stage.ts';

/** Longer than the double waits for a confirmation. */
const SETTLE_MS = 900;
/** The first word of a kind counts. */
const DEFAULTS = ['step-ms 10', 'confirm-timeout-ms 500'];
const OPTIONS = { settleMs: SETTLE_MS, callTimeoutMs: 1_200, stallMs: 250, askSignature: true };

/** Sums of the sales; nothing else takes the same one. */
let sum = 1_000;

async function openStage(): Promise<Stage> {
  const opened = await Stage.open(OPTIONS);
  opened.terminal.script(...DEFAULTS);
  await opened.sale(999); // an empty journal proves nothing
  return opened;
}

/** Losses cost mostly waiting, so they run on a few terminals side by side. */
const stages = await Promise.all([openStage(), openStage(), openStage()]);
after(() => Promise.all(stages.map((one) => one.close())));
const [stage] = stages;
const { terminal } = stage;

/** One sale with this script, of a sum of its own. */
async function lostSale(
  words: readonly string[],
  options: Parameters<Stage['sale']>[1] = {},
  on: Stage = stage,
) {
  on.terminal.script(...words, ...DEFAULTS);
  sum += 7;
  const played = await on.sale(sum, options);
  on.terminal.script(...DEFAULTS);
  return played;
}

function word(outcome: Outcome | string): string {
  return typeof outcome === 'string' ? outcome : `${outcome.kind} ${outcome.code}`;
}

// [script, outcome of the sale, what the journal then says, confirmations made durable]
const LOSSES = [
  [['crash-before-purchase'], 'unknown link-cut', 'failed never-happened', 0],
  [['crash-in-purchase'], 'unknown link-cut', 'reversed reversed', 0],
  [['crash-in-wait'], 'unknown link-cut', 'reversed reversed', 0],
  [['hang-in-purchase'], 'unknown lost-answer', 'reversed reversed', 0],
  [['hang-in-wait'], 'unknown lost-answer', 'reversed reversed', 0],
  [['lost-after-approval'], 'unknown link-cut', 'reversed reversed', 0],
  [['crash-before-confirm'], 'unknown confirm-lost', 'reversed reversed', 1],
  [['crash-after-confirm'], 'unknown confirm-lost', 'approved approved', 1],
  [['hang-in-confirm'], 'unknown confirm-lost', 'approved approved', 1],
  [['confirm-lost'], 'unknown confirm-lost', 'approved approved', 1],
  [['confirm-refused'], 'unknown confirm-lost', 'reversed reversed', 1],
  [['wrong-amount'], 'unknown contradictory-answer', 'evidence-none-matches', 0],
  [['endless', 'check-fails'], 'unknown lost-answer', 'failed never-happened', 0],
  [['stale'], 'unknown contradictory-answer', 'reversed reversed', 0],
] as const;

async function lose(on: Stage, [script, told, found, confirmations]: (typeof LOSSES)[number]) {
  const before = on.terminal.journal().length;
  const options = {
    // Durable before the terminal hears of it.
    onConfirming: () => assert.equal(on.terminal.journal().at(-1)?.confirmed, 0),
  };
  const played = await lostSale(script, options, on);
  assert.equal(word(played.outcome), told);
  assert.equal(played.startedCalls, 1);
  assert.equal(played.confirming.length, confirmations);
  assert.equal(word(await on.resolve(played.operation)), found);
  assert.ok(on.terminal.journal().length <= before + 1, 'the operation was sent once');
  await on.ready();
}

const lanes: Promise<void>[] = stages.map(() => Promise.resolve());
for (const [index, loss] of LOSSES.entries()) {
  const lane = index % stages.length;
  const on = stages[lane] ?? stage;
  const run = (lanes[lane] ?? Promise.resolve()).then(() => lose(on, loss));
  lanes[lane] = run.catch(() => undefined); // its test tells
  test(`${loss[0].join(' with ')}: ${loss[1]}, then ${loss[2]}`, () => run);
}

test('an unconfirmed approval in the journal is not believed before it has settled', async () => {
  const { operation } = await lostSale(['crash-before-confirm', 'confirm-timeout-ms 5000']);
  terminal.script('confirm-timeout-ms 5000');
  const facts = await stage.driver.lookUp(operation, new AbortController().signal);
  assert.equal(terminal.journal().at(-1)?.status, 1);
  assert.equal(facts, null);
  terminal.script(...DEFAULTS);
  assert.equal(word(await stage.resolve(operation)), 'reversed reversed');
});

test('a terminal that is still busy with the sale is asked again later', async () => {
  const { operation } = await lostSale(['crash-in-purchase', 'step-ms 700']);
  const facts = await stage.driver.lookUp(operation, new AbortController().signal);
  assert.equal(facts, null);
  await until(() => terminal.journal().at(-1)?.amount === sum, 15_000, 'the customer pays');
  assert.equal(word(await stage.resolve(operation)), 'reversed reversed');
});

test('a killed process in the middle of a sale leaves it unknown, and is started again', async () => {
  const played = await lostSale(['step-ms 100'], {
    onStarted: () => setTimeout(() => process.kill(terminal.pid, 'SIGKILL'), 150),
  });
  assert.equal(word(played.outcome), 'unknown link-cut');
  assert.equal(word(await stage.resolve(played.operation)), 'reversed reversed');
  const { outcome } = await lostSale([]);
  assert.equal(outcome.kind, 'approved');
});

test('a process that is killed while idle is told of, and started again', async () => {
  await stage.ready();
  const { pid } = terminal;
  const reasons: string[] = [];
  stage.driver.onLinkChange(() => {
    const link = stage.driver.link();
    if (link.kind === 'offline') reasons.push(link.reason);
  });
  process.kill(pid, 'SIGKILL');
  await until(() => reasons.length > 0, 5_000, 'offline');
  await stage.ready();
  assert.match(reasons[0] ?? '', /SIGKILL/);
  assert.notEqual(terminal.pid, pid);
});

test('at the deadline the sale is cancelled once; a deaf terminal leaves it unknown', async () => {
  const first = new AbortController();
  const cancelled = await lostSale(['endless'], {
    end: first.signal,
    onStarted: () => setTimeout(() => first.abort(), 100),
  });
  assert.equal(word(cancelled.outcome), 'cancelled cancelled-at-terminal');
  const second = new AbortController();
  const deaf = await lostSale(['endless', 'deaf-to-cancel'], {
    end: second.signal,
    onStarted: () => setTimeout(() => second.abort(), 100),
  });
  assert.equal(word(deaf.outcome), 'unknown deadline-passed');
  assert.equal(word(await stage.resolve(deaf.operation)), 'failed never-happened');
});

test('a terminal that shows nothing new for long is asked whether it is there', async () => {
  const control = new AbortController();
  const before = terminal.lines('checks');
  await lostSale(['endless'], {
    end: control.signal,
    onStarted: () =>
      void until(() => terminal.lines('checks') >= before + 2, 5_000, 'checks').finally(() =>
        control.abort(),
      ),
  });
  assert.ok(terminal.lines('checks') >= before + 2);
});

test('a yes that lacks its signs is completed from the journal', async () => {
  for (const words of [['no-signs'], ['no-auth']]) {
    const { outcome, confirming } = await lostSale(words);
    assert.equal(word(outcome), 'approved approved', words.join());
    assert.equal(outcome.kind === 'approved' && outcome.approvedAmount, sum);
    assert.equal(outcome.result?.rrn, terminal.journal().at(-1)?.rrn);
    assert.equal(confirming.length, 1);
  }
});

test('a refusal after the bank was asked is not taken for «nothing happened»', async () => {
  const { outcome } = await lostSale(['error 1000', 'step-ms 40']);
  assert.equal(word(outcome), 'unknown contradictory-answer');
  const early = await lostSale(['error 1001', 'step-ms 40']);
  assert.equal(word(early.outcome), 'cancelled cancelled-at-terminal');
});

test('a busy terminal did not start the sale', async () => {
  const { outcome } = await lostSale(['busy']);
  assert.equal(word(outcome), 'failed terminal-busy-itself');
});

test('a line that cannot be opened fails before anything is sent, and says why', async () => {
  terminal.script('open-refused');
  const { outcome, startedCalls } = await stage.sale(100);
  assert.equal(word(outcome), 'failed terminal-offline');
  assert.match(outcome.kind === 'failed' ? (outcome.terminalText ?? '') : '', /no connection/);
  assert.equal(startedCalls, 0);
  assert.equal(stage.driver.link().kind, 'offline');
  terminal.script();
  await stage.ready();
});

test('a question that is lost moved no money; a scenario without a sum may have', async () => {
  const during = (): void => {
    setTimeout(() => process.kill(terminal.pid, 'SIGKILL'), 20);
  };
  terminal.script('step-ms 300', 'confirm-timeout-ms 500');
  const service = { kind: 'service', amount: null } as const;
  const read = { ...service, service: 'read-bank-card', parameters: {} };
  const first = await stage.play(read, { onStarted: during });
  assert.equal(word(first.outcome), 'failed no-answer-no-money');
  const scenario = { ...service, service: 'scenario', parameters: { id: '6', xml: '<x/>' } };
  const second = await stage.play(scenario, { onStarted: during });
  assert.equal(word(second.outcome), 'unknown link-cut');
  terminal.script(...DEFAULTS);
});

test('a lost void is found by a new entry, or by the mark on the voided one', async () => {
  const sold = await lostSale([]);
  const row = rowOf(sold);
  const invoice = row.result?.invoice ?? null;
  terminal.script('crash-in-wait', ...DEFAULTS);
  const body = { kind: 'void', of: row.id, invoice: null } as const;
  const voided = await stage.play(body, { original: row });
  assert.equal(word(voided.outcome), 'unknown link-cut');
  terminal.script(...DEFAULTS);
  assert.equal(word(await stage.resolve(voided.operation, 8_000, row)), 'approved approved');
  assert.equal(terminal.journal().find((one) => String(one.invoice) === invoice)?.status, 4);
});

test('a batch that was closed in between decides nothing', async () => {
  const lost = await lostSale(['crash-after-confirm']);
  const { outcome } = await stage.play({ kind: 'settlement' });
  assert.equal(outcome.kind, 'approved');
  assert.equal(word(await stage.resolve(lost.operation)), 'evidence-batch-closed');
});

test('the first sale of a batch is found only where the library tells times', async () => {
  // The journal is empty after the settlement above.
  const lost = await lostSale(['crash-after-confirm']);
  assert.equal(lost.watermark?.lastInvoice, null);
  assert.equal(word(await stage.resolve(lost.operation)), 'evidence-incomplete');

  const timed = await Stage.open({ settleMs: 100 }, 'with-date-time');
  try {
    timed.terminal.script('crash-after-confirm');
    const { operation } = await timed.sale(100);
    timed.terminal.script();
    assert.equal(word(await timed.resolve(operation)), 'approved approved');
    const next = await timed.sale(101);
    assert.equal(next.outcome.kind, 'approved');
    assert.ok(Math.abs(timed.driver.clockSkewMs() ?? 1e9) < 5_000);
    assert.match(next.outcome.result?.terminalTime ?? '', /^\d{4}-\d\d-\d\dT/);
  } finally {
    await timed.close();
  }
});

test('a signature that the cashier refuses is not confirmed', async () => {
  const no = { kind: 'confirm', confirmed: false } as const;
  const refused = await lostSale(['signature'], { answer: no }, stages[1]);
  assert.equal(refused.questions[0]?.kind, 'confirm');
  assert.deepEqual(refused.confirming, []);
  assert.equal(word(refused.outcome), 'unknown lost-answer');
  assert.equal(word(await stages[1].resolve(refused.operation)), 'reversed reversed');
  const yes = { ...no, confirmed: true };
  const accepted = await lostSale(['signature'], { answer: yes }, stages[1]);
  assert.equal(accepted.outcome.kind, 'approved');
  assert.equal(accepted.outcome.result?.signatureRequired, true);
});

test('a library without the optional functions sells all the same, and offers less', async () => {
  const bare = await Stage.open({}, 'without-optional');
  try {
    assert.deepEqual(bare.driver.capabilities, {
      kinds: ['purchase'],
      instalments: [],
      services: [],
      cancel: true,
      adjust: true,
    });
    const { outcome } = await bare.sale(minorUnits(4_200));
    assert.equal(word(outcome), 'approved approved');
    assert.equal(outcome.result?.receipt, null);
    assert.equal(outcome.result?.batch, null);
  } finally {
    await bare.close();
  }
});

test('without the library the terminal is offline and says what to ask the bank for', async () => {
  const empty = new Stage();
  empty.startDriver();
  try {
    await until(() => empty.driver.link().kind === 'offline', 5_000, 'offline');
    const { outcome, startedCalls } = await empty.sale(100);
    assert.deepEqual([word(outcome), startedCalls], ['failed terminal-offline', 0]);
  } finally {
    await empty.close();
  }
});

test('a driver that stops in the middle of a sale leaves it unknown', async () => {
  const onStarted = (): void => {
    setTimeout(() => void stages[2].driver.stop(), 100);
  };
  const { outcome } = await lostSale(['step-ms 300'], { onStarted }, stages[2]);
  assert.equal(word(outcome), 'unknown link-cut');
});
