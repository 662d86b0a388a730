// Where the image tests find what was built and leave what they saw.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const OUT = join(REPOSITORY, 'out');
export const TRANSCRIPTS = join(OUT, 'test');
export const WORK = join(OUT, 'work', 'test');

mkdirSync(TRANSCRIPTS, { recursive: true });
mkdirSync(WORK, { recursive: true });

/** `iso`, `raw`, `raucb`, … of the last build. */
export function artifact(kind: string): string {
  const name = readdirSync(OUT).find(
    (file) => file.startsWith('tillgate-') && file.endsWith(`amd64.${kind}`),
  );
  if (name === undefined) throw new Error(`out/ holds no ${kind}; run image/build first`);
  return join(OUT, name);
}

/** A fresh, larger copy of the disk, as if it had been written to a 4 GB stick. */
export function freshDisk(name: string): string {
  const disk = join(WORK, `${name}.raw`);
  rmSync(disk, { force: true });
  execFileSync('cp', ['--sparse=always', artifact('raw'), disk]);
  execFileSync('truncate', ['--size=4G', disk]);
  return disk;
}

/** The root tree of the slot: both layers, unpacked. Built once for a build of the ISO. */
export function rootTree(): string {
  const tree = join(WORK, 'root');
  const live = join(WORK, 'live');
  rmSync(live, { recursive: true, force: true });
  rmSync(tree, { recursive: true, force: true });
  const extract = ['-osirrox', 'on', '-indev', artifact('iso'), '-extract', '/live', live];
  execFileSync('xorriso', extract, { stdio: 'ignore', timeout: 120_000 });
  for (const layer of ['filesystem.squashfs', 'tillgate.squashfs']) {
    const options = ['-quiet', '-no-progress', '-force', '-dest', tree, join(live, layer)];
    execFileSync('unsquashfs', options, { stdio: 'ignore', timeout: 120_000 });
  }
  return tree;
}

export function layerSizes(): { readonly squashfs: number; readonly iso: number } {
  const listing = execFileSync('ls', ['-l', join(WORK, 'live')], { encoding: 'utf8' });
  const sizes = [...listing.matchAll(/(\d+) \w+ +\d+ [\d:]+ \S+\.squashfs/g)].map((m) =>
    Number(m[1]),
  );
  const iso = Number(execFileSync('stat', ['--format=%s', artifact('iso')], { encoding: 'utf8' }));
  return { squashfs: sizes.reduce((sum, size) => sum + size, 0), iso };
}

/** Firmware variables must be fresh at every start: used ones remember a boot order. */
export function freshVariables(name: string): string {
  const file = join(WORK, `${name}.vars`);
  const source = ['/usr/share/OVMF/OVMF_VARS_4M.fd', '/usr/share/OVMF/OVMF_VARS.fd'].find((path) =>
    existsSync(path),
  );
  if (source === undefined) throw new Error('OVMF is not installed; run image/setup-host');
  cpSync(source, file);
  return file;
}
