// Frames that end with 0x00. Empty frames are fill, an oversized one fails alone, and whatever
// the wire brings, nothing is thrown.

export type NulFrame =
  | { kind: 'frame'; bytes: Uint8Array }
  /** Told once, as soon as it is too long; its rest is skipped up to the next 0x00. */
  | { kind: 'oversized' };

export interface NulFramer {
  /** The frames that this chunk completes, in order. */
  push(chunk: Uint8Array): NulFrame[];
}

/** INVARIANT: never holds more than `frameBytesMax` bytes between two chunks. */
export function createNulFramer(frameBytesMax: number): NulFramer {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let skipping = false;

  const take = (piece: Uint8Array, frames: NulFrame[]): void => {
    if (skipping || piece.length === 0) return;
    if (heldBytes + piece.length > frameBytesMax) {
      held = [];
      heldBytes = 0;
      skipping = true;
      frames.push({ kind: 'oversized' });
      return;
    }
    held.push(piece.slice());
    heldBytes += piece.length;
  };

  const end = (frames: NulFrame[]): void => {
    if (heldBytes > 0) frames.push({ kind: 'frame', bytes: joined(held, heldBytes) });
    held = [];
    heldBytes = 0;
    skipping = false;
  };

  return {
    push: (chunk) => {
      const frames: NulFrame[] = [];
      let from = 0;
      for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
        take(chunk.subarray(from, at), frames);
        end(frames);
        from = at + 1;
      }
      take(chunk.subarray(from), frames);
      return frames;
    },
  };
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
