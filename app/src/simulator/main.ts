// A simulated terminal as a program of its own:
//   main.ts --port 2000 --journal DIR [--address 'sim://privat-json?answerAfterMs=3000']
//           [--fault NAME[:TIMES]]…
// Lines on its input are commands: see COMMANDS.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { terminalId } from '../domain/ids.ts';
import { systemClock } from '../system/clock.ts';
import { parseSimulatorAddress } from './address.ts';
import { SimulatorFleet } from './fleet.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2000' },
    host: { type: 'string', default: '127.0.0.1' },
    journal: { type: 'string' },
    name: { type: 'string', default: 'terminal-1' },
    address: { type: 'string', default: 'sim://privat-json' },
    fault: { type: 'string', multiple: true, default: [] },
  },
});

const id = terminalId(values.name);
const fleet = new SimulatorFleet({
  clock: systemClock(() => true),
  journalFolder: values.journal ?? null,
  onFailure: (terminal, cause) => {
    // A terminal that forgets is worse than none.
    process.stderr.write(`the journal of ${terminal} cannot be written: ${String(cause)}\n`);
    process.exit(1);
  },
});

/** Each returns false where its words make no sense. */
const COMMANDS: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  fault: ([name = '', times = '1']) => fleet.fault(id, name, Number(times)),
  clear: () => fleet.clearFaults(id),
  card: ([name]) => fleet.presentCard(id, name === undefined ? null : { name }),
  pin: ([pin = '']) => fleet.enterPin(id, pin),
  cancel: () => fleet.pressCancel(id),
  sale: ([kopecks = '']) => fleet.standaloneSale(id, Number(kopecks)),
  power: ([offMs = '']) => fleet.powerCut(id, Number(offMs)),
  answer: ([ms = '']) => fleet.configure(id, { answerAfterMs: Number(ms) }),
  auto: ([on = '']) => fleet.configure(id, { autoCard: on === 'on' }),
  faults: () => print(fleet.faults()),
  cards: () => print(fleet.cards()),
  state: () => print(fleet.find(id)),
};

function print(value: unknown): boolean {
  process.stdout.write(`${JSON.stringify(value)}\n`);
  return true;
}

function command(line: string): void {
  const [verb = '', ...words] = line.trim().split(/\s+/);
  if (verb === '') return;
  const run = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (run === undefined) print({ error: `commands: ${Object.keys(COMMANDS).join(', ')}` });
  else if (!run(words)) print({ error: `not possible: ${line.trim()}` });
}

const port = Number(values.port);
const options = parseSimulatorAddress(id, values.address);
const address = await fleet.add(id, { ...options, port, host: values.host });
for (const fault of values.fault) {
  const [name = '', times = '1'] = fault.split(':');
  if (!fleet.fault(id, name, Number(times))) {
    process.stderr.write(`no such fault: ${name}\n`);
    process.exit(2);
  }
}
process.stdout.write(`${address}\n`);
createInterface({ input: process.stdin }).on('line', command);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void fleet.close().finally(() => process.exit(0));
  });
}
