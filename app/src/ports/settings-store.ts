// Settings that an administrator changes; one durable document behind a schema.

export interface SettingsStore<T> {
  /** The current document: frozen, replaced as a whole by `change`. */
  current(): T;
  /**
   * Changes a clone, validates it, makes it durable, then swaps it in. Rejects with
   * SettingsError (field and reason) when the result is not valid, and changes nothing then.
   */
  change(mutate: (draft: T) => void): Promise<T>;
  onChange(listener: (next: T, before: T) => void): void;
}

/** `issues` names each field by its path, e.g. `terminals.0.address`. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  constructor(issues: SettingsError['issues'], cause?: unknown) {
    super(issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '), { cause });
    this.issues = issues;
  }
}
