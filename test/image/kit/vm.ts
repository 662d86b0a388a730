// A virtual machine without KVM, driven over its serial port as a person would do it.
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshVariables, TRANSCRIPTS, WORK } from './places.ts';

/** A start takes a minute on a quiet machine, three times that beside other work. */
export const BOOT_MS = 420_000;
const COMMAND_MS = 120_000;

/** How the disk hangs in the machine, and which network card it has: shops have them all. */
export type Bus = 'virtio' | 'scsi' | 'sata' | 'nvme' | 'usb';

const DISKS: Readonly<Record<Bus, readonly string[]>> = {
  virtio: ['-device', 'virtio-blk-pci,drive=disk,bootindex=0'],
  scsi: ['-device', 'virtio-scsi-pci', '-device', 'scsi-hd,drive=disk,bootindex=0'],
  sata: ['-device', 'ide-hd,drive=disk,bus=ide.0,bootindex=0'],
  nvme: ['-device', 'nvme,drive=disk,serial=1,bootindex=0'],
  usb: [
    '-device',
    'qemu-xhci,id=ports',
    '-device',
    'usb-storage,bus=ports.0,drive=disk,bootindex=0',
  ],
};

export interface VmOptions {
  readonly disk: string;
  readonly bus?: Bus;
  readonly card?: 'virtio-net-pci' | 'e1000' | 'e1000e';
  readonly firmware?: 'bios' | 'uefi';
  /** Host port → guest port. */
  readonly forward?: Readonly<Record<number, number>>;
  readonly extra?: readonly string[];
  readonly network?: boolean;
  /** False: the kernel has to make do with its own. */
  readonly watchdog?: boolean;
  /** The machine is ended after this, whatever happens. */
  readonly lifeSeconds?: number;
}

// oxlint-disable-next-line no-control-regex -- escape sequences of a terminal are control characters
const ESCAPES = /\u001B\[[?0-9;]*[A-Za-z]|\u001B[()][A-Z0-9]|\r/g;

export class Vm {
  readonly name: string;
  readonly #transcript: string;
  readonly #pidFile: string;
  readonly #child: ChildProcess;
  /** What came and was not expected yet. */
  #fresh = '';
  #ended = false;
  #marks = 0;
  readonly #wakers = new Set<() => void>();

  constructor(name: string, options: VmOptions) {
    this.name = name;
    this.#transcript = join(TRANSCRIPTS, `${name}.log`);
    this.#pidFile = join(WORK, `${name}.pid`);
    rmSync(this.#pidFile, { force: true });
    writeFileSync(this.#transcript, `===== ${new Date().toISOString()}\n`);
    const life = String(options.lifeSeconds ?? 1_500);
    // Whatever ends this test, however it ends it, ends the machine too.
    const bound = ['--pdeathsig', 'KILL'];
    const args = [
      ...bound,
      'timeout',
      '--kill-after=10',
      life,
      'setpriv',
      ...bound,
      'nice',
      '-n',
      '5',
    ];
    this.#child = spawn('setpriv', [...args, ...this.#qemu(options)], { stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => this.#take(text));
    }
    this.#child.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Processor time that the machine has taken; a busy host distorts it less than the clock. */
  processorMs(): number {
    const pid = readFileSync(this.#pidFile, 'utf8').trim();
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // SPEC proc(5): utime and stime, in ticks of 10 ms.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Waits for a pattern in what came since the last expectation; returns its match. */
  async expect(pattern: RegExp, timeoutMs: number = COMMAND_MS): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.#fresh);
      if (match !== null) {
        this.#fresh = this.#fresh.slice(match.index + match[0].length);
        return match;
      }
      const left = deadline - Date.now();
      if (left <= 0 || this.#ended) {
        const tail = this.#fresh.slice(-1_500);
        throw new Error(
          `${this.name}: ${this.#ended ? 'ended' : 'timed out'} before ${String(pattern)}; last:\n${tail}`,
        );
      }
      await this.#more(Math.min(left, 1_000));
    }
  }

  type(text: string): void {
    this.#child.stdin?.write(`${text}\r`);
  }

  /** A command in a root shell; resolves with its output, rejects where its exit code is not 0. */
  async run(command: string, timeoutMs: number = COMMAND_MS): Promise<string> {
    this.#marks += 1;
    const mark = `M${this.#marks}`;
    // The mark is split so that the echo of the command line does not match.
    this.type(`{ ${command}\n}; echo "<""${mark} $?>"`);
    const match = await this.expect(new RegExp(`([\\s\\S]*?)<${mark} (\\d+)>`), timeoutMs);
    const output = (match[1] ?? '').split('\n').slice(1).join('\n');
    if (match[2] !== '0') throw new Error(`${command} ended with ${match[2]}:\n${output}`);
    return output.replace(/^> .*\n/gm, '').trim();
  }

  /** As a power cut: the process that is the machine is gone. */
  async cutPower(): Promise<void> {
    if (existsSync(this.#pidFile)) {
      try {
        process.kill(Number(readFileSync(this.#pidFile, 'utf8')), 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // already gone
      }
    }
    await this.waitEnd(20_000);
  }

  async waitEnd(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.#ended) {
      if (Date.now() > deadline) throw new Error(`${this.name} did not end`);
      await this.#more(500);
    }
  }

  #qemu(options: VmOptions): string[] {
    const forwards = Object.entries(options.forward ?? {}).map(
      ([host, guest]) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`,
    );
    const restrict = options.network === false ? ',restrict=on' : '';
    const firmware =
      options.firmware === 'uefi'
        ? [
            '-drive',
            `if=pflash,unit=0,format=raw,readonly=on,file=${uefiCode()}`,
            '-drive',
            `if=pflash,unit=1,format=raw,file=${freshVariables(this.name)}`,
          ]
        : [];
    return [
      'qemu-system-x86_64',
      '-accel',
      'tcg',
      '-smp',
      '1',
      '-M',
      'q35',
      '-m',
      '1024',
      '-nodefaults',
      '-vga',
      'std',
      '-display',
      'none',
      '-pidfile',
      this.#pidFile,
      ...(options.watchdog === false ? [] : ['-device', 'i6300esb', '-action', 'watchdog=reset']),
      ...firmware,
      '-drive',
      `if=none,id=disk,format=raw,file=${options.disk}`,
      ...DISKS[options.bus ?? 'virtio'],
      '-nic',
      `user,model=${options.card ?? 'virtio-net-pci'}${restrict}${forwards.join('')}`,
      ...(options.extra ?? []),
      '-monitor',
      'none',
      '-serial',
      'stdio',
    ];
  }

  #take(text: string): void {
    appendFileSync(this.#transcript, text);
    this.#fresh = (this.#fresh + text.replace(ESCAPES, '')).slice(-400_000);
    this.#wake();
  }

  #wake(): void {
    for (const waker of this.#wakers) waker();
  }

  #more(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#wakers.add(done);
    });
  }
}

function uefiCode(): string {
  const found = ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_CODE.fd'].find((path) =>
    existsSync(path),
  );
  if (found === undefined) throw new Error('OVMF is not installed; run image/setup-host');
  return found;
}
