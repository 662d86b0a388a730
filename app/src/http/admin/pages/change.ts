// A change of the settings from a form: the same use case as the API's, faults at our fields.
import type { SettingsPatch } from '../../../operations/settings-patch.ts';
import type { Faults } from '../form.ts';
import type { Services, Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';
import { refusalFaults } from './refusals.ts';

/** Path of a setting → the field that shows it, and what to say there. */
export type FieldTable = Readonly<Record<string, readonly [field: string, text: TextKey]>>;

/** Null where the change is on disk. */
export async function change(
  { changeSettings }: Services,
  visit: Visit,
  patch: SettingsPatch,
  fields: FieldTable,
): Promise<Faults | null> {
  const changed = await changeSettings(visit.who, patch);
  if (changed.kind === 'changed') return null;
  const faults = Object.entries(refusalFaults(changed.refusal, visit)).map(([path, message]) => {
    const known = fields[path];
    return known === undefined
      ? (['all', message] as const)
      : ([known[0], visit.t[known[1]]] as const);
  });
  return Object.fromEntries(faults);
}
