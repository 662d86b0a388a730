// Starts the writer's thread, from sources or from the bundle.
import { Worker } from 'node:worker_threads';
import type { WriterSetup } from './protocol.ts';

export function startWriter(setup: WriterSetup): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./ledger-worker.js', import.meta.url), { workerData: setup });
  }
  // From sources: the loader of the main thread does not reach into workers on Node 20.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const script = `import(${loader}).then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(script, { eval: true, workerData: setup });
}
