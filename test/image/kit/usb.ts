// A USB terminal and a USB stick for the virtual machine.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORK } from './places.ts';

const GADGET = '/sys/kernel/config/usb_gadget/t';

/** Commands that plug a CDC device with the Telium id into the guest's own bus. */
export const PLUG_IN = [
  'modprobe -a dummy_hcd libcomposite',
  '{ mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config; }',
  `mkdir ${GADGET}`,
  `cd ${GADGET}`,
  'echo 0x079b >idVendor',
  'echo 0x0028 >idProduct',
  'mkdir -p strings/0x409 configs/c.1/strings/0x409 functions/acm.usb0',
  'echo INGENICO >strings/0x409/manufacturer',
  'ln -s functions/acm.usb0 configs/c.1/',
  'echo dummy_udc.0 >UDC',
  'cd /',
].join(' && ');
export const UNPLUG = `echo "" >${GADGET}/UDC`;
export const REPLUG = `echo dummy_udc.0 >${GADGET}/UDC`;

/** Joins the gadget's end of the cable with a terminal outside; a script for the guest's node. */
export function bridgeScript(port: number): string {
  return `
const fs = require('fs'), net = require('net'), tty = require('tty'), { execFileSync } = require('child_process');
const { O_RDWR, O_WRONLY, O_NOCTTY, O_NONBLOCK } = fs.constants;
let peer = null, out = -1;
const connect = () => { peer = net.connect(${port}, '10.0.2.2');
  peer.on('data', (d) => { try { fs.writeSync(out, d); } catch (e) { console.error(e.message); } });
  peer.on('error', () => {}); peer.on('close', () => setTimeout(connect, 500)); };
// A pulled cable hangs the line up; the next one is another opening.
const open = () => {
  let gone = false;
  const again = (why) => { if (gone) return; gone = true; console.error('again', why); line?.destroy(); setTimeout(open, 500); };
  let line = null;
  try {
    execFileSync('stty', ['-F', '/dev/ttyGS0', 'raw', '-echo']);
    line = new tty.ReadStream(fs.openSync('/dev/ttyGS0', O_RDWR | O_NOCTTY));
    if (out >= 0) fs.closeSync(out);
    out = fs.openSync('/dev/ttyGS0', O_WRONLY | O_NOCTTY | O_NONBLOCK);
  } catch (e) { return again(e.message); }
  line.on('data', (d) => peer.write(d));
  for (const event of ['error', 'end', 'close']) line.on(event, (e) => again(event + ' ' + (e && e.message)));
};
connect();
open();
`;
}

/** A FAT stick with these files in its root. */
export function stickImage(
  name: string,
  files: readonly { path: string; as: string }[],
  size = '900M',
): string {
  const image = join(WORK, `${name}.stick`);
  rmSync(image, { force: true });
  writeFileSync(image, '');
  execFileSync('truncate', [`--size=${size}`, image]);
  execFileSync('mkfs.fat', ['-F', '32', '-n', 'STICK', image], { stdio: 'ignore' });
  for (const { path, as } of files) execFileSync('mcopy', ['-i', image, path, `::/${as}`]);
  return image;
}

/** Paths of all files on a stick. */
export function filesOf(image: string): readonly string[] {
  const listing = execFileSync('mdir', ['-/', '-b', '-i', image], { encoding: 'utf8' });
  return [...listing.matchAll(/^::\/(.*[^/\s])\s*$/gm)].map((match) => match[1] ?? '');
}

function cable(id: string, port: number): string {
  return `socket,id=${id},host=127.0.0.1,port=${port},reconnect=1`;
}

/**
 * A USB-RS-232 adapter (FTDI, `ttyUSB0`) and a second serial port (`ttyS1`), each with its cable in
 * a terminal outside.
 */
export function serialArguments(adapterPort: number, serialPort: number): string[] {
  return [
    '-device',
    'qemu-xhci',
    '-chardev',
    cable('adapter', adapterPort),
    '-device',
    'usb-serial,chardev=adapter',
    '-chardev',
    cable('com2', serialPort),
    '-device',
    'isa-serial,chardev=com2,index=1',
  ];
}

export function stickArguments(image: string): string[] {
  return [
    '-device',
    'qemu-xhci',
    '-drive',
    `if=none,id=stick,format=raw,file=${image}`,
    '-device',
    'usb-storage,drive=stick,removable=on',
  ];
}
