// Starts the writer's thread, from sources or from the bundle.
import { Worker } from 'node:worker_threads';
import type { WriterSetup } from './protocol.ts';

/**
 * What the writer makes is dead a moment later, and Node would let it grow to 48 MiB before it
 * looks. Semi-spaces of 2 MiB hold several batches.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

export function startWriter(setup: WriterSetup): Worker {
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
