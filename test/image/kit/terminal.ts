// A card terminal outside of the appliance: the simulator as a program, on a port of the host.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { OUT } from './places.ts';

export interface Transaction {
  readonly amount: number;
  readonly [field: string]: unknown;
}

export class OutsideTerminal {
  readonly #child: ChildProcess;
  #output = '';
  port = 0;

  constructor(journal: string, options: string) {
    const main = join(OUT, '..', 'app/src/simulator/main.ts');
    const args = [
      '--pdeathsig',
      'TERM',
      'node',
      '--import',
      'tsx',
      main,
      '--port',
      '0',
      '--journal',
      journal,
      '--address',
      `sim://privat-json?${options}`,
    ];
    this.#child = spawn('setpriv', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('utf8');
    this.#child.stdout?.on('data', (text: string) => {
      this.#output += text;
    });
  }

  async listening(): Promise<void> {
    const [, port = '0'] = await this.#line(/tcp:\/\/[^:\s]+:(\d+)/);
    this.port = Number(port);
  }

  /** As seen from inside the virtual machine: its gateway address is the host. */
  get address(): string {
    return `tcp://10.0.2.2:${this.port}`;
  }

  /** What the terminal believes has happened. */
  async journal(): Promise<readonly Transaction[]> {
    this.#output = '';
    this.#child.stdin?.write('state\n');
    const [text] = await this.#line(/\{.*\}\n/);
    return (JSON.parse(text) as { journal: Transaction[] }).journal; // the simulator's own state
  }

  say(command: string): void {
    this.#child.stdin?.write(`${command}\n`);
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }

  async #line(pattern: RegExp): Promise<RegExpExecArray> {
    for (let tries = 0; tries < 300; tries += 1) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the terminal did not say ${String(pattern)}: ${this.#output.slice(-300)}`);
  }
}
