// The cuts, in a mount namespace of their own: `cut-process.ts PLAN` with a plan as JSON; each
// verdict on a line.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../image/run.ts';
import { Judges } from './judges.ts';
import { controls } from './controls.ts';
import { cutShop } from './shop.ts';

export interface Plan {
  /** `controls` cuts writers without a gateway. */
  readonly what: 'cuts' | 'controls';
  readonly room: string;
  readonly kept: string;
  readonly bundle: string;
  readonly seed: number;
  readonly cuts: number;
  readonly judges: number;
}

/** A shop is opened anew after so many: first starts and first sales are cut too, books stay short. */
const CUTS_OF_A_SHOP = 40;

const plan = JSON.parse(process.argv[2] ?? '') as Plan; // from power.ts
const say = (what: unknown): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);
run('mount', ['-t', 'tmpfs', '-o', 'size=75%', 'tmpfs', plan.room]);
if (plan.what === 'controls') say(await controls(plan.room, plan.seed));
else await cutShops();
process.exit(0);

async function cutShops(): Promise<void> {
  const { room, kept, bundle, seed, cuts } = plan;
  const judges = new Judges(plan.judges, join(room, 'judges'), kept, say);
  for (let first = 0; first < cuts; first += CUTS_OF_A_SHOP) {
    const shop = join(room, `shop-${first}`);
    mkdirSync(shop);
    const count = Math.min(CUTS_OF_A_SHOP, cuts - first);
    const own = { room: shop, bundle, seed: seed + first, firstCut: first, cuts: count };
    await cutShop(own, judges);
  }
  await judges.finish();
}
