// Starts a library's process, from sources or from the bundle.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program itself needs some 20 MiB; the library's own memory is watched by the supervisor. */
const HEAP_MEGABYTES = 64;

/** `environment` is all that the process is given: secrets of the gateway's stay with it. */
export function startChild(environment: Readonly<Record<string, string>>): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts');
  const entry = new URL(fromSources ? './child.ts' : './bank-library-child.js', import.meta.url);
  const loader = fromSources ? ['--import', import.meta.resolve('tsx/esm')] : [];
  return fork(fileURLToPath(entry), [], {
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`, ...loader],
    // One thread of the pool: the library never sees two calls at once, nor another thread.
    env: { ...environment, UV_THREADPOOL_SIZE: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
