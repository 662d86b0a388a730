// The quick tier: as many stories as fit into the budget, and two canaries that must be caught.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, lostIsDeclined, runSeed, Totals } from './run.ts';
import type { StoryOptions } from './story.ts';

const BUDGET_MS = 60_000;
/** Even a slow machine tells so many. */
const SEEDS_MIN = 200;
/** A canary lives no longer than this many stories. */
const CANARY_SEEDS_MAX = 300;

test('keeps every rule of money in seeded stories of faults and power cuts', async (context) => {
  const totals = new Totals();
  const began = performance.now();
  let seed = 1;
  for (; performance.now() - began < BUDGET_MS || seed <= SEEDS_MIN; seed++) {
    const result = await runSeed({ seed });
    if (isFailure(result)) {
      const replay = `node --import tsx test/simulation/main.ts --seed ${seed}`;
      assert.fail(`seed ${seed}: ${result.message}\nreplay: ${replay}`);
    }
    totals.add(result);
  }
  context.diagnostic(totals.toString());
  // Stories in which nothing goes wrong would prove nothing.
  assert.ok(totals.powerCuts > totals.seeds / 2);
  assert.ok(totals.byEvidence > totals.seeds / 4);
  assert.ok(totals.byPerson > 0 && totals.byPerson < totals.byEvidence);
});

test('catches a ledger that acknowledges beginnings before they are synced', async (context) => {
  await caught({ skipFirstSync: true }, context);
});

test('catches a driver that takes a lost answer for a decline', async (context) => {
  await caught({ wrap: lostIsDeclined }, context);
});

async function caught(
  canary: Omit<StoryOptions, 'seed'>,
  context: { diagnostic(message: string): void },
): Promise<void> {
  for (let seed = 1; seed <= CANARY_SEEDS_MAX; seed++) {
    const result = await runSeed({ seed, ...canary });
    if (!isFailure(result)) continue;
    context.diagnostic(`caught by seed ${seed}: ${result.message.split('\n')[0]}`);
    return;
  }
  assert.fail(`the canary lived for ${CANARY_SEEDS_MAX} stories`);
}
