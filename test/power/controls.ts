// Controls of the method: writers that a cut must rob, and one that it must not.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../image/run.ts';
import { Prng } from '../kit/prng.ts';
import { makeDisk, REMAINS, type Remains } from './disk.ts';

const FILES = 50;

/** How many of FILES are there after the cut. */
export interface Left {
  readonly flushing: boolean;
  /** Whether the file system tells the disk to flush. */
  readonly barriers: boolean;
  readonly remains: Remains;
  readonly left: number;
}

export async function controls(room: string, seed: number): Promise<readonly Left[]> {
  const chance = new Prng(seed);
  const found: Left[] = [];
  for (const barriers of [true, false]) {
    for (const flushing of [true, false]) {
      const own = join(room, `control-${found.length}`);
      const disk = makeDisk(own, barriers ? 'noatime' : 'noatime,barrier=0');
      for (let at = 0; at < FILES; at += 1) {
        writeFileSync(join(disk.folder, `file-${at}`), `${at}`.padEnd(5_000, '.'), {
          flush: flushing,
        });
      }
      // Without barriers a disk that keeps some of it leaves no file system at all.
      const kinds = REMAINS.filter((remains) => barriers || remains !== 'some');
      await disk.freeze();
      for (const remains of kinds) await disk.copy(join(own, remains), remains, chance);
      await disk.thaw();
      for (const remains of kinds) {
        found.push({ flushing, barriers, remains, left: filesIn(join(own, remains)) });
      }
    }
  }
  return found;
}

function filesIn(image: string): number {
  const folder = `${image}.mounted`;
  mkdirSync(folder);
  run('mount', ['-o', 'loop', image, folder]);
  const whole = readdirSync(folder).filter((name) => name.startsWith('file-'));
  run('umount', [folder]);
  return whole.length;
}
