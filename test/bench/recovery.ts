// The power goes while payments run: how long until the truth is in the ledger again.
import { join } from 'node:path';
import type { GatewayProgram } from '../process/programs.ts';
import { ms, percentile, table } from './figures.ts';
import { call, openHouse, pause, purchase, reopenHouse, terminals } from './house.ts';

const ROUNDS = 10;
const MANY = 1_000;

export async function recovery(appliance: GatewayProgram, folder: string): Promise<string> {
  const samples = await oneAtATime(appliance, join(folder, 'recovery'));
  const many = await manyAtOnce(appliance, join(folder, 'recovery-many'));
  return table(
    ['from the start of the new process', `median of ${ROUNDS}`, 'longest'],
    [
      typical('the door is open', samples.ready),
      typical('the lost payment is decided', samples.decided),
      [`the door is open, ${MANY} payments were running`, ms(many.ready), 'once'],
      [`all ${MANY} are decided`, ms(many.decided), 'once'],
    ],
  );
}

async function oneAtATime(
  appliance: GatewayProgram,
  data: string,
): Promise<{ ready: number[]; decided: number[] }> {
  const fleet = await terminals(1, 400);
  const samples = { ready: [] as number[], decided: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const house = await openHouse(appliance, data, fleet.addresses, {});
    await purchase(house, 0);
    const path = `/v1/operations/recover-${round}`;
    await call(house, path, { method: 'PUT', body: { kind: 'purchase', amount: 100 + round } });
    await pause(100);
    await house.kill();
    const began = performance.now();
    const again = await reopenHouse(appliance, data);
    samples.ready.push(performance.now() - began);
    const text = await call(again, `${path}?wait=60`);
    samples.decided.push(performance.now() - began);
    if (!text.includes('"final":true')) throw new Error(text);
    await again.close();
  }
  await fleet.close();
  return samples;
}

async function manyAtOnce(
  appliance: GatewayProgram,
  data: string,
): Promise<{ ready: number; decided: number }> {
  const fleet = await terminals(MANY, 5_000);
  const house = await openHouse(appliance, data, fleet.addresses, {});
  const paths = fleet.addresses.map((_address, at) => `/v1/operations/recover-${at}`);
  const start = (path: string, at: number): Promise<string> => {
    const body = { kind: 'purchase', terminal: `t-${at}`, amount: 100 + at };
    return call(house, path, { method: 'PUT', body });
  };
  await Promise.all(paths.map(start));
  await pause(1_000);
  await house.kill();
  const began = performance.now();
  const again = await reopenHouse(appliance, data);
  const ready = performance.now() - began;
  const texts = await Promise.all(paths.map((path) => call(again, `${path}?wait=120`)));
  const decided = performance.now() - began;
  const open = texts.filter((text) => !text.includes('"final":true'));
  if (open.length > 0) throw new Error(`${open.length} are not decided: ${open[0]}`);
  await again.close();
  await fleet.close();
  return { ready, decided };
}

function typical(name: string, list: readonly number[]): string[] {
  return [name, ms(percentile(list, 0.5)), ms(Math.max(...list))];
}
