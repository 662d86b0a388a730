// The network as it is, and other settings on trial: they come back by themselves unless somebody
// reaches the box with them and says so.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HAND_GRACE_MS, NETWORK_TRIAL_MS } from '../domain/limits.ts';
import type { Handed, NetworkLink, NetworkPlan, NetworkState } from '../ports/machine-hand.ts';
import { isSystemError } from '../storage/data-folder.ts';
import type { RunCommand } from '../system/commands.ts';
import { done, refused } from './answers.ts';
import type { HandMachine } from './machine.ts';
import {
  fileInForce,
  fixedFault,
  fixedNetwork,
  planOf,
  putInForce,
  store,
  storedFile,
  TRIAL_FILE,
  wiredLinks,
} from './network-files.ts';
import { runningForbid } from './open-payments.ts';

const trialSchema = z.object({ before: z.string().nullable() });

interface Trial {
  readonly plan: NetworkPlan;
  readonly text: string | null;
  /** What was in force, as a file; null = DHCP. */
  readonly before: string | null;
  /** On the monotonic clock: the wall clock may jump meanwhile. */
  readonly until: number;
  readonly cancels: readonly (() => void)[];
}

/**
 * INVARIANTS
 * - What is tried is in force only: a restart of the box has the stored settings again.
 * - What was in force before lies in the runtime folder during a trial: a hand that died in the
 *   middle puts it back when it starts.
 */
export class Network {
  readonly #machine: HandMachine;
  readonly #file: string;
  #trial: Trial | null = null;
  #ended: NetworkState['ended'] = null;

  constructor(machine: HandMachine) {
    this.#machine = machine;
    this.#file = join(machine.folders.runtime, TRIAL_FILE);
  }

  /** Before anything else: takes back what an earlier hand left on trial. */
  async recover(): Promise<void> {
    if (!existsSync(this.#file)) return;
    this.#machine.log.warn('network-trial-cut');
    await putInForce(this.#machine, await beforeOf(this.#file));
    await rm(this.#file, { force: true });
    this.#ended = 'returned';
  }

  trying(): boolean {
    return this.#trial !== null;
  }

  async state(): Promise<NetworkState> {
    const read = await readNetwork(this.#machine);
    const trial = this.#trial;
    const left = (until: number): number =>
      Math.max(0, Math.round(until - this.#machine.clock.monotonic()));
    return {
      ...read,
      trial: trial === null ? null : { plan: trial.plan, leftMs: left(trial.until) },
      ended: this.#ended,
    };
  }

  async tryPlan(plan: NetworkPlan): Promise<Handed<{ leftMs: number }>> {
    const { clock, folders } = this.#machine;
    if (this.#trial !== null) return refused({ code: 'busy' });
    const fault = await planFault(this.#machine, plan);
    if (fault !== null) return refused({ code: 'invalid', field: fault });
    const forbidden = runningForbid(folders.gateway);
    if (forbidden !== null) return refused(forbidden);
    const before = await fileInForce(this.#machine);
    await mkdir(folders.runtime, { recursive: true });
    await writeFile(this.#file, JSON.stringify({ before }), { mode: 0o600 });
    // Another one may have come while the file was written.
    if (this.trying()) return refused({ code: 'busy' });
    const leftMs = HAND_GRACE_MS + NETWORK_TRIAL_MS;
    const trial: Trial = {
      plan,
      text: plan.kind === 'dhcp' ? null : fixedNetwork(plan),
      before,
      until: clock.monotonic() + leftMs,
      cancels: [
        clock.after(HAND_GRACE_MS, () => this.#guarded(this.#apply(trial))),
        clock.after(leftMs, () => this.#guarded(this.#takeBack(trial))),
      ],
    };
    this.#trial = trial;
    return done({ leftMs });
  }

  async keep(reached: string): Promise<Handed<null>> {
    const trial = this.#trial;
    if (trial === null) return refused({ code: 'nothing' });
    // Who still reaches the box by the old address has proved nothing.
    if (!proves(trial.plan, reached)) return refused({ code: 'invalid', field: 'reached' });
    // From here on nothing takes it back.
    this.#end(trial);
    await store(this.#machine, trial.text);
    this.#ended = 'kept';
    await rm(this.#file, { force: true });
    this.#machine.log.info('network-kept', { kind: trial.plan.kind });
    return done(null);
  }

  back(): Handed<null> {
    const trial = this.#trial;
    if (trial === null) return refused({ code: 'nothing' });
    // The answer goes by the network that ends.
    this.#machine.clock.after(HAND_GRACE_MS, () => this.#guarded(this.#takeBack(trial)));
    return done(null);
  }

  async #apply(trial: Trial): Promise<void> {
    if (this.#trial !== trial) return;
    const put = await putInForce(this.#machine, trial.text);
    this.#machine.log.info('network-tried', { ok: put.ok });
    if (!put.ok) await this.#takeBack(trial);
  }

  async #takeBack(trial: Trial): Promise<void> {
    if (this.#trial !== trial) return;
    this.#end(trial);
    // Without the file somebody at the console has decided meanwhile.
    if (!existsSync(this.#file)) return;
    this.#ended = 'returned';
    const result = await putInForce(this.#machine, trial.before);
    await rm(this.#file, { force: true });
    this.#machine.log.warn('network-returned', { ok: result.ok });
  }

  #end(trial: Trial): void {
    for (const cancel of trial.cancels) cancel();
    this.#trial = null;
  }

  #guarded(work: Promise<void>): void {
    work.catch((error: unknown) => this.#machine.log.error('network-change-failed', {}, error));
  }
}

/** By a fixed address only this one; what DHCP gives is not known before. */
function proves(plan: NetworkPlan, reached: string): boolean {
  if (plan.kind === 'dhcp') return !/^(127\.|::1$)/.test(reached);
  return plainAddress(plan.address.split('/')[0] ?? '') === plainAddress(reached);
}

/** One spelling of an address: `::ffff:10.0.0.1` is `10.0.0.1`. */
function plainAddress(text: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  return text.includes(':') ? new URL(`http://[${text}]/`).hostname : text;
}

async function planFault(machine: HandMachine, plan: NetworkPlan): Promise<string | null> {
  if (plan.kind === 'dhcp') return null;
  const fault = fixedFault(plan);
  if (fault !== null) return fault;
  return (await wiredLinks(machine.run)).includes(plan.link) ? null : 'link';
}

async function beforeOf(path: string): Promise<string | null> {
  const parsed = trialSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  return parsed.success ? parsed.data.before : null;
}

async function readNetwork(machine: HandMachine): Promise<Omit<NetworkState, 'trial' | 'ended'>> {
  return {
    hostName: machine.hostName(),
    links: await linksOf(machine.run),
    gateway: await gatewayOf(machine.run),
    dns: await resolversOf(machine.folders.resolvers),
    plan: planOf(await storedFile(machine)),
  };
}

/** `ip -json address show`; a link-local address of IPv6 helps nobody. */
const addressesSchema = z.array(
  z.object({
    ifname: z.string(),
    operstate: z.string(),
    addr_info: z.array(
      z.object({ local: z.string(), prefixlen: z.int(), scope: z.string(), family: z.string() }),
    ),
  }),
);

async function linksOf(run: RunCommand): Promise<NetworkLink[]> {
  const { text } = await run('ip', ['-json', 'address', 'show']);
  const parsed = addressesSchema.safeParse(jsonOf(text));
  if (!parsed.success) return [];
  return parsed.data
    .filter(({ ifname }) => /^(en|eth)/.test(ifname))
    .map(({ ifname, operstate, addr_info: found }) => ({
      name: ifname,
      up: operstate === 'UP',
      addresses: found
        .filter(({ scope, family }) => scope !== 'link' || family === 'inet')
        .sort((a, b) => a.family.localeCompare(b.family))
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    }));
}

async function gatewayOf(run: RunCommand): Promise<string | null> {
  const { text } = await run('ip', ['-4', 'route', 'show', 'default']);
  return /\bvia (\S+)/.exec(text)?.[1] ?? null;
}

async function resolversOf(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8');
    return [...text.matchAll(/^nameserver (\S+)$/gm)].map((match) => match[1] ?? '');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
