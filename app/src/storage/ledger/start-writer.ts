// Starts the ledger's threads, from sources or from the bundle.
import { Worker } from 'node:worker_threads';
import type { ExaminationSetup, LedgerExamination } from './examine.ts';
import type { WriterSetup } from './protocol.ts';

/**
 * What the writer makes is dead a moment later, and Node would let it grow to 48 MiB before it
 * looks. Semi-spaces of 2 MiB hold several batches.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

export function startWriter(setup: WriterSetup): Worker {
  return startThread(setup);
}

/** Reads whole ledgers, which takes minutes for large ones: payments go on beside it. */
export function examineInThread(setup: ExaminationSetup): Promise<LedgerExamination> {
  return new Promise((resolve, reject) => {
    const worker = startThread(setup);
    worker.once('message', (examination: LedgerExamination) => resolve(examination));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the examination ended with ${code}`)));
  });
}

function startThread(setup: WriterSetup | ExaminationSetup): Worker {
  const options = { workerData: setup, resourceLimits };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./ledger-worker.js', import.meta.url), options);
  }
  // From sources: the loader of the main thread does not reach into workers on Node 20.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const script = `import(${loader}).then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(script, { eval: true, ...options });
}
