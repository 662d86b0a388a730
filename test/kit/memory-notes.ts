// The schedule's notes in plain memory, with the schema and the promises of the durable store.
import {
  type ScheduleNotes,
  scheduleNotesSchema,
} from '../../app/src/operations/schedule-notes.ts';
import type { SettingsStore } from '../../app/src/ports/settings-store.ts';

export class MemoryNotes implements SettingsStore<ScheduleNotes> {
  #current: ScheduleNotes = scheduleNotesSchema.parse({});

  current(): ScheduleNotes {
    return this.#current;
  }

  async change(mutate: (draft: ScheduleNotes) => void): Promise<ScheduleNotes> {
    const draft = structuredClone(this.#current);
    mutate(draft);
    this.#current = scheduleNotesSchema.parse(draft);
    return this.#current;
  }

  onChange(): void {
    // Nobody listens to notes.
  }
}
