// Takes the pictures of docs/screenshots/console-*.png from the screen of a machine that starts for
// the first time: node --import tsx test/image/screens.ts
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { firstScreen } from './kit/appliance.ts';
import { freshDisk, OUT } from './kit/places.ts';
import { openScreen, screenArguments } from './kit/screen.ts';
import { Vm } from './kit/vm.ts';

const FOLDER = join(OUT, '..', 'docs/screenshots');

mkdirSync(FOLDER, { recursive: true });
const vm = new Vm('6-screens', { disk: freshDisk('screens'), extra: screenArguments('screens') });
try {
  await firstScreen(vm);
  const screen = await openScreen('screens');
  await screen.picture(join(FOLDER, 'console-status.png'));
  await screen.press('ret');
  await screen.picture(join(FOLDER, 'console-menu.png'));
  await screen.press('1', 'ret');
  await screen.picture(join(FOLDER, 'console-network.png'));
  screen.close();
} finally {
  await vm.cutPower();
}
