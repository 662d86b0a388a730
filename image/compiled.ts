// The compiled form of the programs that a start waits for, made by the appliance's own node.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS, REPOSITORY } from './paths.ts';
import { run } from './run.ts';
import type { SystemLayer } from './system-layer.ts';

/** Script → the unit that says with which flags it runs. */
const UNITS = { main: 'tillgate.service', console: 'tillgate-console.service' } as const;
/** What node needs of the system. */
const PARTS = ['bin', 'etc', 'lib', 'lib64', 'sbin', 'tmp', 'usr/bin', 'usr/lib/ssl', 'usr/lib64'];
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';
const MODULES = 'usr/share/nodejs';
/** V8 leaves this flag out of what must fit, so that the same sources can give the same bytes. */
const SEED = '--random-seed=1';
const TIMEOUT_MS = 120_000;

/** Adds `NAME.compiled` to the bundled program. */
export function compilePrograms(system: SystemLayer): void {
  const root = nodeRoot(system);
  const program = join(root, 'usr/lib/tillgate');
  const work = join(root, 'compiling');
  for (const folder of [program, work]) rmSync(folder, { recursive: true, force: true });
  cpSync(PATHS.app, program, { recursive: true });
  mkdirSync(work);
  cpSync(join(REPOSITORY, 'image/boot/compile.cjs'), join(work, 'compile.cjs'));
  for (const [name, unit] of Object.entries(UNITS)) {
    const command = `ip link set lo up && exec chroot "$1" node ${SEED} ${flagsOf(unit, name)} /compiling/compile.cjs ${name}`;
    const args = ['--net', '--pid', '--fork', '--kill-child', 'sh', '-c', command, 'sh', root];
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      NODE_ENV: 'production',
      TILLGATE_DATA: '/compiling/data',
      TILLGATE_PORT: '8080',
      TILLGATE_TLS_PORT: '8443',
      TILLGATE_DEMO: '1',
      TILLGATE_DEMO_KEY: 'c'.repeat(43),
      TILLGATE_CONSOLE_LINES: '/dev/no-such-line',
    };
    run('unshare', args, { env, timeoutMs: TIMEOUT_MS });
    const made = join(program, `${name}.compiled`);
    if (statSync(made).size < 100_000) throw new Error(`${made} holds too little`);
    cpSync(made, join(PATHS.app, `${name}.compiled`));
  }
}

function flagsOf(unit: string, name: string): string {
  const text = readFileSync(join(REPOSITORY, 'overlay/usr/lib/systemd/system', unit), 'utf8');
  const line = new RegExp(`^ExecStart=/usr/bin/node (.*) /usr/lib/tillgate/${name}\\.cjs$`, 'm');
  const flags = line.exec(text)?.[1];
  if (flags === undefined) throw new Error(`${unit} starts ${name} another way`);
  return flags;
}

/** The part of the system layer that runs node, unpacked once for a layer. */
function nodeRoot(system: SystemLayer): string {
  const root = join(system.folder, 'node-root');
  if (existsSync(root)) return root;
  const work = `${root}.new`;
  const packed = join(PATHS.work, 'filesystem.squashfs');
  rmSync(work, { recursive: true, force: true });
  rmSync(packed, { force: true });
  const from = '/live/filesystem.squashfs';
  run('xorriso', ['-osirrox', 'on', '-indev', system.iso, '-extract', from, packed]);
  run('unsquashfs', [
    '-quiet',
    '-no-progress',
    '-dest',
    work,
    packed,
    ...PARTS,
    LIBRARIES,
    MODULES,
  ]);
  rmSync(packed, { force: true });
  mkdirSync(join(work, 'dev'));
  run('mknod', ['-m', '666', join(work, 'dev/null'), 'c', '1', '3']);
  run('mknod', ['-m', '666', join(work, 'dev/urandom'), 'c', '1', '9']);
  renameSync(work, root);
  return root;
}
