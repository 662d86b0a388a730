// The hash chain: each event's hash covers the one before it, so no event can be changed alone.
import { createHash } from 'node:crypto';

/** What the first event follows. */
export const GENESIS = '0'.repeat(64);

export interface Link {
  readonly seq: number;
  readonly operation: string;
  readonly version: number;
  readonly kind: string;
  readonly at: number;
  /** The stored text itself: nothing is serialised anew to check it. */
  readonly body: string;
  readonly rowHash: string;
}

export function eventHash(previous: string, link: Link): string {
  const { seq, operation, version, kind, at, rowHash, body } = link;
  const head = JSON.stringify([seq, operation, version, kind, at, rowHash]);
  return sha256(`${previous}\n${head}\n${body}`);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
