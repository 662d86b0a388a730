// The two answers of a verb.
import type { Handed, HandRefusal } from '../ports/machine-hand.ts';
import type { CommandResult } from '../system/commands.ts';

export function done<T>(value: T): Handed<T> {
  return { kind: 'done', value };
}

export function refused<T>(refusal: HandRefusal): Handed<T> {
  return { kind: 'refused', refusal };
}

export function ofCommand({ ok, text }: CommandResult): Handed<null> {
  return ok ? done(null) : refused({ code: 'failed', detail: text.slice(0, DETAIL_LENGTH) });
}

/** What a person is shown of a program's words; the rest is in the journal. */
export const DETAIL_LENGTH = 500;
