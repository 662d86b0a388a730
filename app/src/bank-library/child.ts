// Process entry: loads the bank's library and calls it for one terminal, one call after another.
import { BadArgumentError, type Binding, bindLibrary } from './binding.ts';
import { assertCp1251 } from './cp1251.ts';
import type { FromChild, ToChild } from './protocol.ts';

let binding: Binding | null = null;
let turn: Promise<void> = Promise.resolve();

assertCp1251();
process.on('message', (message: ToChild) => {
  turn = turn.then(() => take(message));
});
// The gateway is gone. Not an ordinary exit: that would wait for a call that never returns.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function take(message: ToChild): Promise<void> {
  switch (message.kind) {
    case 'load':
      say(load(message.path));
      return;
    case 'call':
      say(await call(message));
      return;
  }
}

function load(path: string): FromChild {
  try {
    binding = bindLibrary(path);
    return { kind: 'loaded', missing: binding.missing };
  } catch (error) {
    return { kind: 'not-loaded', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function call(message: Extract<ToChild, { kind: 'call' }>): Promise<FromChild> {
  const { id, name, args } = message;
  if (binding === null || binding.missing.includes(name)) {
    return { kind: 'refused', id, code: 'missing-function', reason: `the library has no ${name}` };
  }
  try {
    const value = await binding.call(name, args);
    return { kind: 'answer', id, value, residentBytes: process.memoryUsage.rss() };
  } catch (error) {
    if (!(error instanceof BadArgumentError)) throw error;
    return { kind: 'refused', id, code: 'bad-argument', reason: `${name}: ${error.message}` };
  }
}

function say(message: FromChild): void {
  process.send?.(message);
}
