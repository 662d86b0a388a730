// A slot: the system layer with the program's layer beside it, as a live ISO.
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS, REPOSITORY } from './paths.ts';
import { run } from './run.ts';
import type { SystemLayer } from './system-layer.ts';

/** Writes the slot to `iso`; live-boot stacks the layers in the order of `filesystem.module`. */
export function slotImage(system: SystemLayer, epoch: number, keyring: string, iso: string): void {
  const root = join(PATHS.work, 'program');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  mkdirSync(join(root, 'usr/share/tillgate'), { recursive: true });
  cpSync(PATHS.app, join(root, 'usr/lib/tillgate'), { recursive: true });
  cpSync(keyring, join(root, 'usr/share/tillgate/keyring.pem'));
  cpSync(join(REPOSITORY, 'docs/appliance.md'), join(root, 'usr/share/tillgate/appliance.md'));
  run('chmod', ['--recursive', 'u=rwX,go=rX', root]);
  const layer = join(PATHS.work, 'tillgate.squashfs');
  rmSync(layer, { force: true });
  const time = String(epoch);
  run(
    'mksquashfs',
    [root, layer, '-comp', 'zstd', '-all-root', '-no-xattrs', '-quiet', '-no-progress'],
    {
      env: { SOURCE_DATE_EPOCH: time },
    },
  );
  const modules = join(PATHS.work, 'filesystem.module');
  writeFileSync(modules, 'filesystem.squashfs\ntillgate.squashfs\n');
  chmodSync(modules, 0o644);
  rmSync(iso, { force: true });
  composeIso(
    system.iso,
    iso,
    [
      [layer, '/live/tillgate.squashfs'],
      [modules, '/live/filesystem.module'],
    ],
    epoch,
  );
}

/** Adds files to a live ISO and keeps the ways in which it boots. */
function composeIso(
  from: string,
  to: string,
  files: readonly (readonly [string, string])[],
  epoch: number,
): void {
  const date = `=${epoch}`;
  run(
    'xorriso',
    [
      '-abort_on',
      'FAILURE',
      '-indev',
      from,
      '-outdev',
      to,
      '-boot_image',
      'any',
      'replay',
      ...files.flatMap(([source, target]) => ['-map', source, target]),
      '-chown_r',
      '0',
      '/live',
      '--',
      '-chgrp_r',
      '0',
      '/live',
      '--',
      ...files.flatMap(([, target]) => ['-alter_date', 'b', date, target, '--']),
      '-alter_date',
      'b',
      date,
      '/live',
      '--',
      '-volume_date',
      'all_file_dates',
      date,
      '-volume_date',
      'uuid',
      new Date(epoch * 1_000).toISOString().replace(/\D/g, '').slice(0, 14) + '00',
    ],
    { env: { SOURCE_DATE_EPOCH: String(epoch) } },
  );
}
