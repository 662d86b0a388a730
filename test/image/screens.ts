// Takes the pictures of docs/screenshots/console-*.png from the screen of a machine that starts for
// the first time: node --import tsx test/image/screens.ts
import { mkdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { firstScreen } from './kit/appliance.ts';
import { freshDisk, OUT, WORK } from './kit/places.ts';
import { Vm } from './kit/vm.ts';

const FOLDER = join(OUT, '..', 'docs/screenshots');
/** The two lines are drawn one after the other, and a slow machine takes its time. */
const DRAWING_MS = 8_000;

mkdirSync(FOLDER, { recursive: true });
const control = join(WORK, 'screens.qmp');
rmSync(control, { force: true });
const vm = new Vm('6-screens', {
  disk: freshDisk('screens'),
  extra: ['-qmp', `unix:${control},server=on,wait=off`],
});
try {
  await firstScreen(vm);
  const machine = await openControl(control);
  await pause(DRAWING_MS);
  await machine.picture('console-status');
  await machine.press('ret');
  await pause(DRAWING_MS);
  await machine.picture('console-menu');
  await machine.press('1', 'ret');
  await pause(DRAWING_MS);
  await machine.picture('console-network');
  machine.close();
} finally {
  await vm.cutPower();
}

/** QEMU's own control line: the screen as a picture, keys of the keyboard. */
async function openControl(path: string) {
  const socket: Socket = connect(path);
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
    picture: (name: string) =>
      execute('screendump', { filename: join(FOLDER, `${name}.png`), format: 'png' }),
    press: async (...keys: readonly string[]) => {
      for (const key of keys) {
        await execute('send-key', { keys: [{ type: 'qcode', data: key }] });
        await pause(500);
      }
    },
    close: () => socket.end(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
