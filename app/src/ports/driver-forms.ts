// What pages need to know of a driver to offer a form for its terminals.

export type DriverOption = { readonly description: string } & (
  | { readonly type: 'boolean'; readonly default: boolean }
  | {
      readonly type: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly type: 'text'; readonly default: string; readonly lengthMax: number }
  /** Typed, never shown. */
  | { readonly type: 'secret'; readonly default: ''; readonly lengthMax: number }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
);

export interface DriverForm {
  readonly name: string;
  readonly title: string;
  /** Schemes of addresses that it takes, e.g. `tcp`. */
  readonly schemes: readonly string[];
  /** False where a terminal cannot be asked after a lost answer: a person decides. */
  readonly hasJournal: boolean;
  readonly options: Readonly<Record<string, DriverOption>>;
}
