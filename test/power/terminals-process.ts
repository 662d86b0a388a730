// The terminals of a shop in a process of their own, so that they can be stopped:
// `terminals-process.ts FOLDER SEED`. A line `rest` is answered once no terminal works.
import { createInterface } from 'node:readline';
import { Prng } from '../kit/prng.ts';
import { openTerminals } from './terminals.ts';

const ANSWER_MS = { least: 100, most: 800 };

const [folder, seed] = process.argv.slice(2);
if (folder === undefined || seed === undefined) throw new Error('FOLDER SEED');
const chance = new Prng(Number(seed));
const terminals = await openTerminals(folder);
const vary = (): void =>
  terminals.answerAfter(() => chance.between(ANSWER_MS.least, ANSWER_MS.most));
vary();
setInterval(vary, 150);
process.stdout.write(`${JSON.stringify({ ports: terminals.ports })}\n`);
createInterface({ input: process.stdin })
  .on('line', () => {
    const look = setInterval(() => {
      if (terminals.busy()) return;
      clearInterval(look);
      process.stdout.write('at rest\n');
    }, 5);
  })
  .on('close', () => process.exit(0));
