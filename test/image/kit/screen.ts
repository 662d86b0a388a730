// The machine's screen and keyboard through QEMU's control line.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { WORK } from './places.ts';

/** The two lines are drawn one after the other, and a slow machine takes its time. */
const DRAWING_MS = 8_000;

export interface Screen {
  /** Writes what the screen shows, once it is drawn, as a PNG. */
  picture(file: string): Promise<void>;
  /** Keys by QEMU's names, e.g. `ret`. */
  press(...keys: readonly string[]): Promise<void>;
  close(): void;
}

/** Where a machine of this name is controlled. */
function controlOf(name: string): string {
  return join(WORK, `${name}.qmp`);
}

/** For `extra` of a machine whose screen will be looked at. */
export function screenArguments(name: string): string[] {
  rmSync(controlOf(name), { force: true });
  return ['-qmp', `unix:${controlOf(name)},server=on,wait=off`];
}

export async function openScreen(name: string): Promise<Screen> {
  const socket: Socket = connect(controlOf(name));
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const execute = async (command: string, args: object = {}): Promise<void> => {
    text = '';
    socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    for (let tries = 0; tries < 100 && !/"(return|error)"/.test(text); tries += 1) await pause(100);
    if (!text.includes('"return"')) throw new Error(`${command}: ${text}`);
  };
  await execute('qmp_capabilities');
  return {
    picture: async (filename) => {
      await pause(DRAWING_MS);
      await execute('screendump', { filename, format: 'png' });
    },
    press: async (...keys) => {
      for (const key of keys) {
        await execute('send-key', { keys: [{ type: 'qcode', data: key }] });
        await pause(500);
      }
    },
    close: () => socket.end(),
  };
}

/** What a telephone reads from a picture. */
export function scanned(picture: string): string {
  const options = ['--quiet', '--raw', '--nodbus', picture];
  return execFileSync('zbarimg', options, { encoding: 'utf8', timeout: 60_000 }).trim();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
