// One shop: a gateway on a disk that can lose its power, terminals, tills. Cut, judged, and going on.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../kit/prng.ts';
import { eventually, type Program, start } from '../process/programs.ts';
import { type Disk, makeDisk, REMAINS } from './disk.ts';
import { type Call, firstKey, type PowerGateway, startPowerGateway } from './gateway.ts';
import type { Job } from './judge.ts';
import type { Judges } from './judges.ts';
import { TERMINALS } from './terminals.ts';
import { openTills, type Tills } from './tills.ts';

/** No pauses that only slow terminals need. */
const OPTIONS = { handshake: 'single', pauseAfterPingMs: 0, sendGapMs: 0 };
/** From one cut to the next: longer and shorter than an answer takes. */
const BETWEEN_CUTS_MS = { least: 100, most: 900 };

export interface ShopPlan {
  readonly room: string;
  readonly bundle: string;
  readonly seed: number;
  readonly firstCut: number;
  readonly cuts: number;
}

interface Shop {
  readonly plan: ShopPlan;
  readonly disk: Disk;
  readonly terminals: Program;
  readonly ports: readonly number[];
  readonly gateway: PowerGateway;
  readonly tills: Tills;
  readonly key: string;
  readonly chance: Prng;
}

/** Cuts the power of one shop `cuts` times and gives each cut to the judges. */
export async function cutShop(plan: ShopPlan, judges: Judges): Promise<void> {
  const shop = await openShop(plan);
  try {
    // From the tills' first second on: the first sale of a batch is a case of its own.
    for (let at = 0; at < plan.cuts; at += 1) {
      const { least, most } = BETWEEN_CUTS_MS;
      await Promise.race([sleep(shop.chance.between(least, most)), shop.tills.ended]);
      await judges.give(await cut(shop, plan.firstCut + at));
    }
  } finally {
    shop.tills.stop();
    await shop.gateway.program.kill();
    await shop.terminals.kill();
    await shop.tills.ended;
  }
}

async function openShop(plan: ShopPlan): Promise<Shop> {
  const { room, bundle, seed } = plan;
  const disk = makeDisk(room);
  const program = join(import.meta.dirname, 'terminals-process.ts');
  const terminals = start([program, join(room, 'journals'), String(seed)], {});
  const { ports } = JSON.parse(await terminals.line((line) => line.startsWith('{'))) as Shop;
  const key = firstKey(bundle, disk.folder);
  const gateway = await startPowerGateway(bundle, disk.folder, key);
  await setUpTerminals(gateway.call, ports);
  const tills = openTills(gateway.call, seed);
  const chance = new Prng(seed);
  return { plan, disk, terminals, ports, gateway, tills, key, chance };
}

async function setUpTerminals(call: Call, ports: readonly number[]): Promise<void> {
  for (const [at, terminal] of TERMINALS.entries()) {
    const address = `tcp://127.0.0.1:${ports[at]}`;
    const body = { driver: 'privat-json', address, options: OPTIONS };
    const { status, body: said } = await call('PUT', `/v1/terminals/${terminal}`, body);
    if (status !== 201) throw new Error(`${terminal} was answered ${JSON.stringify(said)}`);
  }
  await eventually(
    () => call('GET', '/v1/terminals'),
    ({ body }) => body.terminals.every(({ link }: { link: string }) => link === 'ready'),
  );
}

/** The gateway's power goes; the terminals lose theirs too, or finish what they are at. */
async function cut(shop: Shop, number: number): Promise<Job> {
  const { plan, disk, gateway, terminals, tills, ports, key, chance } = shop;
  const asked = chance.pick(REMAINS);
  const terminalsLiveOn = chance.chance(0.5);
  const image = join(plan.room, `cut-${number}`);
  const journals = join(plan.room, `cut-${number}-journals`);
  await disk.freeze();
  try {
    gateway.program.child.kill('SIGSTOP');
    if (!terminalsLiveOn) terminals.child.kill('SIGSTOP');
    const at = Date.now();
    const remains = await disk.copy(image, asked, chance);
    if (terminalsLiveOn) await atRest(terminals);
    mkdirSync(journals);
    for (const terminal of TERMINALS) {
      const name = `${terminal}.journal`;
      cpSync(join(plan.room, 'journals', name), join(journals, name), { force: true });
    }
    const { bundle, seed } = plan;
    const places = { image, journals, ports, bundle };
    return { cut: number, seed, at, remains, key, ...places, book: tills.book() };
  } finally {
    await disk.thaw();
    terminals.child.kill('SIGCONT');
    gateway.program.child.kill('SIGCONT');
  }
}

async function atRest(terminals: Program): Promise<void> {
  const from = terminals.lines.length;
  terminals.child.stdin?.write('rest\n');
  await terminals.line((line) => line === 'at rest', from);
}
