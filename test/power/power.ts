// Starts the cuts in namespaces that take mounts, loop devices and processes along when they end,
// also where the test is killed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleGateway, type Careless } from './bundle.ts';
import type { Plan } from './cut-process.ts';
import { ROOT_ENV } from './here.ts';

/** Of every machine, and empty in the namespace: nobody removes it while something is mounted there. */
const ROOM = '/mnt';

/**
 * The guard is in no group and no process namespace that is killed from outside. Its input ends with
 * the test, however that ends; then it ends the rest, and thaws: what is frozen can neither be killed
 * nor unmounted, and would keep its loop devices for ever.
 */
const GUARD = `room=$1
shift
exec 3<&0
unshare --pid --fork --kill-child \\
  sh -c 'mount -t proc proc /proc; exec "$@"' sh "$@" </dev/null 3<&- &
child=$!
{
  read -r _ || :
  kill -KILL "$child"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    for frozen in "$room"/*/outer; do
      fsfreeze --unfreeze "$frozen" 2>/dev/null || :
    done
    sleep 0.2
  done
} <&3 &
watcher=$!
status=0
wait "$child" || status=$?
[ "$status" -ne 137 ] || wait "$watcher"
kill "$watcher" 2>/dev/null || :
exit "$status"`;

/** What each line says; everything is ended after so many seconds. */
export async function runPlan<Line>(
  plan: Omit<Plan, 'room' | 'bundle'>,
  seconds: number,
  careless: Careless | null = null,
): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-power-'));
  const bundle = join(folder, 'bundle');
  try {
    if (plan.what === 'cuts') await bundleGateway(bundle, careless);
    return (await linesOf({ ...plan, room: ROOM, bundle }, seconds)).map(
      (line) => JSON.parse(line) as Line,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function linesOf(plan: Plan, seconds: number): Promise<string[]> {
  const program = join(import.meta.dirname, 'cut-process.ts');
  const node = [process.execPath, '--import', 'tsx', program, JSON.stringify(plan)];
  const words = ['--mount', 'sh', '-c', GUARD, 'sh', plan.room, ...node];
  const child = spawn('unshare', words, {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: ROOT_ENV,
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const end = (): void => void child.stdin.end();
  const bound = setTimeout(end, seconds * 1_000);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(bound);
      end();
      if (code === 0) resolve(lines);
      else reject(new Error(`the cuts ended with ${code}`));
    });
  });
}
