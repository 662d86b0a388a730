// Knocks at the privileged hand: one connection a request, answers bounded and checked.
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import {
  HAND_ANSWER_BYTES_MAX,
  HAND_ANSWER_TIMEOUT_MS,
  UPDATE_BUNDLE_BYTES_MAX,
  UPDATE_SPACE_LEFT_BYTES,
} from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  Handed,
  HandRefusal,
  HandVerb,
  HandVerbs,
  MachineHand,
  NetworkPlan,
  Spooled,
  UpdateProgress,
  UpdateResult,
} from '../ports/machine-hand.ts';

export interface HandClientParts {
  readonly socket: string;
  /** Where uploads lie until the hand takes them. */
  readonly spool: string;
  readonly clock: Clock;
}

/** The hand looks for this name. */
const BUNDLE = 'update.raucb';

export function handClient({ socket, spool, clock }: HandClientParts): MachineHand {
  const bundle = join(spool, BUNDLE);
  const part = `${bundle}.part`;
  // Of a process that ended in the middle of an upload. What hinders this, the next upload tells.
  rm(part, { force: true }).catch(() => undefined);
  return {
    ask: async (verb, parameters) => {
      const answer = await exchange(socket, { verb, ask: parameters }, { clock });
      return answerOf(verb, answer);
    },
    watchUpdate: async (tell, signal) => {
      await exchange(socket, { verb: 'update-watch', ask: {} }, { clock, tell, signal });
    },
    spool: async (bytes, declared) => {
      if ((declared ?? 0) > UPDATE_BUNDLE_BYTES_MAX) return { kind: 'too-large' };
      await mkdir(spool, { recursive: true, mode: 0o700 });
      for (const path of [part, bundle]) await rm(path, { force: true });
      const { bavail, bsize } = await statfs(spool);
      const room = bavail * bsize - UPDATE_SPACE_LEFT_BYTES;
      if ((declared ?? 1) > room) return { kind: 'no-space' };
      let kept: Spooled | null = null;
      try {
        kept = await keep(part, bytes, room);
        if (kept.kind === 'spooled') await rename(part, bundle);
        return kept;
      } finally {
        if (kept?.kind !== 'spooled') await rm(part, { force: true });
      }
    },
    dropSpooled: async () => {
      for (const path of [part, bundle]) await rm(path, { force: true });
    },
  };
}

async function keep(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  room: number,
): Promise<Spooled> {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > UPDATE_BUNDLE_BYTES_MAX) return { kind: 'too-large' };
      if (bytes > room) return { kind: 'no-space' };
      await file.write(chunk);
    }
    await file.sync();
    return { kind: 'spooled', bytes };
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return { kind: 'no-space' };
    // The disk's faults name a system call of ours; a sender that goes away does it while we read.
    if (syscall === undefined || syscall === 'read') return { kind: 'cut' };
    throw error;
  } finally {
    await file.close();
  }
}

type Line = { kind: 'line'; value: unknown } | { kind: 'away'; detail: string };

interface Waiting {
  readonly clock: Clock;
  readonly tell?: (progress: UpdateProgress) => void;
  readonly signal?: AbortSignal;
}

const progressSchema = z.object({
  kind: z.literal('progress'),
  percent: z.number(),
  text: z.string(),
});

/** The last line of the answer. While progress comes the deadline is put off. */
function exchange(path: string, request: object, { clock, tell, signal }: Waiting): Promise<Line> {
  return new Promise((resolve) => {
    const socket = createConnection({ path, allowHalfOpen: false });
    let text = '';
    let cancel: (() => void) | null = null;
    const finish = (line: Line): void => {
      cancel?.();
      signal?.removeEventListener('abort', aborted);
      socket.destroy();
      resolve(line);
    };
    const away = (detail: string): void => finish({ kind: 'away', detail });
    const aborted = (): void => away('nobody waits any more');
    const waitOn = (): void => {
      cancel?.();
      // Between two lines of progress a slow disk may be written for minutes; the watcher decides.
      if (signal === undefined) cancel = clock.after(HAND_ANSWER_TIMEOUT_MS, () => away('timeout'));
    };
    socket.setEncoding('utf8');
    socket.on('error', (error) => away(error.message));
    socket.on('close', () => away('the hand closed the connection'));
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const value = parsed(text.slice(0, end));
        text = text.slice(end + 1);
        const progress = progressSchema.safeParse(value);
        if (!progress.success) return finish({ kind: 'line', value });
        waitOn();
        tell?.({ percent: progress.data.percent, text: progress.data.text });
      }
      if (text.length > HAND_ANSWER_BYTES_MAX) away('the answer is too long');
    });
    if (signal?.aborted === true) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    waitOn();
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

function answerOf<V extends HandVerb>(verb: V, line: Line): Handed<HandVerbs[V]['answer']> {
  if (line.kind === 'away') return line;
  const schema: z.ZodType<HandVerbs[V]['answer']> = ANSWERS[verb];
  const outer = z
    .union([
      z.object({ kind: z.literal('refused'), refusal: refusalSchema }),
      z.object({ kind: z.literal('done'), value: z.unknown() }),
    ])
    .safeParse(line.value);
  if (!outer.success) return { kind: 'away', detail: 'the hand answered something else' };
  if (outer.data.kind === 'refused') return outer.data;
  const value = schema.safeParse(outer.data.value);
  return value.success
    ? { kind: 'done', value: value.data }
    : { kind: 'away', detail: `the hand answered something else to ${verb}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const paymentsSchema = z.array(
  z.object({ id: z.string(), terminal: z.string(), kind: z.string(), state: z.string() }),
);
const refusalSchema: z.ZodType<HandRefusal> = z.discriminatedUnion('code', [
  z.object({ code: z.literal('invalid'), field: z.string() }),
  z.object({ code: z.literal('running'), operations: paymentsSchema }),
  z.object({ code: z.literal('unresolved'), operations: paymentsSchema }),
  z.object({ code: z.literal('ledger-unreadable'), detail: z.string() }),
  z.object({ code: z.literal('busy') }),
  z.object({ code: z.literal('nothing') }),
  z.object({ code: z.literal('failed'), detail: z.string() }),
]);

const planSchema: z.ZodType<NetworkPlan> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dhcp') }),
  z.object({
    kind: z.literal('fixed'),
    link: z.string(),
    address: z.string(),
    gateway: z.string(),
    dns: z.string(),
  }),
]);
const progressValue = z.object({ percent: z.number(), text: z.string() });
const resultSchema: z.ZodType<UpdateResult> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('installed'), version: z.string() }),
  z.object({ kind: z.literal('refused'), count: z.number() }),
  z.object({ kind: z.literal('not-trusted'), detail: z.string() }),
  z.object({ kind: z.literal('too-old'), version: z.string() }),
  z.object({ kind: z.literal('failed'), detail: z.string() }),
]);

const ANSWERS: { readonly [V in HandVerb]: z.ZodType<HandVerbs[V]['answer']> } = {
  network: z.object({
    hostName: z.string(),
    links: z.array(z.object({ name: z.string(), up: z.boolean(), addresses: z.array(z.string()) })),
    gateway: z.string().nullable(),
    dns: z.array(z.string()),
    plan: planSchema,
    trial: z.object({ plan: planSchema, leftMs: z.number() }).nullable(),
    ended: z.enum(['kept', 'returned']).nullable(),
  }),
  'network-try': z.object({ leftMs: z.number() }),
  'network-keep': z.null(),
  'network-back': z.null(),
  name: z.null(),
  time: z.object({
    now: z.number(),
    trusted: z.boolean(),
    zone: z.string().nullable(),
    servers: z.array(z.string()),
    server: z.string().nullable(),
  }),
  'time-set': z.null(),
  'time-trust': z.null(),
  'time-zone': z.null(),
  'time-servers': z.null(),
  updates: z.object({
    slots: z.array(
      z.object({
        name: z.enum(['A', 'B']),
        booted: z.boolean(),
        confirmed: z.boolean(),
        next: z.boolean(),
        version: z.string().nullable(),
        good: z.boolean().nullable(),
      }),
    ),
    bundle: z
      .object({ bytes: z.number(), version: z.string().nullable(), detail: z.string().nullable() })
      .nullable(),
    running: progressValue.nullable(),
    last: z.object({ at: z.number(), result: resultSchema }).nullable(),
  }),
  'update-install': z.null(),
  'update-watch': z.null(),
  'slot-switch': z.null(),
  power: z.null(),
  units: z.array(
    z.object({ name: z.string(), active: z.string(), sub: z.string(), restarts: z.number() }),
  ),
};
