// SPEC 4.2, 5.1: a terminal must be logged out with maintenance allowed for an hour each day, and
// soon after it asked for it.
import type { Instant } from '../../domain/ids.ts';
import type { Core } from './core.ts';
import { logout } from './messages.ts';

/** True while the terminal is left alone. Begins and ends the window; the turn must be ours. */
export async function keepMaintenance(core: Core): Promise<boolean> {
  const { maintenance, link, options, clock } = core;
  const now = clock.now();
  if (link.session.kind === 'out') {
    if (maintenance.until !== null && now < maintenance.until) return true;
    maintenance.until = null;
    await link.loggedIn(options.readyWaitMs);
    return true;
  }
  const night = nightOf(core, now);
  const due = night !== null && night !== maintenance.doneOn;
  if (link.session.kind !== 'in' || (!maintenance.required && !due)) return false;
  const ending = await link.ask({
    category: 'Logout',
    body: logout(),
    timeoutMs: options.queryTimeoutMs,
  });
  if (ending.kind !== 'answered' || ending.response.result !== 'Success') return true;
  if (night !== null) maintenance.doneOn = night;
  maintenance.required = false;
  maintenance.until = now + options.maintenanceMinutes * 60_000;
  link.loggedOut();
  core.log.info('nexo-maintenance-allowed', { minutes: options.maintenanceMinutes });
  return true;
}

/** The local date of the window that is open at this moment, or null. */
function nightOf({ options, timeZone }: Core, now: Instant): string | null {
  const [hours, minutes] = options.maintenanceFrom.split(':').map(Number);
  if (hours === undefined || minutes === undefined) return null;
  const local = localTime(now, timeZone);
  const since = local.minutes - (hours * 60 + minutes);
  return since >= 0 && since < options.maintenanceMinutes ? local.date : null;
}

function localTime(at: Instant, timeZone: string): { date: string; minutes: number } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    minutes: Number(part('hour')) * 60 + Number(part('minute')),
  };
}
