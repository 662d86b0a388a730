// What tills and an administrator asked for and what they were told: the judge's only other witness
// besides the terminals.
import type { Body } from '../process/programs.ts';

export interface Asked {
  readonly id: string;
  readonly terminal: string;
  readonly body: Readonly<Record<string, string | number>>;
  /** The newest answer about it; null where none came. */
  told: { readonly status: number; readonly body: Body } | null;
}

export interface AskedKey {
  readonly name: string;
  /** Null until its answer came. */
  secret: string | null;
  removal: 'none' | 'asked' | 'done';
}

export interface Book {
  readonly operations: readonly Asked[];
  readonly keys: readonly AskedKey[];
  /** The shop's name counts up: the last one asked for, and the last one that was answered. */
  readonly name: { readonly asked: number; readonly told: number };
}

export function nameOf(count: number): string {
  return `Shop ${count}`;
}

/** True where the till holds a final result in its hands. */
export function toldFinal({ told }: Asked): boolean {
  return told?.status === 200;
}

/** A refusal leaves nothing behind. */
export function wasRefused({ told }: Asked): boolean {
  return told !== null && told.status >= 400;
}
