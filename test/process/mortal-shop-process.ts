// A shop in a process of its own, to be killed: `fill FOLDER COUNT` writes payments that nobody
// can be told of, `tell FOLDER URL` tells them.
import { openShop } from '../outbound/shop.ts';

const [mode, folder, last] = process.argv.slice(2);
if (folder === undefined || last === undefined)
  throw new Error('fill FOLDER COUNT | tell FOLDER URL');

const TERMINALS = Array.from({ length: 8 }, (_, n) => `till-${n + 1}`);
const url = mode === 'tell' ? last : 'http://127.0.0.1:9/';
const shop = await openShop({
  folder,
  terminals: TERMINALS,
  registration: { enabled: true, url },
  speed: 1,
});
if (mode === 'fill') {
  const count = Number(last);
  const body = { kind: 'cash', amount: 100, paid: 100 };
  for (let from = 0; from < count; from += 500) {
    const many = Array.from({ length: Math.min(500, count - from) }, (_, n) => {
      const number = from + n;
      const name = TERMINALS[number % TERMINALS.length]!;
      return shop.run(`${name}.${number}`, { ...body, terminal: name });
    });
    const ends = await Promise.all(many);
    if (ends.some((end) => end !== 'approved')) throw new Error(`not approved: ${ends.join()}`);
  }
} else {
  // What an earlier life has postponed is tried now.
  await shop.settings.change((draft) => {
    draft.registration.timeoutMs = 20_000;
  });
}
process.stdout.write('ready\n');
setInterval(() => undefined, 1_000);
