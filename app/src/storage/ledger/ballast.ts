// Space that is given up when the disk is full, so that running operations can still conclude.
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { BALLAST_BYTES } from '../../domain/limits.ts';
import { dataFile } from '../data-folder.ts';
import { faultOf, freeBytes } from './faults.ts';

const CHUNK = 64 * 1024;

/** INVARIANT: `held` says that the file with all its bytes is on disk. */
export class Ballast {
  readonly #folder: string;
  readonly #path: string;
  #held: boolean;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = dataFile(folder, 'ballast');
    this.#held = sizeOf(this.#path) === BALLAST_BYTES;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Gives the space back to the disk; false where there was none to give. */
  release(): boolean {
    if (!this.#held) return false;
    rmSync(this.#path, { force: true });
    this.#held = false;
    return true;
  }

  /** Takes the space again where at least twice as much is free; says whether it is held. */
  restore(): boolean {
    if (this.#held) return true;
    if (freeBytes(this.#folder) < 2 * BALLAST_BYTES) return false;
    try {
      fill(this.#path);
      this.#held = true;
    } catch (error) {
      rmSync(this.#path, { force: true });
      if (faultOf(error, this.#folder) === null) throw error;
    }
    return this.#held;
  }
}

function fill(path: string): void {
  const zeros = Buffer.alloc(CHUNK);
  const descriptor = openSync(path, 'w', 0o600);
  try {
    for (let written = 0; written < BALLAST_BYTES; ) {
      written += writeSync(descriptor, zeros, 0, Math.min(CHUNK, BALLAST_BYTES - written));
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
