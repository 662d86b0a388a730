// Builds the appliance into out/: image/build [--fresh] [--app DIR] [--quick]
//   --fresh  builds the system layer anew, with the packages that the mirror has today
//   --app    takes a program bundled before instead of bundling the sources
//   --quick  only the ISO and the raw disk, for a developer's loop
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { compilePrograms } from './compiled.ts';
import { diskImage } from './disk.ts';
import { compressed, ova, qcow2, sha256, vmdk } from './formats.ts';
import { OUT, PATHS, REPOSITORY } from './paths.ts';
import { sourceEpoch, step } from './run.ts';
import { signingKeys, updateBundle } from './signing.ts';
import { slotImage } from './slot.ts';
import { systemLayer } from './system-layer.ts';

const { values: options } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    app: { type: 'string' },
  },
});

mkdirSync(PATHS.work, { recursive: true });
const manifest = readFileSync(join(REPOSITORY, 'package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };
const epoch = sourceEpoch(REPOSITORY, []);
const keys = signingKeys();
const out = (kind: string): string => join(OUT, `tillgate-${version}-amd64.${kind}`);

if (options.app === undefined) {
  const from = performance.now();
  await bundle();
  process.stdout.write(`program … ${((performance.now() - from) / 1_000).toFixed(1)} s\n`);
} else {
  rmSync(PATHS.app, { recursive: true, force: true });
  cpSync(options.app, PATHS.app, { recursive: true });
}
const system = step('system', () => systemLayer(options.fresh));
step('compiled form', () => compilePrograms(system));
step('iso', () => slotImage(system, epoch, keys.keyring, out('iso')));
step('disk', () => diskImage(out('iso'), epoch, out('raw')));
const made = [out('iso')];
if (!options.quick) {
  step('update bundle', () => updateBundle(out('iso'), version, keys, out('raucb')));
  step('raw.zst', () => compressed(out('raw'), out('raw.zst')));
  step('qcow2', () => qcow2(out('raw'), out('qcow2')));
  step('vmdk', () => vmdk(out('raw'), out('vmdk')));
  step('ova', () => ova(out('vmdk'), out('raw'), version, epoch, out('ova')));
  made.push(...['raucb', 'raw.zst', 'qcow2', 'vmdk', 'ova'].map(out));
}
cpSync(system.packages, out('packages.txt'));
const program = readFileSync(join(PATHS.app, 'NOTICES.txt'), 'utf8');
writeFileSync(out('notices.txt'), `${program}\n${readFileSync(system.notices, 'utf8')}`);
made.push(out('packages.txt'), out('notices.txt'));
step('SHA256SUMS', () => {
  const lines = made.map((file) => `${sha256(file)}  ${basename(file)}\n`);
  writeFileSync(join(OUT, 'SHA256SUMS'), lines.join(''));
});
