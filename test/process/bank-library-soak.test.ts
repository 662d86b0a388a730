// The short form of the soak (see soak.ts): what grows with the sales grows here too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../terminals/bpos/soak.ts';

const SALES = 400;
const MEBIBYTE = 2 ** 20;

test('hundreds of sales leave the memory of the library’s process where it was', async () => {
  const { samples, processes } = await soak(SALES, SALES / 4);
  const [, warm] = samples;
  const last = samples.at(-1);
  assert.ok(warm !== undefined && last !== undefined);
  // A leak of one buffer a call (4 KiB, some forty calls a sale) would be 30 MiB by now.
  const grown = last.libraryBytes - warm.libraryBytes;
  assert.ok(grown < 20 * MEBIBYTE, `the process grew by ${grown / MEBIBYTE} MiB`);
  assert.equal(processes, 1);
});
