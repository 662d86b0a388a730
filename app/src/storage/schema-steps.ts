// Steps of a schema, and which programs may go on with what they left: a system that comes back
// after an update finds the tables of the newer one.

export interface SchemaStep {
  readonly sql: string;
  /**
   * The oldest program, by the newest step that it knows, that may still write these tables. It must
   * work as rightly as before and let nobody do more: an index or a column that it need not know
   * lets it, a state that it would have to keep or a field that narrows a right does not.
   */
  readonly usableFrom: number;
}

/** What one step forbids, no later one allows. */
export function usableAfter(steps: readonly Pick<SchemaStep, 'usableFrom'>[]): number {
  return Math.max(0, ...steps.map(({ usableFrom }) => usableFrom));
}

/** Whether a program that knows steps up to `known` may write tables of `version`. */
export function mayGoOn(
  known: number,
  { version, usableFrom }: { readonly version: number; readonly usableFrom: number },
): boolean {
  return version <= known || usableFrom <= known;
}
