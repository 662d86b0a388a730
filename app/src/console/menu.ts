// The menu of one line, until a person goes back or goes away.
import type { Language } from '../domain/texts/index.ts';
import { ACTIONS } from './actions/table.ts';
import { createDialog, type Dialog, NobodyThere } from './dialog.ts';
import { fitLines, SCREEN } from './layout.ts';
import type { Machine } from './machine.ts';
import { shellMenu } from './shell.ts';
import type { TerminalLine } from './terminal-line.ts';
import { LANGUAGES, sayIn, TEXTS } from './texts/say.ts';

export interface MenuParts {
  readonly line: TerminalLine;
  readonly machine: Machine;
}

type MenuChoice = { kind: 'action'; at: number } | { kind: 'shell' } | { kind: 'language' };

export async function runMenu(parts: MenuParts, start: Language): Promise<Language> {
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
  { parts, dialog, language }: { parts: MenuParts; dialog: Dialog; language: Language },
): Promise<Language> {
  switch (choice.kind) {
    case 'action':
      await ACTIONS[choice.at]?.action(dialog, parts.machine);
      return language;
    case 'shell':
      await shellMenu(dialog, parts.machine, parts.line);
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
async function report(parts: MenuParts, dialog: Dialog, error: unknown): Promise<void> {
  parts.machine.log.error('console-action-failed', {}, error);
  const reason = error instanceof Error ? error.message : String(error);
  dialog.show(...fitLines([dialog.say('failed', { reason })], SCREEN.columns - 1));
  try {
    await dialog.pause();
  } catch (gone) {
    if (!(gone instanceof NobodyThere)) throw gone;
  }
}
