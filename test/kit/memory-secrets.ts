// Secrets in plain memory, with the schema and the promises of the durable store.
import { type Secrets, secretsSchema } from '../../app/src/operations/settings-schema.ts';
import type { SettingsStore } from '../../app/src/ports/settings-store.ts';

export class MemorySecrets implements SettingsStore<Secrets> {
  #current: Secrets;
  readonly #listeners: ((next: Secrets, before: Secrets) => void)[] = [];
  /** What a change waits for before it counts as durable; a test may make it slow or fail. */
  durable: () => Promise<void> = () => Promise.resolve();

  constructor(initial: unknown = {}) {
    this.#current = secretsSchema.parse(initial);
  }

  current(): Secrets {
    return this.#current;
  }

  async change(mutate: (draft: Secrets) => void): Promise<Secrets> {
    const [before, draft] = [this.#current, structuredClone(this.#current)];
    mutate(draft);
    const next = secretsSchema.parse(draft);
    await this.durable();
    this.#current = next;
    for (const listener of this.#listeners) listener(next, before);
    return next;
  }

  onChange(listener: (next: Secrets, before: Secrets) => void): void {
    this.#listeners.push(listener);
  }
}
