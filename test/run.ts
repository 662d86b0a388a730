// Runs the groups of checks and tests, each within its bound, and adds up what passed.
// `node --import tsx test/run.ts [group …]`; no group means all of them.
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cannotCut } from './power/here.ts';

interface Group {
  readonly name: string;
  /** The whole group is ended after this. */
  readonly seconds: number;
  readonly run: (seconds: number) => Promise<Count>;
}
interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Why the group did not run at all; it counts as one that was skipped. */
  readonly skipped?: string;
}

/**
 * Folders of test/ that are no part of the quick `unit` group; every other one is. The seeded
 * simulation is among those, for it only computes while others wait.
 */
const APART = ['admin', 'bench', 'browser', 'image', 'interop', 'power', 'process'];

/** One more than there are cores: most files wait for something now and then. */
const AT_ONCE = availableParallelism() + 1;

/** Seconds for a machine of two cores that does more besides; an empty cache is filled first. */
const IMAGE_STEPS = { 'image/setup-host': 420, 'image/build': 900 } as const;
const IMAGE_QUICK_SECONDS = 420;
/** Two machines at a time, one a core; the start is timed alone. */
const MACHINE_LANES = [['vm', 'updates'], ['pages']] as const;
const BOOT_TIME_SECONDS = 720;

const GROUPS: readonly Group[] = [
  { name: 'check', seconds: 180, run: check },
  { name: 'unit', seconds: 600, run: tests(['', ...unitFolders()]) },
  { name: 'process', seconds: 420, run: tests(['process']) },
  { name: 'pages', seconds: 600, run: tests(['admin', 'browser']) },
  { name: 'interop', seconds: 420, run: tests(['interop']) },
  { name: 'power', seconds: 900, run: power },
  { name: 'image', seconds: 1_200, run: image },
  { name: 'machine', seconds: 2_700, run: machine },
];

await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !GROUPS.some((group) => group.name === name));
  if (unknown !== undefined) throw new Error(`no group ${unknown}`);
  const chosen = GROUPS.filter(({ name }) => names.length === 0 || names.includes(name));
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const group of chosen) {
    const began = Date.now();
    const { passed, failed, skipped } = await group.run(group.seconds);
    if (skipped !== undefined) {
      total.skipped += 1;
      say(`— ${group.name}: skipped, ${skipped}`);
      continue;
    }
    total.passed += passed;
    total.failed += failed;
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    say(`— ${group.name}: ${passed} passed, ${failed} failed, ${seconds} s`);
  }
  if (total.skipped > 0) say(`${total.skipped} of the groups skipped, see above`);
  say(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

function unitFolders(): string[] {
  return readdirSync('test', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !APART.includes(entry.name))
    .map(({ name }) => name);
}

async function check(seconds: number): Promise<Count> {
  const steps: readonly (readonly string[])[] = [
    ['tsc', '--project', '.'],
    ['oxlint', '--type-aware'],
    ['biome', 'format', '.'],
    ['knip'],
    ['shellcheck'],
  ];
  let passed = 0;
  for (const [command, ...args] of steps) {
    if (command === undefined) continue;
    const [program, words] =
      command === 'shellcheck'
        ? ['shellcheck', shellScripts()]
        : [`node_modules/.bin/${command}`, args];
    if (words.length === 0 && command === 'shellcheck') continue;
    const code = await execute(program, words, seconds);
    say(`${code === 0 ? '✔' : '✖'} ${command}`);
    if (code === 0) passed += 1;
    else return { passed, failed: 1 };
  }
  return { passed, failed: 0 };
}

/** Power cuts; without a second try, for a loss that comes once in hundreds is a loss. */
async function power(seconds: number): Promise<Count> {
  const why = cannotCut();
  if (why !== null) return { passed: 0, failed: 0, skipped: why };
  return runFiles(['test/power/power-cuts.test.ts'], seconds, 1);
}

/** The appliance: built, and its tree booted in a container. */
async function image(seconds: number): Promise<Count> {
  const why = noImageHere();
  if (why !== null) return { passed: 0, failed: 0, skipped: why };
  const end = Date.now() + seconds * 1_000;
  const left = (most: number): number =>
    Math.max(Math.min(most, Math.floor((end - Date.now()) / 1_000)), 1);
  for (const [script, most] of Object.entries(IMAGE_STEPS)) {
    if ((await execute('sh', [script], left(most))) === 0) continue;
    if (script === 'image/setup-host') {
      return { passed: 0, failed: 0, skipped: 'the packages that it needs cannot be installed' };
    }
    say(`✖ ${script}`);
    return { passed: 0, failed: 1 };
  }
  const { passed, failed } = await runFiles(['test/image/quick.ts'], left(IMAGE_QUICK_SECONDS), 1);
  return { passed, failed };
}

/** The built image in virtual machines, each with one disk through all that happens to it. */
async function machine(seconds: number): Promise<Count> {
  const why = noImageHere() ?? noMachineHere();
  if (why !== null) return { passed: 0, failed: 0, skipped: why };
  const within = seconds - BOOT_TIME_SECONDS;
  const lane = async (names: readonly string[]): Promise<Count> => {
    const end = Date.now() + within * 1_000;
    const left = (): number => Math.max(Math.floor((end - Date.now()) / 1_000), 0);
    let count: Count = { passed: 0, failed: 0 };
    for (const name of names) {
      count = sum(count, await twiceWhereItFails([`test/image/${name}.ts`], left, 1));
    }
    return count;
  };
  const lanes = await Promise.all(MACHINE_LANES.map(lane));
  const bootTime = await runFiles(['test/image/boot-time.ts'], BOOT_TIME_SECONDS, 1);
  return lanes.reduce(sum, bootTime);
}

function sum(one: Count, other: Count): Count {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}

/** The group before has installed and built, or has said why it cannot. */
function noMachineHere(): string | null {
  if (spawnSync('qemu-system-x86_64', ['--version']).status !== 0) return 'QEMU is not installed';
  const built = existsSync('out') && readdirSync('out').some((name) => name.endsWith('.raw'));
  return built ? null : 'there is no image in out/';
}

/** What only Debian and its root can do is said, not passed over. */
function noImageHere(): string | null {
  if (process.getuid?.() !== 0) return 'it needs root';
  if (process.arch !== 'x64') return 'it needs amd64';
  if (!existsSync('/etc/debian_version')) return 'it needs Debian 12 or 13';
  return null;
}

function shellScripts(): string[] {
  return ['.ci', 'test', 'image', 'image/debian/auto']
    .flatMap(filesOf)
    .filter((file) => /^#!.*\b(ba)?sh\b/.test(readFileSync(file, 'utf8').slice(0, 40)));
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
}

/** The `*.test.ts` files of these folders of test/; '' is test/ itself without its folders. */
function tests(folders: readonly string[]): Group['run'] {
  return async (seconds) => {
    const files = folders
      .map((folder) => join('test', folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder, { recursive: folder !== 'test', encoding: 'utf8' }).map((name) =>
          join(folder, name),
        ),
      )
      .filter((file) => file.endsWith('.test.ts'))
      .sort();
    if (files.length === 0) return { passed: 0, failed: 0 };
    return twiceWhereItFails(files, () => seconds, AT_ONCE);
  };
}

/**
 * A test of timing may fail on a machine that does something else. It gets one more try, alone and
 * by name, so that nobody overlooks it; a defect fails again.
 */
async function twiceWhereItFails(
  files: readonly string[],
  left: () => number,
  atOnce: number,
): Promise<Count> {
  const first = await runFiles(files, left(), atOnce);
  if (first.failed === 0 || first.failedFiles.length === 0 || left() < 1) return first;
  say(`second try, alone: ${first.failedFiles.join(' ')}`);
  const second = await runFiles(first.failedFiles, left(), atOnce);
  const passed = first.passed + Math.max(first.failed - second.failed, 0);
  return { passed, failed: second.failed };
}

interface FilesRun extends Count {
  readonly failedFiles: readonly string[];
}

async function runFiles(
  files: readonly string[],
  seconds: number,
  atOnce = AT_ONCE,
): Promise<FilesRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-test-'));
  const tap = join(folder, 'tap');
  const code = await execute(
    process.execPath,
    [
      '--import',
      'tsx',
      '--test',
      `--test-timeout=${atOnce === 1 ? seconds * 1_000 : 240_000}`,
      `--test-concurrency=${atOnce}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${tap}`,
      ...files,
    ],
    seconds,
  );
  const text = readFileSync(tap, 'utf8');
  rmSync(folder, { recursive: true });
  const count = (word: string): number =>
    Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  // A run that was ended from outside has no summary: that is a failure too.
  return {
    passed: count('pass'),
    failed: code === 0 ? failed : Math.max(failed, 1),
    failedFiles: files.filter((file) => failedIn(text, file)),
  };
}

/** Whether a failed test of the TAP stream stands in this file. */
function failedIn(tap: string, file: string): boolean {
  return tap
    .split(/^(?=\s*(?:not )?ok \d)/m)
    .some((entry) => /^\s*not ok/.test(entry) && entry.includes(`${file}:`));
}

/** Runs a program in a process group of its own, and ends the whole group at the bound. */
function execute(program: string, args: readonly string[], seconds: number): Promise<number> {
  const options: SpawnOptions = { stdio: ['ignore', 'inherit', 'inherit'], detached: true };
  const child = spawn(program, args, options);
  return new Promise((resolve) => {
    const bound = setTimeout(() => {
      say(`✖ ended after ${seconds} s: ${program}`);
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, seconds * 1000);
    child.on('error', (error) => {
      clearTimeout(bound);
      say(`✖ ${program}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => {
      clearTimeout(bound);
      resolve(code ?? 1);
    });
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
