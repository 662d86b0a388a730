// A small document that may be lost: a damaged one is put aside and begun anew, never in the way of
// a start.
import { rename } from 'node:fs/promises';
import { SettingsError } from '../ports/settings-store.ts';
import { openSettings, type SettingsFile, type SettingsOptions } from './settings.ts';

export async function openNotes<T>(options: SettingsOptions<T>): Promise<SettingsFile<T>> {
  try {
    return await openSettings(options);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    options.log.error('notes-damaged', { path: options.path }, error);
    await rename(options.path, `${options.path}.damaged`);
    return openSettings(options);
  }
}
