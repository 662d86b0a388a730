// What is under way on a simulated nexo terminal: what may be done to it, its texts, its end.
import type * as say from './messages.ts';
import { displayRequest } from './messages.ts';
import type { NexoTerminal } from './terminal.ts';
import type { Element } from './xml.ts';

export const PAN = '5168150000009659';
export const BRAND = 'Mastercard Debit';
export const WELCOME = 'Welcome';

/** What the others may do to a payment that is under way. */
export interface Payment {
  readonly header: say.Header;
  abort(): void;
  reset(): void;
  /** The customer presses the red button. */
  cancel(): void;
  /** A card is there. */
  present(): void;
  /** The power goes. */
  cut(): void;
}

export interface Course extends Payment {
  aborted: boolean;
  gone: boolean;
  cancelled: boolean;
  dead: boolean;
  wake: () => void;
}

export function end(terminal: NexoTerminal, course: Course): void {
  if (terminal.running !== course) return;
  terminal.running = null;
  terminal.card = null;
  terminal.screen = WELCOME;
}

export function begin(terminal: NexoTerminal, header: say.Header): Course {
  const course: Course = {
    header,
    aborted: false,
    gone: false,
    cancelled: false,
    dead: false,
    wake: () => undefined,
    abort: () => {
      course.aborted = true;
      course.wake();
    },
    reset: () => {
      course.gone = true;
      course.wake();
    },
    cancel: () => {
      course.cancelled = true;
      course.wake();
    },
    present: () => course.wake(),
    cut: () => {
      course.dead = true;
      course.wake();
    },
  };
  terminal.running = course;
  return course;
}

/** Until somebody does something, at most so long. */
export async function hold(terminal: NexoTerminal, course: Course, ms: number): Promise<void> {
  if (ms <= 0 || course.aborted || course.gone || course.cancelled || course.dead) return;
  await new Promise<void>((resolve) => {
    const forget = terminal.clock.after(ms, resolve);
    course.wake = () => {
      forget();
      resolve();
    };
  });
}

export async function show(
  terminal: NexoTerminal,
  saleId: string,
  id: number,
  text: string,
): Promise<void> {
  terminal.screen = text;
  const shown = terminal.knobs.textIds ? `${id},"${text}"` : text;
  const request = displayRequest([shown], terminal.knobs.displayFlag);
  await terminal.tell('Display', saleId, request).catch(() => null);
  await terminal.clock.sleep(terminal.stepMs);
}

export function keep(
  terminal: NexoTerminal,
  header: say.Header,
  body: Element,
  ok: boolean,
): Element {
  const filed = { header, body, ok };
  terminal.onFiled(filed);
  terminal.journal.push(filed);
  return body;
}
