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
  /**
   * Paths of what a newer release wrote and this one keeps without using it, with names in place of
   * positions (`keys.till-1.limits.perDay`); never values. Empty or absent: all of it is used.
   */
  unused?(): readonly string[];
}

/** What a release knows of a document's form, and how it gets by with a document of a newer one. */
export interface DocumentForm {
  /**
   * Grows by one with every release that changes the schema. The store writes it into the document
   * as `writtenBy`; the highest one stays.
   */
  readonly form: number;
  /**
   * Paths (`*` = any element) of fields that an older release may leave unused although they stand
   * in a guarded part: they do not narrow what that part allows.
   */
  readonly mayIgnore: readonly string[];
  /** Path of a list → the fields that tell its elements apart; `id` or `name` unless given. */
  readonly identities: Readonly<Record<string, readonly string[]>>;
  /** The deepest one that holds what is not understood decides. */
  readonly parts: readonly FormPart[];
}

export type FormPart =
  /**
   * Switched off as a whole by the fields of `instead` (undefined = left out) where a value in it
   * is not understood; where it is `guarded`, also for a field that is not known, unless that is
   * null. Nothing in it may be changed then; an element of a list may be removed.
   */
  | {
      readonly kind: 'stand-in';
      readonly path: string;
      readonly guarded: boolean;
      readonly instead: Readonly<Record<string, unknown>>;
    }
  /** A field that is not understood counts as its default, and may be changed. */
  | { readonly kind: 'default'; readonly path: string }
  /** An entry of a record that is not understood counts as absent. */
  | { readonly kind: 'absent'; readonly path: string };

/** `issues` names each field by its path, e.g. `terminals.0.address`. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  constructor(issues: SettingsError['issues'], cause?: unknown) {
    super(issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '), { cause });
    this.issues = issues;
  }
}
