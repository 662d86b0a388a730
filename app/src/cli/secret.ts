// A passphrase from the terminal, unseen, or from the first line of what is piped in.
import { createInterface } from 'node:readline';
import type { ReadStream } from 'node:tty';

const ENTER = /[\r\n]/;
const CONTROL_C = '\u0003';
const BACKSPACE = /[\b\u007f]/;

/** Null where it was asked twice and the answers differ. */
export async function readSecret(
  input: ReadStream | NodeJS.ReadableStream,
  say: (text: string) => void,
  question: string,
  twice: boolean,
): Promise<string | null> {
  if (!isTerminal(input)) return firstLine(input);
  const first = await typed(input, say, question);
  if (!twice) return first;
  return (await typed(input, say, 'Once more: ')) === first ? first : null;
}

function isTerminal(input: ReadStream | NodeJS.ReadableStream): input is ReadStream {
  return 'isTTY' in input && input.isTTY;
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}

function typed(input: ReadStream, say: (text: string) => void, question: string): Promise<string> {
  say(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  input.resume();
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle: () => void): void => {
      input.off('data', heard);
      input.setRawMode(false);
      input.pause();
      say('\n');
      settle();
    };
    const heard = (chunk: string | Buffer): void => {
      for (const letter of String(chunk)) {
        if (ENTER.test(letter)) return end(() => resolve(text));
        if (letter === CONTROL_C) return end(() => reject(new Error('interrupted')));
        text = BACKSPACE.test(letter) ? Array.from(text).slice(0, -1).join('') : text + letter;
      }
    };
    input.on('data', heard);
  });
}
