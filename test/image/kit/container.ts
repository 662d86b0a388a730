// The slot's root tree booted under systemd-nspawn: the real units without a virtual machine.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TRANSCRIPTS, WORK } from './places.ts';

const run = promisify(execFile);
const COMMAND_MS = 60_000;
/** The number that overlay/usr/lib/sysusers.d gives to the gateway's user. */
const GATEWAY = 850;

export class Container {
  readonly #child: ChildProcess;
  #leader = 0;

  /** `namespace` is the network that it lives in. */
  constructor(root: string, namespace: string) {
    const data = join(WORK, 'data');
    rmSync(data, { recursive: true, force: true });
    // Certification is what lets a shop's gateway take simulated terminals.
    const gateway = join(data, 'gateway');
    mkdirSync(gateway, { recursive: true });
    writeFileSync(join(gateway, 'settings.json'), JSON.stringify({ certification: true }));
    for (const path of [gateway, join(gateway, 'settings.json')]) chownSync(path, GATEWAY, GATEWAY);
    const log = openSync(join(TRANSCRIPTS, 'container.log'), 'w');
    this.#child = spawn(
      'setpriv',
      [
        // nspawn takes the signal as an order to shut down.
        '--pdeathsig',
        'TERM',
        'timeout',
        '--kill-after=5',
        '900',
        'systemd-nspawn',
        '--boot',
        `--directory=${root}`,
        '--volatile=overlay',
        `--network-namespace-path=${namespace}`,
        '--capability=CAP_NET_ADMIN',
        '--register=no',
        '--keep-unit',
        '--console=pipe',
        `--bind=${data}:/var/lib/tillgate`,
        'systemd.wants=tillgate.target',
      ],
      {
        stdio: ['ignore', log, log],
        env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
        detached: true,
      },
    );
  }

  /** Resolves when systemd says that the start is over, whatever came of it. */
  async started(): Promise<void> {
    await waitFor(async () => {
      const nspawn = children(this.#child.pid ?? 0)[0];
      this.#leader = nspawn === undefined ? 0 : (children(nspawn)[0] ?? 0);
      if (this.#leader === 0) return false;
      const { stdout } = await this.#enter(['systemctl', 'is-system-running']);
      return /running|degraded/.test(stdout);
    }, 120_000);
  }

  /** Output of a command inside, whatever its exit code. */
  async run(...command: readonly string[]): Promise<string> {
    return (await this.#enter(command)).stdout.trim();
  }

  /** The tree of the running system as the host sees it. */
  get root(): string {
    return `/proc/${this.#leader}/root`;
  }

  async stop(): Promise<void> {
    // The leader first: ending only nspawn would leave the container running.
    for (const pid of [this.#leader, ...children(this.#child.pid ?? 0), this.#child.pid ?? 0]) {
      if (pid > 1) kill(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    this.#child.unref();
  }

  async #enter(command: readonly string[]): Promise<{ stdout: string }> {
    const args = ['--target', String(this.#leader), '--all', ...command];
    try {
      return await run('nsenter', args, {
        timeout: COMMAND_MS,
        env: { PATH: '/usr/sbin:/usr/bin', SYSTEMD_COLORS: '0' },
      });
    } catch (error) {
      const { stdout } = error as { stdout?: unknown }; // execFile's error carries what was printed
      if (typeof stdout === 'string') return { stdout };
      throw error;
    }
  }
}

export async function waitFor(what: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function children(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text
      .trim()
      .split(' ')
      .filter((part) => part !== '')
      .map(Number);
  } catch {
    return []; // it has just ended
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ended by itself
  }
}
