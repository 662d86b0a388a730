// One line's life: status screen until Enter, menu until nobody answers.
import { STATUS_REFRESH_MS } from '../domain/limits.ts';
import { LANGUAGES, type Language } from '../operations/settings-schema.ts';
import { ACTIONS } from './actions/table.ts';
import { createDialog, type Dialog, type Line, NobodyThere } from './dialog.ts';
import { factCollector, type Facts, shopLanguage } from './facts.ts';
import { fitLines, SCREEN } from './layout.ts';
import type { Machine } from './machine.ts';
import { statusScreen } from './status.ts';
import { sayIn, TEXTS } from './texts/say.ts';

export interface SessionParts {
  readonly line: Line;
  readonly machine: Machine;
  /** One collector for all lines: the appliance is asked once, whoever looks. */
  readonly facts: () => Promise<Facts>;
  readonly shell: (dialog: Dialog) => Promise<void>;
}

type MenuChoice = { kind: 'action'; at: number } | { kind: 'shell' } | { kind: 'language' };

const CLEAR = '\u001B[2J\u001B[H';

export async function runSession(parts: SessionParts, stop: AbortSignal): Promise<void> {
  let language = await shopLanguage(parts.machine);
  while (!stop.aborted) {
    await showStatus(parts, language, stop);
    if (stop.aborted) return;
    language = await menu(parts, language);
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
    const screen = statusScreen(await parts.facts(), sayIn(language), others).join('\r\n');
    if (screen !== drawn) parts.line.write(`${CLEAR}${screen}`);
    drawn = screen;
    const pause = new AbortController();
    const cancel = parts.machine.clock.after(STATUS_REFRESH_MS, () => pause.abort());
    const pressed = await parts.line.read(AbortSignal.any([pause.signal, stop]));
    cancel();
    if (pressed !== null) return;
  }
}

async function menu(parts: SessionParts, start: Language): Promise<Language> {
  let language = start;
  for (;;) {
    const dialog = createDialog(parts.line, sayIn(language), parts.machine.clock);
    try {
      const choice = await dialog.choose<MenuChoice>(dialog.say('menu'), [
        ...ACTIONS.map(({ text }, at) => ({
          label: dialog.say(text),
          value: { kind: 'action' as const, at },
        })),
        { label: dialog.say('menuShell'), value: { kind: 'shell' } },
        { label: languageLabel(), value: { kind: 'language' } },
      ]);
      if (choice === null) return language;
      language = await perform(choice, { parts, dialog, language });
    } catch (error) {
      if (error instanceof NobodyThere) return language;
      await report(parts, dialog, error);
    }
  }
}

async function perform(
  choice: MenuChoice,
  { parts, dialog, language }: { parts: SessionParts; dialog: Dialog; language: Language },
): Promise<Language> {
  switch (choice.kind) {
    case 'action':
      await ACTIONS[choice.at]?.action(dialog, parts.machine);
      return language;
    case 'shell':
      await parts.shell(dialog);
      return language;
    case 'language':
      return (
        (await dialog.choose(
          languageLabel(),
          LANGUAGES.map((other) => ({ label: TEXTS[other].language, value: other })),
        )) ?? language
      );
  }
}

/** In all languages: whoever looks for it may read none of the others. */
function languageLabel(): string {
  return LANGUAGES.map((language) => TEXTS[language].menuLanguage).join(' / ');
}

/** An action that failed in a way nobody foresaw must not take the console with it. */
async function report(parts: SessionParts, dialog: Dialog, error: unknown): Promise<void> {
  parts.machine.log.error('console-action-failed', {}, error);
  const reason = error instanceof Error ? error.message : String(error);
  dialog.show(...fitLines([dialog.say('failed', { reason })], SCREEN.columns - 1));
  try {
    await dialog.pause();
  } catch (gone) {
    if (!(gone instanceof NobodyThere)) throw gone;
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
