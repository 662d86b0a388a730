// The name of what hangs on a serial line, from a tree like the kernel's.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeDevice } from '../../app/src/transport/serial-device.ts';

const root = mkdtempSync(join(tmpdir(), 'tillgate-sysfs-'));
after(() => rmSync(root, { recursive: true }));

/** A tty of this USB device; the path of its device file. */
function plug(tty: string, values: Readonly<Record<string, string>>): string {
  const device = join(root, 'devices', tty);
  const face = join(device, '1-1:1.0');
  mkdirSync(face, { recursive: true });
  for (const [name, value] of Object.entries(values))
    writeFileSync(join(device, name), `${value}\n`);
  mkdirSync(join(root, 'sys', 'class', 'tty', tty), { recursive: true });
  symlinkSync(face, join(root, 'sys', 'class', 'tty', tty, 'device'));
  mkdirSync(join(root, 'dev'), { recursive: true });
  writeFileSync(join(root, 'dev', tty), '');
  return join(root, 'dev', tty);
}

const described = (path: string) => describeDevice(path, join(root, 'sys'));

test('a device says who it is, under its stable name too', async () => {
  const terminal = plug('ttyACM0', {
    idVendor: '079b',
    idProduct: '0028',
    manufacturer: 'INGENICO',
    product: 'iCT2xx',
  });
  assert.equal(await described(terminal), 'INGENICO iCT2xx (079b:0028)');
  const stable = join(root, 'dev', 'pos-1');
  symlinkSync(terminal, stable);
  assert.equal(await described(stable), 'INGENICO iCT2xx (079b:0028)');
  const bare = plug('ttyUSB3', { idVendor: '1a86', idProduct: '7523' });
  assert.equal(await described(bare), '1a86:7523');
});

test('a device whose name is an attack is shown without it, and a line of no device has none', async () => {
  const strange = plug('ttyACM1', {
    idVendor: 'dead',
    idProduct: 'beef',
    product: `<script>\u001b[2J${'x'.repeat(200)}`,
  });
  const name = (await described(strange)) ?? '';
  assert.match(name, /^script2Jx+ \(dead:beef\)$/);
  assert.ok(name.length < 100);
  assert.equal(await described('/dev/null'), null);
  assert.equal(await described(join(root, 'dev', 'nothing')), null);
});
