// Options of drivers as tables: type, bounds, default and meaning; read without a schema library.

export type OptionValue = string | number | boolean;

export type OptionRow = { readonly description: string } & (
  | { readonly type: 'boolean'; readonly default: boolean }
  | {
      readonly type: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly type: 'text'; readonly default: string; readonly lengthMax: number }
  /** Kept apart from the settings, never shown. */
  | { readonly type: 'secret'; readonly default: ''; readonly lengthMax: number }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
);
export type OptionsTable = Readonly<Record<string, OptionRow>>;

export interface OptionIssue {
  readonly path: string;
  readonly message: string;
}

/** Values by name, defaults filled in, and what is wrong; a wrong value keeps its default. */
export function readOptions(
  table: OptionsTable,
  given: Readonly<Record<string, OptionValue>>,
): { values: Record<string, OptionValue>; issues: OptionIssue[] } {
  const issues: OptionIssue[] = [];
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) issues.push({ path: name, message: 'unknown option' });
  }
  const values: [string, OptionValue][] = Object.entries(table).map(([name, row]) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) return [name, row.default];
    const message = complaint(row, value);
    if (message === null) return [name, value];
    issues.push({ path: name, message });
    return [name, row.default];
  });
  return { values: Object.fromEntries(values), issues };
}

function complaint(row: OptionRow, value: OptionValue): string | null {
  switch (row.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'integer':
      return typeof value === 'number' &&
        Number.isSafeInteger(value) &&
        value >= row.min &&
        value <= row.max
        ? null
        : `must be an integer from ${row.min} to ${row.max}`;
    case 'text':
    case 'secret':
      return typeof value === 'string' && value.length <= row.lengthMax
        ? null
        : `must be a text of at most ${row.lengthMax} characters`;
    case 'choice':
      return typeof value === 'string' && row.choices.includes(value)
        ? null
        : `must be one of ${row.choices.join(', ')}`;
  }
}
