// Update bundles that no shop should get: signed by a stranger, or good in all but what they do.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Keys, makeKeys, signingKeys, updateBundle } from '../../../image/signing.ts';
import { artifact, WORK } from './places.ts';

const STEP_MS = 300_000;

/** Right in everything but the key that signed it. */
export function strangersBundle(): string {
  const folder = join(WORK, 'stranger');
  makeKeys(folder, 'Stranger');
  const keys: Keys = {
    keyring: join(folder, 'keyring.pem'),
    certificate: join(folder, 'signer.pem'),
    key: join(folder, 'signer.key'),
  };
  return bundleOf('stranger', '9.9.9', artifact('iso'), keys);
}

/** A system whose programs cannot do what they are for. `files` are paths in /usr/lib/tillgate. */
export function lameBundle(name: string, version: string, files: readonly string[]): string {
  const tree = join(WORK, `${name}.tree`);
  const layer = join(WORK, `${name}.squashfs`);
  for (const path of [tree, layer]) rmSync(path, { recursive: true, force: true });
  extract('/live/tillgate.squashfs', layer);
  execFileSync('unsquashfs', ['-quiet', '-no-progress', '-dest', tree, layer], quiet());
  for (const file of files) {
    writeFileSync(join(tree, 'usr/lib/tillgate', file), 'process.exit(70);\n');
  }
  rmSync(layer);
  const options = ['-comp', 'zstd', '-all-root', '-no-xattrs', '-quiet', '-no-progress'];
  execFileSync('mksquashfs', [tree, layer, ...options], quiet());
  rmSync(tree, { recursive: true });
  return changed(name, version, layer, '/live/tillgate.squashfs');
}

/** A system whose kernel finds no first program and panics. */
export function panickingBundle(name: string, version: string): string {
  const file = join(WORK, `${name}.cfg`);
  extract('/boot/slot.cfg', file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^linux .*$/m, '$& rdinit=/nothing'));
  return changed(name, version, file, '/boot/slot.cfg');
}

/** The built slot with one file replaced, signed as the build signs. */
function changed(name: string, version: string, file: string, path: string): string {
  const iso = join(WORK, `${name}.iso`);
  rmSync(iso, { force: true });
  const images = ['-indev', artifact('iso'), '-outdev', iso, '-boot_image', 'any', 'replay'];
  execFileSync('xorriso', ['-abort_on', 'FAILURE', ...images, '-map', file, path], quiet());
  const bundle = bundleOf(name, version, iso, signingKeys());
  rmSync(iso);
  return bundle;
}

function bundleOf(name: string, version: string, iso: string, keys: Keys): string {
  const bundle = join(WORK, `${name}.raucb`);
  updateBundle(iso, version, keys, bundle);
  return bundle;
}

function extract(path: string, to: string): void {
  rmSync(to, { force: true });
  const options = ['-osirrox', 'on', '-indev', artifact('iso'), '-extract', path, to];
  execFileSync('xorriso', options, quiet());
}

function quiet() {
  return { stdio: 'ignore', timeout: STEP_MS } as const;
}
