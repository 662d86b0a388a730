// The code of the first start, as the gateway keeps it for the people of the box.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

/** The gateway makes it while there is no administrator, and removes it after. */
export async function oneTimeCode(machine: Machine): Promise<string | null> {
  try {
    const text = await readFile(join(machine.folders.gateway, 'one-time-code'), 'utf8');
    return text.trim() === '' ? null : text.trim();
  } catch {
    // Not needed any more, or the data partition is away.
    return null;
  }
}
