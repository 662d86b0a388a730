// The system layer of a slot: Debian with our overlay, built by live-build. It is kept by the hash
// of its sources, so that a change of the program costs seconds.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { PATHS, REPOSITORY } from './paths.ts';
import { run, sourceEpoch } from './run.ts';

const SYSTEM_SOURCES = ['image/debian', 'overlay', 'image/system-layer.ts'];
const LB_TIMEOUT_MS = 25 * 60_000;

export interface SystemLayer {
  readonly folder: string;
  readonly iso: string;
  /** `name version` of every Debian package, one a line. */
  readonly packages: string;
  readonly notices: string;
}

/** Builds the system layer, or returns the kept one where no source of it has changed. */
export function systemLayer(fresh: boolean): SystemLayer {
  const folder = join(PATHS.layers, hashOf(SYSTEM_SOURCES));
  const layer: SystemLayer = {
    folder,
    iso: join(folder, 'system.iso'),
    packages: join(folder, 'packages.txt'),
    notices: join(folder, 'notices.txt'),
  };
  if (existsSync(folder) && !fresh) return layer;
  liveBuild();
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  cpSync(join(PATHS.system, 'tillgate-amd64.hybrid.iso'), join(work, 'system.iso'));
  cpSync(join(PATHS.system, 'tillgate-amd64.packages'), join(work, 'packages.txt'));
  writeFileSync(join(work, 'notices.txt'), debianNotices());
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
  forgetOthers(folder);
  return layer;
}

/** 200 MB each: the one before stays, for whoever goes back and forth between two commits. */
function forgetOthers(newest: string): void {
  const others = readdirSync(PATHS.layers)
    .map((name) => join(PATHS.layers, name))
    .filter((path) => path !== newest)
    .sort((a, b) => lstatSync(b).mtimeMs - lstatSync(a).mtimeMs);
  for (const path of others.slice(1)) rmSync(path, { recursive: true, force: true });
}

function liveBuild(): void {
  const folder = PATHS.system;
  mkdirSync(folder, { recursive: true });
  const env = {
    ...mirrors(),
    SOURCE_DATE_EPOCH: String(sourceEpoch(REPOSITORY, SYSTEM_SOURCES)),
  };
  const options = { cwd: folder, env, timeoutMs: LB_TIMEOUT_MS };
  if (existsSync(join(folder, '.build'))) run('lb', ['clean'], options);
  for (const name of ['config', 'auto', 'local']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  cpSync(join(REPOSITORY, 'image/debian'), folder, { recursive: true });
  const includes = join(folder, 'config/includes.chroot');
  cpSync(join(REPOSITORY, 'overlay'), includes, { recursive: true, verbatimSymlinks: true });
  // The checkout's umask and owner must not reach the image.
  run('chmod', ['--recursive', 'u=rwX,go=rX', includes]);
  run('chown', ['--recursive', '--no-dereference', 'root:root', join(folder, 'config')]);
  run('lb', ['config'], options);
  run('lb', ['build'], options);
}

/** MIRROR and SECURITY_MIRROR as the build host's apt has them. */
function mirrors(): Record<string, string> {
  const lines = run(join(REPOSITORY, 'image/mirror'), []).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
}

/** The copyright files of all Debian packages in the image. */
function debianNotices(): string {
  const docs = join(PATHS.system, 'chroot/usr/share/doc');
  const parts = readdirSync(docs)
    .sort()
    .map((name) => ({ name, file: join(docs, name, 'copyright') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => `${name}\n\n${readFileSync(file, 'utf8').trim()}\n`);
  return `Debian packages of the system, with their licences.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const stat = lstatSync(path);
    const name = relative(REPOSITORY, path);
    if (stat.isDirectory()) {
      for (const entry of readdirSync(path).sort()) visit(join(path, entry));
    } else if (stat.isSymbolicLink()) {
      hash.update(`link ${name} ${readlinkSync(path)}\n`);
    } else {
      hash.update(`file ${name} ${stat.mode & 0o111} ${stat.size}\n`).update(readFileSync(path));
    }
  };
  for (const path of paths) visit(join(REPOSITORY, path));
  return hash.digest('hex').slice(0, 16);
}
