// A root shell on the line, for an administrator who signs in.
import { spawn } from 'node:child_process';
import { administratorOf } from './administrators.ts';
import type { Dialog } from './dialog.ts';
import type { Machine } from './machine.ts';
import type { TerminalLine } from './terminal-line.ts';

/** A wrong secret costs this much time; a right one none. */
const WRONG_PAUSE_MS = 3_000;

export async function shellMenu(
  dialog: Dialog,
  machine: Machine,
  line: TerminalLine,
): Promise<void> {
  const { say } = dialog;
  const name = await administratorOf(machine, {
    login: await dialog.ask(say('shellLogin')),
    secret: await dialog.askHidden(say('shellAsk')),
    secondFactor: () => dialog.ask(say('shellFactor')),
  });
  if (name === null) {
    machine.log.warn('console-shell-refused', { line: line.path });
    await machine.clock.sleep(WRONG_PAUSE_MS);
    dialog.show(say('shellWrong'));
    return dialog.pause();
  }
  machine.log.warn('console-shell', { line: line.path, who: name });
  dialog.show(say('shellHint'));
  await line.lend((descriptor) => runShell(descriptor));
}

/** `setsid --ctty` gives the shell the line as its controlling terminal: Ctrl-C works. */
function runShell(descriptor: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('setsid', ['--ctty', '--wait', '/bin/bash', '--login'], {
      stdio: [descriptor, descriptor, descriptor],
      cwd: '/',
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        TERM: 'linux',
        LANG: 'C.UTF-8',
        TMOUT: '900',
      },
    });
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
}
