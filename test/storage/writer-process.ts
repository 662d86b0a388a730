// A process that appends to the ledger in the folder given and says each append that resolved.
import { openLedger } from '../../app/src/storage/ledger/ledger.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { accepted, approved, started } from './helpers.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const ledger = await openLedger({
  folder,
  clock: systemClock(() => true),
  log: new QuietLog(),
  onFailure: (error) => {
    throw error;
  },
});
process.stdout.write('open\n');
for (let n = 0; ; n += 1) {
  const first = accepted(`${name}-${n}`);
  const second = started(first.operation);
  for (const write of [first, second, approved(second.operation)]) {
    await ledger.append([write]);
    process.stdout.write(`${write.operation.id} ${write.operation.version}\n`);
  }
}
