// A conversation over a slow line: texts out, whole lines in, choices by number.
import { CONSOLE_IDLE_MS } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import { fitLines, SCREEN } from './layout.ts';
import type { Say } from './texts/say.ts';

/** A terminal line as the dialog sees it. */
export interface Line {
  write(text: string): void;
  /** The next line that a person ends with Enter; null where `signal` aborted first. */
  read(signal: AbortSignal): Promise<string | null>;
  /** Whether typed characters are shown. */
  echo(on: boolean): Promise<void>;
}

/** Nobody answered; the session goes back to its status screen. */
export class NobodyThere extends Error {
  override readonly name = 'NobodyThere';
}

export interface Choice<T> {
  readonly label: string;
  readonly value: T;
}

export interface Dialog {
  readonly say: Say;
  show(...lines: readonly string[]): void;
  /** Many lines, a screen at a time; 0 stops. */
  page(text: string): Promise<void>;
  ask(prompt: string): Promise<string>;
  askHidden(prompt: string): Promise<string>;
  /** Null = back. A single answer is still asked for: no choice is made by itself. */
  choose<T>(title: string, choices: readonly Choice<T>[]): Promise<T | null>;
  confirm(question: string): Promise<boolean>;
  pause(): Promise<void>;
}

const CLEAR = '\u001B[2J\u001B[H';

export function createDialog(line: Line, say: Say, clock: Clock): Dialog {
  const ask = async (prompt: string): Promise<string> => {
    line.write(`\n${prompt}`);
    const idle = new AbortController();
    const cancel = clock.after(CONSOLE_IDLE_MS, () => idle.abort());
    const answer = await line.read(idle.signal);
    cancel();
    if (answer === null) throw new NobodyThere('nobody answered');
    return answer.trim();
  };
  const show = (...lines: readonly string[]): void => {
    for (const text of fitLines(lines, SCREEN.columns - 1)) line.write(`${text}\n`);
  };
  const pause = async (): Promise<void> => void (await ask(say('pressEnter')));
  const choose = async <T>(title: string, choices: readonly Choice<T>[]): Promise<T | null> => {
    line.write(CLEAR);
    show(title, '');
    choices.forEach(({ label }, at) => show(`${String(at + 1).padStart(3)}  ${label}`));
    for (;;) {
      const answer = await ask(say('choose'));
      if (answer === '0' || answer === '') return null;
      const chosen = /^\d{1,3}$/.test(answer) ? choices[Number(answer) - 1] : undefined;
      if (chosen !== undefined) return chosen.value;
      show(say('noSuchNumber'));
    }
  };
  return {
    say,
    show,
    ask,
    pause,
    choose,
    askHidden: async (prompt) => {
      await line.echo(false);
      try {
        return await ask(prompt);
      } finally {
        await line.echo(true);
      }
    },
    confirm: async (question) =>
      (await choose(question, [
        { label: say('no'), value: false },
        { label: say('yes'), value: true },
      ])) ?? false,
    page: async (text) => {
      const lines = fitLines(text.split('\n'), SCREEN.columns - 1);
      const size = SCREEN.rows - 3;
      for (let at = 0; at < lines.length; at += size) {
        line.write(CLEAR);
        show(...lines.slice(at, at + size));
        const last = at + size >= lines.length;
        const answer = await ask(say(last ? 'pressEnter' : 'more'));
        if (answer === '0') return;
      }
    },
  };
}
