// The result of «test this terminal»: kept for the page after it, and shown there once.
import type { DriverTest } from '../../../ports/terminal-driver.ts';
import type { Services, Visit } from '../parts.ts';
import { phrase } from '../texts/phrases/index.ts';

export type Tested = DriverTest | { readonly fault: string };

export interface ShownTest {
  readonly fault: string | null;
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
}

export function keepTest({ oneTime }: Services, visit: Visit, id: string, test: Tested): void {
  oneTime.set(visit.token, { kind: `test ${id}`, values: [JSON.stringify(test)] });
}

/** Null where none was made, or it was seen. */
export function takeTest({ oneTime }: Services, visit: Visit, id: string): Tested | null {
  const kept = oneTime.get(visit.token);
  if (kept?.kind !== `test ${id}`) return null;
  oneTime.delete(visit.token);
  return JSON.parse(kept.values[0] ?? 'null') as Tested | null; // written by keepTest
}

export function shownTest(test: Tested | null, { language }: Visit): ShownTest | null {
  if (test === null) return null;
  if ('fault' in test) return { fault: test.fault, ok: false, steps: [] };
  const steps = test.steps.map(({ name, ok, detail }) => ({
    name: phrase(name, language),
    ok,
    detail: phrase(detail, language),
  }));
  return { fault: null, ok: test.ok, steps };
}
