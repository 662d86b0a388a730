// Simulated terminals in a process of their own: `terminals.ts COUNT ANSWER_MS`; prints the addresses.
import { SimulatorFleet } from '../../app/src/simulator/fleet.ts';
import { systemClock } from '../../app/src/system/clock.ts';

const [count = '1', answerAfterMs = '0'] = process.argv.slice(2);
const fleet = new SimulatorFleet({
  clock: systemClock(() => true),
  journalFolder: null,
  onFailure: (terminal, cause) => process.stderr.write(`${terminal}: ${String(cause)}\n`),
});
const addresses: string[] = [];
for (let at = 1; at <= Number(count); at += 1) {
  const settings = { answerAfterMs: Number(answerAfterMs) };
  // A real one asks for its settlement after some 500 sales; nobody settles a measurement.
  const profile = { journalEntriesMax: Number.MAX_SAFE_INTEGER };
  addresses.push(await fleet.add(`bench-${at}`, { settings, profile }));
}
process.stdout.write(`${JSON.stringify(addresses)}\n`);
