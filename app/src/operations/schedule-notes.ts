// What the schedule has to remember and the ledger does not know: since when it is promised, and
// settlements that did not happen. No money is in it; without it the schedule begins anew.
import { z } from 'zod';
import { MISSED_SETTLEMENTS_KEPT } from '../domain/limits.ts';

export const MISSED_REASONS = [
  /** The gateway did not run at the time, or not long enough. */
  'gateway-off',
  'clock-not-trusted',
  'terminal-unresolved',
  'terminal-offline',
  'terminal-busy',
  'ledger-unavailable',
  /** Tried, and its last operation tells how it ended. */
  'not-successful',
  /** A person stopped it. */
  'cancelled',
  /** The gateway does not start it at all; the log has the code. */
  'refused',
] as const;
export type MissedReason = (typeof MISSED_REASONS)[number];

const missedSchema = z.object({
  date: z.string(),
  terminal: z.string(),
  merchant: z.int(),
  due: z.int(),
  notedAt: z.int(),
  reason: z.enum(MISSED_REASONS),
  /** The last try. */
  operation: z.string().nullable(),
});
export type MissedSettlement = z.infer<typeof missedSchema>;

/** Lenient: what another version wrote must not keep payments from starting. */
export const scheduleNotesSchema = z.object({
  /** The plan that is in force; null while there is none. */
  plan: z.object({ at: z.string(), timeZone: z.string() }).nullable().default(null).catch(null),
  /** `terminal.merchant` → since when it is planned: what was due before was never promised. */
  since: z.record(z.string(), z.int()).default({}).catch({}),
  /** Newest first. */
  missed: z
    .array(missedSchema)
    .default([])
    .catch([])
    .transform((all) => all.slice(0, MISSED_SETTLEMENTS_KEPT)),
});
export type ScheduleNotes = z.infer<typeof scheduleNotesSchema>;
