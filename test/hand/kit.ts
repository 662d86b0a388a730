// A machine for the hand's tests: folders that go away, a clock that the test turns, and programs
// that only note how they were called.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HandMachine } from '../../app/src/hand/machine.ts';
import { parseRequest } from '../../app/src/hand/requests.ts';
import { type Hand, openHand } from '../../app/src/hand/verbs.ts';
import type { Handed, HandVerb, HandVerbs } from '../../app/src/ports/machine-hand.ts';
import type { RunCommand } from '../../app/src/system/commands.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';

export interface Bench {
  readonly machine: HandMachine;
  readonly clock: FakeClock;
  /** `program argument argument`, in their order. */
  readonly ran: string[];
  /** What a program answers; by the beginning of its line. */
  readonly answers: Map<string, { ok: boolean; text: string }>;
  /** Called instead, where the beginning of the line fits. */
  readonly acts: Map<string, (...given: Parameters<RunCommand>) => ReturnType<RunCommand>>;
  readonly hand: () => Promise<Hand>;
}

export const LINKS = 'lo UNKNOWN 00:00\nenp1s0 UP 52:54:00:12:34:56\n';

/** `gatewayFolder`: the data of a gateway that runs; an empty folder unless given. */
export function benchFor(t: TestContext, gatewayFolder?: string): Bench {
  const root = mkdtempSync(join(tmpdir(), 'tillgate-hand-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const clock = new FakeClock();
  const ran: string[] = [];
  const answers: Bench['answers'] = new Map([['ip -brief link', { ok: true, text: LINKS }]]);
  const acts: Bench['acts'] = new Map();
  const run: RunCommand = async (program, args, options) => {
    const line = [program, ...args].join(' ');
    ran.push(line);
    for (const [start, act] of acts) {
      if (line.startsWith(start)) return act(program, args, options);
    }
    const answer = [...answers].find(([start]) => line.startsWith(start))?.[1];
    return answer ?? { ok: true, text: '' };
  };
  const log = new QuietLog();
  const gateway = gatewayFolder ?? folder('gateway');
  const zones = folder('zones');
  mkdirSync(join(zones, 'Europe'));
  writeFileSync(join(zones, 'Europe', 'Kyiv'), 'TZif');
  const commandLine = join(root, 'cmdline');
  const environment = join(root, 'grubenv');
  writeFileSync(commandLine, 'quiet rauc.slot=A\n');
  writeFileSync(environment, 'ORDER=A B\nCONFIRMED=A\n');
  const machine: HandMachine = {
    clock,
    log,
    run,
    folders: {
      gateway,
      state: folder('system'),
      networkRuntime: join(root, 'run-network'),
      timeRuntime: join(root, 'run-time'),
      clockMark: join(root, 'timesync', 'synchronized'),
      spool: folder('spool'),
      taken: join(root, 'taken'),
      runtime: join(root, 'run'),
      zones,
      localTime: join(root, 'localtime'),
      resolvers: join(root, 'resolv.conf'),
    },
    boot: { commandLine, environment, machineId: join(root, 'machine-id') },
    version: '0.1.0',
    hostName: () => 'tillgate',
    update: {
      dataFolder: gateway,
      snapshotFile: join(root, 'system', 'before-update.json'),
      // Nobody listens on it.
      port: 1,
      clock,
      run,
      say: () => undefined,
    },
  };
  return { machine, clock, ran, answers, acts, hand: () => openHand(machine) };
}

/** As the gateway would ask: through the schema of requests. */
export async function ask<V extends HandVerb>(
  hand: Hand,
  verb: V,
  parameters: HandVerbs[V]['ask'],
): Promise<Handed<HandVerbs[V]['answer']>> {
  const request = parseRequest(JSON.stringify({ verb, ask: parameters }));
  if (request === null) throw new Error(`no request: ${verb}`);
  const asking = { tell: () => undefined, gone: new AbortController().signal };
  return (await hand.perform(request, asking)) as Handed<HandVerbs[V]['answer']>;
}
