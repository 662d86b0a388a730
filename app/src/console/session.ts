// One line's life: status screen until Enter, menu until nobody answers.
import { STATUS_REFRESH_MS } from '../domain/limits.ts';
import type { Language } from '../domain/texts/index.ts';
import type { Line } from './dialog.ts';
import { factCollector, type Facts, shopLanguage } from './facts.ts';
import type { Machine } from './machine.ts';
import { statusScreen } from './status.ts';
import { LANGUAGES, sayIn } from './texts/say.ts';

export interface SessionParts {
  /** Answers with the language that was chosen last. The menu is loaded when it is asked for. */
  readonly menu: (language: Language) => Promise<Language>;
  readonly line: Line;
  readonly machine: Machine;
  /** One collector for all lines: the appliance is asked once, whoever looks. */
  readonly facts: () => Promise<Facts>;
}

const CLEAR = '\u001B[2J\u001B[H';

export async function runSession(parts: SessionParts, stop: AbortSignal): Promise<void> {
  let language = await shopLanguage(parts.machine);
  while (!stop.aborted) {
    await showStatus(parts, language, stop);
    if (stop.aborted) return;
    language = await parts.menu(language);
  }
}

/** Draws when something changed; resolves when a person presses Enter. */
async function showStatus(
  parts: SessionParts,
  language: Language,
  stop: AbortSignal,
): Promise<void> {
  const others = LANGUAGES.filter((other) => other !== language).map((other) =>
    sayIn(other)('enterForMenu'),
  );
  let drawn = '';
  while (!stop.aborted) {
    const screen = statusScreen(await parts.facts(), sayIn(language), others).join('\n');
    if (screen !== drawn) parts.line.write(`${CLEAR}${screen}`);
    drawn = screen;
    const pause = new AbortController();
    const cancel = parts.machine.clock.after(STATUS_REFRESH_MS, () => pause.abort());
    const pressed = await parts.line.read(AbortSignal.any([pause.signal, stop]));
    cancel();
    if (pressed !== null) return;
  }
}

/** Collects once for everybody who asks within half a refresh. */
export function sharedFacts(machine: Machine): () => Promise<Facts> {
  let at = Number.NEGATIVE_INFINITY;
  let last: Promise<Facts> | null = null;
  const collect = factCollector(machine);
  return () => {
    const now = machine.clock.monotonic();
    if (last === null || now - at >= STATUS_REFRESH_MS / 2) {
      at = now;
      last = collect();
    }
    return last;
  };
}
