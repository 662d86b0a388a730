// A disk that outlives the process: it keeps what was synced, and loses the rest in a power cut.
import type { LedgerWrite } from '../../app/src/ports/ledger.ts';
import type { Prng } from './prng.ts';

/** One transaction: it survives a power cut as a whole or not at all. */
export interface Commit {
  readonly writes: readonly LedgerWrite[];
}

/**
 * INVARIANTS: commits become durable in the order in which they were written; `synced` never
 * shrinks; a power cut keeps all of `synced` and a prefix of what was written after it.
 */
export class FaultyDisk {
  readonly #synced: Commit[] = [];
  #written: Commit[] = [];
  /** Where true, nothing can be written; what stands can be read. */
  full = false;
  /** So many next commits fail although the disk looks well. */
  failing = 0;
  /** Rises with each power cut: a ledger of an earlier life is dead. */
  life = 0;

  /** What a process that opens the disk finds. */
  get commits(): readonly Commit[] {
    return this.#synced;
  }

  /** Commits that a power cut would put at risk. */
  get unsynced(): number {
    return this.#written.length;
  }

  write(commit: Commit): void {
    this.#written.push(commit);
  }

  /** fsync: everything that was written is durable. */
  sync(): void {
    this.#synced.push(...this.#written);
    this.#written = [];
  }

  /** The disk may have written some of its cache before the power went. */
  powerCut(random: Prng): void {
    const survivors = random.below(this.#written.length + 1);
    this.#synced.push(...this.#written.slice(0, survivors));
    this.#written = [];
    this.life += 1;
  }
}
