// After a lost answer: what the journal proves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../app/src/domain/evidence.ts';
import type { TerminalDriver } from '../../../app/src/ports/terminal-driver.ts';
import { exchangeOf, purchase } from '../kit.ts';
import { receipt, service, type State, type World, worldOf } from './scripted.ts';

async function lost(world: World, after: (state: State) => void) {
  const { clock, driver, on, run, state } = world;
  const exchange = exchangeOf(purchase());
  on['Purchase'] = (_frame, link) => {
    after(state);
    link.drop();
  };
  const startedAt = clock.now();
  assert.equal((await run(exchange)).kind, 'unknown');
  const operation = { ...exchange.operation, startedAt, watermark: exchange.watermark };
  let facts: Awaited<ReturnType<TerminalDriver['lookUp']>> | undefined;
  const looking = driver.lookUp(operation, new AbortController().signal);
  void looking.then((given) => (facts = given));
  await clock.runUntil(() => facts !== undefined, 60_000, 'facts');
  await driver.stop();
  assert.ok(facts !== undefined);
  if (facts === null) return null;
  return judge(driver.expectation(operation, null), exchange.watermark, facts);
}

test('look-up: an unchanged last receipt proves that it never happened', async () => {
  const judged = await lost(await worldOf(), () => undefined);
  assert.deepEqual([judged?.outcome?.kind, judged?.outcome?.code], ['failed', 'never-happened']);
});

test('look-up: a newer receipt that matches is ours', async () => {
  const judged = await lost(await worldOf(), (state) => {
    state.receipts.set('8', receipt('8', '000000000008'));
    state.last = '8';
  });
  assert.equal(judged?.outcome?.kind, 'approved');
  assert.equal(judged?.outcome?.result?.rrn, '000000000008');
});

test('look-up: a stranger’s receipt after ours is read, and ours is found between', async () => {
  const judged = await lost(await worldOf(), (state) => {
    state.receipts.set('8', receipt('8', '000000000008'));
    state.receipts.set('9', receipt('9', '000000000009').replace('"0.60"', '"5.00"'));
    state.last = '9';
  });
  assert.equal(judged?.outcome?.result?.rrn, '000000000008');
});

test('look-up: a stranger’s receipt alone is not taken for ours', async () => {
  const judged = await lost(await worldOf(), (state) => {
    state.receipts.set('8', receipt('8', '000000000008').replace('"0.60"', '"5.00"'));
    state.last = '8';
  });
  assert.deepEqual([judged?.outcome, judged?.record.code], [null, 'evidence-none-matches']);
});

test('look-up: the same number of a later batch does not prove that nothing happened', async () => {
  const judged = await lost(await worldOf(), (state) => {
    state.receipts.set('7', receipt('7', '000000000099'));
  });
  assert.equal(judged?.outcome, null);
});

test('look-up: an empty journal is for a person', async () => {
  const judged = await lost(await worldOf(), (state) => {
    state.last = 'none';
  });
  assert.deepEqual([judged?.outcome, judged?.record.code], [null, 'evidence-journal-empty']);
});

test('look-up: a terminal that is still busy says nothing yet', async () => {
  const judged = await lost(await worldOf(), (state) => {
    state.statusCode = '3';
  });
  assert.equal(judged, null);
});

const slip = (invoice: string, rrn: string): string =>
  `ПРИВАТБАНК\\nТЕРМІНАЛ: TSTSALE2\\nЧЕК: ${invoice}\\n02.10.2019 09:11:07\\nОПЛАТА\\nVISA 473118******9838\\nСУМА: 0.60 ГРН\\nRRN: ${rrn}\\nКОД АВТ.: 611506\\nКОД ВІДПОВІДІ: 0000`;

test('look-up reads the printed text where the firmware lacks GetReceiptInfo', async () => {
  const world = await worldOf();
  world.on['GetReceiptInfo'] = (_frame, link) => link.send(service('methodNotImplemented'));
  world.on['PrintReceiptNum'] = (frame, link) => {
    assert.ok(frame.includes('"prnFlag":"0"'));
    const [invoice, rrn] =
      world.state.last === '8' ? ['000008', '000000000008'] : ['000007', '000000000007'];
    link.send(
      `{"method":"PrintReceiptNum","params":{"receipt":"${slip(invoice, rrn)}","responseCode":"0000"},"error":false}`,
    );
  };
  const judged = await lost(world, (state) => {
    state.last = '8';
  });
  assert.equal(judged?.outcome?.kind, 'approved');
  assert.equal(judged?.outcome?.result?.rrn, '000000000008');
});
