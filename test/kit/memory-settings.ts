// Settings in plain memory, with the schema and the promises of the durable store.
import { settingsSchema, type Settings } from '../../app/src/operations/settings-schema.ts';
import { SettingsError, type SettingsStore } from '../../app/src/ports/settings-store.ts';

export class MemorySettings implements SettingsStore<Settings> {
  #current: Settings;
  readonly #listeners: ((next: Settings, before: Settings) => void)[] = [];
  /** What a change waits for before it counts as durable; a test may make it slow or fail. */
  durable: () => Promise<void> = () => Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(initial: unknown = {}) {
    this.#current = settingsSchema.parse(initial);
  }

  current(): Settings {
    return this.#current;
  }

  change(mutate: (draft: Settings) => void): Promise<Settings> {
    const changed = this.#turn.then(() => this.#change(mutate));
    this.#turn = changed.catch(() => undefined);
    return changed;
  }

  onChange(listener: (next: Settings, before: Settings) => void): void {
    this.#listeners.push(listener);
  }

  async #change(mutate: (draft: Settings) => void): Promise<Settings> {
    const draft = structuredClone(this.#current);
    mutate(draft);
    const parsed = settingsSchema.safeParse(draft);
    if (!parsed.success) {
      throw new SettingsError(
        parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
      );
    }
    await this.durable();
    const before = this.#current;
    this.#current = parsed.data;
    for (const listener of this.#listeners) listener(parsed.data, before);
    return parsed.data;
  }
}
