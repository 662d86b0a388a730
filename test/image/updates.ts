// Versions of the system in two slots: installed, confirmed, rolled back, refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstScreen, MENU, READY, signIn } from './kit/appliance.ts';
import { lameBundle, panickingBundle, strangersBundle } from './kit/bundles.ts';
import { setBootVariable } from './kit/grub.ts';
import { artifact, freshDisk } from './kit/places.ts';
import { stickArguments, stickImage } from './kit/usb.ts';
import { BOOT_MS, Vm } from './kit/vm.ts';

const WHOLE_MS = 3_000_000;

let disk = '';
let code = '';
let vm: Vm;

describe('updates', { timeout: WHOLE_MS }, () => {
  before(async () => {
    disk = freshDisk('updates');
    // The machine's own one cannot be taken out.
    setBootVariable(disk, 'extra', 'module_blacklist=iTCO_wdt');
    const files = [
      { path: artifact('raucb'), as: 'a-update.raucb' },
      { path: strangersBundle(), as: 'b-stranger.raucb' },
      { path: lameBundle('lame', '8.8.1', ['main.cjs', 'update.js']), as: 'c-lame.raucb' },
      { path: panickingBundle('panicking', '8.8.2'), as: 'd-panicking.raucb' },
    ];
    const stick = stickImage('updates', files, '1200M');
    vm = new Vm('3-update', {
      disk,
      bus: 'sata',
      card: 'e1000',
      firmware: 'uefi',
      network: false,
      watchdog: false,
      extra: stickArguments(stick),
    });
  });
  after(async () => {
    await vm.cutPower();
  });

  test('a first start under UEFI, with no network to ask', async () => {
    await vm.expect(/Tillgate: slot A/, 120_000);
    code = await firstScreen(vm);
  });

  test('a bundle signed by a stranger is refused', async () => {
    vm.type('');
    await installFromStick('2');
    await vm.expect(/Відмова: файл пошкоджений або не підписаний/, 180_000);
    vm.type('');
  });

  test('an update goes into the other slot, starts, and is confirmed', async () => {
    await installFromStick('1');
    await vm.expect(/встановлено\. Вона запуститься/, 600_000);
    vm.type('');
    await restartFromMenu();
    await vm.expect(/Tillgate: slot B/, 180_000);
    await vm.expect(READY, BOOT_MS);
    await signIn(vm, code);
    await vm.run(
      'for i in $(seq 60); do tillgate update status | grep -q "confirmed: B" && break; sleep 2; done; tillgate update status | grep "confirmed: B"',
    );
    const watchdogs = await vm.run('journalctl -b --no-pager -t systemd -g watchdog');
    assert.match(watchdogs, /Software Watchdog/);
    assert.match(await vm.run('cat /proc/cmdline'), /systemd\.machine_id=[0-9a-f]{32}/);
  });

  test('a system that cannot even judge itself makes place for the one before', async () => {
    await installAndRestart('c-lame.raucb');
    await vm.expect(/Tillgate: slot B/, BOOT_MS);
    await vm.expect(READY, BOOT_MS);
  });

  test('a system whose kernel panics makes place for the one before', async () => {
    await signIn(vm, code);
    await installAndRestart('d-panicking.raucb');
    await vm.expect(/Tillgate: slot B/, BOOT_MS);
    await vm.expect(READY, BOOT_MS);
  });

  test('a damaged data partition leads to the console, not to an emergency shell', async () => {
    await signIn(vm, code);
    vm.type(
      'systemctl stop tillgate.service var-lib-tillgate.mount; dd if=/dev/urandom of=/dev/disk/by-partlabel/tillgate-data bs=4k seek=1 count=40 conv=fsync; dd if=/dev/zero of=/dev/disk/by-partlabel/tillgate-data bs=1k seek=1 count=1 conv=fsync; sync; echo b >/proc/sysrq-trigger',
    );
    await vm.expect(/Tillgate: slot B/, 180_000);
    await vm.expect(/РОЗДІЛ ДАНИХ НЕДОСТУПНИЙ/, BOOT_MS);
  });

  test('the console repairs the data partition and the gateway has it again', async () => {
    vm.type('');
    for (const answer of ['9', '3', '2']) {
      await vm.expect(MENU, 60_000);
      vm.type(answer);
    }
    await vm.expect(/(досить|продовжити): $/, 600_000);
    vm.type('0');
    await vm.expect(/Готово/, 300_000);
    vm.type('');
    await vm.expect(MENU, 60_000);
    vm.type('0');
    await vm.expect(/Перший запуск: [\s\S]*TILLGATE|TILLGATE[\s\S]*Перший запуск: /, 180_000);
  });
});

/** In the shell: into the other slot, which is A, and into it. */
async function installAndRestart(file: string): Promise<void> {
  await vm.run(
    `mkdir -p /run/s && mount -o ro /dev/disk/by-label/STICK /run/s && tillgate update install /run/s/${file} && umount /run/s`,
    600_000,
  );
  vm.type('systemctl reboot');
  await vm.expect(/Tillgate: slot A/, 180_000);
}

/** Menu, slots, from a stick: the first stick, then this file. */
async function installFromStick(file: string): Promise<void> {
  for (const answer of ['7', '2', '1', file]) {
    await vm.expect(MENU, 120_000);
    vm.type(answer);
  }
}

async function restartFromMenu(): Promise<void> {
  await vm.expect(MENU, 60_000);
  vm.type('10');
  await vm.expect(MENU, 60_000);
  vm.type('1');
}
