// What the system knows of the device behind a serial line: a wrong one is told by its own name.
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** From the interface of a tty up to its device. */
const PARENTS_MAX = 4;
const NAME_MAX = 80;

/** «Ingenico iCT2xx (079b:0028)»; null where the line is no USB device, or says nothing. */
export async function describeDevice(path: string, sysfs = '/sys'): Promise<string | null> {
  try {
    const tty = basename(await realpath(path));
    let folder = await realpath(join(sysfs, 'class', 'tty', tty, 'device'));
    for (let up = 0; up <= PARENTS_MAX; up++) {
      const vendor = await valueOf(folder, 'idVendor');
      if (vendor !== null) return nameOf(folder, vendor);
      folder = dirname(folder);
    }
    return null;
  } catch {
    return null; // a name is a help, nothing depends on it
  }
}

async function nameOf(folder: string, vendor: string): Promise<string> {
  const product = (await valueOf(folder, 'idProduct')) ?? '????';
  const words = [await valueOf(folder, 'manufacturer'), await valueOf(folder, 'product')];
  const told = words.filter((word) => word !== null).join(' ');
  const name = told.replace(/[^\p{L}\p{N} .,+()/_-]/gu, '').slice(0, NAME_MAX);
  return name === '' ? `${vendor}:${product}` : `${name} (${vendor}:${product})`;
}

async function valueOf(folder: string, name: string): Promise<string | null> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => ''); // not there
  return text.trim() === '' ? null : text.trim();
}
