// A gateway that is about to be killed: it waits in a call of the library that never returns.
import { join } from 'node:path';
import { createLibraryRoom } from '../../app/src/bank-library/factory.ts';
import { CLOCK } from './double/compile.ts';

const [folder = ''] = process.argv.slice(2);
const room = createLibraryRoom({
  dataFolder: join(folder, 'data'),
  clock: CLOCK,
  environment: { BPOS_DOUBLE: folder },
});
const library = await room.start('till-2', new AbortController().signal);
await library.call('InitializeBPOS', [], 5_000);
await library.call('CommOpenTCP', ['127.0.0.1', '2000'], 5_000);
const hanging = library.call('Purchase', [100, 0, 1], 60_000);
process.stdout.write('hanging\n');
await hanging;
