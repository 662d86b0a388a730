// Tells systemd how the service is: sd_notify(3) of the system's own library, in this process.
import { createRequire } from 'node:module';
import type { Log } from '../ports/log.ts';

export interface Notifier {
  ready(): void;
  /** One line that `systemctl status` shows. */
  status(text: string): void;
  stopping(): void;
  /** «Still alive»; the watchdog alone calls it. */
  watchdog(): void;
}

/** `int sd_notify(int unset_environment, const char *state)`: above zero when it was sent. */
type SdNotify = (unsetEnvironment: number, state: string) => number;

const SILENT: Notifier = { ready() {}, status() {}, stopping() {}, watchdog() {} };

/**
 * `socket` is the value of NOTIFY_SOCKET, null outside of systemd: then nothing is said. The
 * library reads the variable itself; main only tells whether it is there.
 */
export function createNotifier(socket: string | null, log: Log): Notifier {
  if (socket === null || socket === '') return SILENT;
  const notify = load(log);
  if (notify === null) return SILENT;
  const say = (state: string): void => {
    const sent = notify(0, state);
    if (sent <= 0) log.warn('systemd-not-told', { state: state.split('=')[0], code: sent });
  };
  return {
    ready: () => say('READY=1'),
    status: (text) => say(`STATUS=${text.replaceAll(/\s+/g, ' ')}`),
    stopping: () => say('STOPPING=1'),
    watchdog: () => say('WATCHDOG=1'),
  };
}

function load(log: Log): SdNotify | null {
  try {
    // Loaded only under systemd: koffi is native code, and a till's simulator needs none of it.
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi'); // its own types
    const library = koffi.load('libsystemd.so.0');
    return library.func('int sd_notify(int, const char *)') as SdNotify; // the declaration says so
  } catch (error) {
    log.error('systemd-library-missing', {}, error);
    return null;
  }
}
