// Judges one cut: the disk is mounted, a new gateway is started on it beside terminals that remember
// what they did, and both must tell the story that the tills were told.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { OperationEvent } from '../../app/src/domain/event.ts';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { ledgerFolder } from '../../app/src/storage/data-folder.ts';
import { exportEvents } from '../../app/src/storage/ledger/export.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { run } from '../../image/run.ts';
import { Prng } from '../kit/prng.ts';
import type { Body } from '../process/programs.ts';
import { type Asked, type Book, toldFinal, wasRefused } from './book.ts';
import type { Remains } from './disk.ts';
import { type Call, type PowerGateway, startPowerGateway } from './gateway.ts';
import {
  type Before,
  booksAgree,
  durableBeforeDangerous,
  nothingLost,
  type Operations,
  type Phase,
  phaseOf,
  settingsKept,
  type Truths,
} from './rules.ts';
import { openTerminals, TERMINALS, truthOf } from './terminals.ts';

export interface Job {
  readonly cut: number;
  readonly seed: number;
  /** By the clock that the gateway writes down. */
  readonly at: number;
  readonly remains: Remains;
  readonly image: string;
  readonly journals: string;
  readonly ports: readonly number[];
  readonly bundle: string;
  readonly key: string;
  readonly book: Book;
}

export interface Verdict {
  readonly cut: number;
  readonly remains: Remains;
  readonly phases: readonly Phase[];
  readonly findings: readonly string[];
  /** Left to a person, by the code that says why. */
  readonly persons: readonly string[];
  readonly operations: number;
  readonly ms: number;
}

type Seen = Pick<Verdict, 'phases' | 'persons' | 'operations'>;

/** Recovery looks at once when a link is ready, and a second time after a second. */
const RECOVERY_MS = 30_000;
const RESENT_FINALS = 3;

/** `room` is the judge's own; on findings the disk and all about it go into `kept`. */
export async function judge(job: Job, room: string, kept: string): Promise<Verdict> {
  const began = performance.now();
  const folder = join(room, 'data');
  mkdirSync(folder, { recursive: true });
  const findings: string[] = [];
  let seen: Seen = { phases: [], persons: [], operations: 0 };
  let log: readonly string[] = [];
  run('mount', ['-o', 'loop,noatime', job.image, folder]);
  try {
    const truths = allTruths(job.journals);
    const terminals = await openTerminals(job.journals, job.ports);
    let gateway: PowerGateway | null = null;
    try {
      gateway = await startPowerGateway(job.bundle, folder, job.key);
      seen = await examine(job, folder, truths, gateway.call, findings);
    } finally {
      log = gateway?.program.lines ?? [];
      await gateway?.program.kill();
      await terminals.close();
    }
    findings.push(...wholeness(folder));
  } catch (error) {
    findings.push(`the gateway could not be judged: ${String(error)}`);
  } finally {
    run('umount', [folder]);
  }
  findings.push(...fileSystemFaults(job.image));
  if (findings.length > 0) keep(job, kept, findings, log);
  rmSync(job.image);
  rmSync(job.journals, { recursive: true });
  const { cut, remains } = job;
  return { cut, remains, findings, ...seen, ms: performance.now() - began };
}

async function examine(
  job: Job,
  folder: string,
  truths: Truths,
  call: Call,
  findings: string[],
): Promise<Seen> {
  const { book } = job;
  const operations = await recovered(call);
  const before = eventsBefore(folder, job.at);
  const phases = book.operations.flatMap((asked) => phaseOf(asked, before, truths) ?? []);
  const unresolved = [...operations.values()].filter(({ final }) => final !== true);
  findings.push(
    ...nothingLost(book, operations),
    ...durableBeforeDangerous(book, before, truths),
    ...booksAgree(book, operations, allTruths(job.journals)),
    ...(await settingsFindings(book, call)),
  );
  for (const operation of unresolved) findings.push(...(await gateAndPerson(job, operation, call)));
  findings.push(...(await sendAgain(job, operations, call)));
  const after = await recovered(call);
  findings.push(
    ...nothingLost(book, after),
    ...booksAgree(book, after, allTruths(job.journals)),
    ...auditFindings(folder, book),
  );
  const persons = unresolved.map(({ message }) => String(message.code));
  return { phases, persons, operations: operations.size };
}

/** All operations once each is final, or recovery has said that it cannot decide. */
async function recovered(call: Call): Promise<Operations> {
  const deadline = Date.now() + RECOVERY_MS;
  for (;;) {
    const operations = await allOperations(call);
    const open = [...operations.values()].filter(
      ({ final, state, message }) =>
        final !== true && !(state === 'unknown' && String(message.code).startsWith('evidence-')),
    );
    if (open.length === 0) return operations;
    if (Date.now() > deadline) {
      throw new Error(`recovery has no end: ${JSON.stringify(open.slice(0, 3))}`);
    }
    await sleep(50);
  }
}

async function allOperations(call: Call): Promise<Operations> {
  const operations = new Map<string, Body>();
  let cursor = '';
  do {
    const { status, body } = await call('GET', `/v1/operations?limit=500${cursor}`);
    if (status !== 200) throw new Error(`the list was answered with ${status}`);
    for (const operation of body.operations) operations.set(operation.id, operation);
    cursor = body.next === null ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  return operations;
}

function allTruths(journals: string): Truths {
  return new Map(TERMINALS.map((terminal) => [terminal, truthOf(journals, terminal)]));
}

function eventsBefore(folder: string, at: number): Before {
  const database = openForReading(ledgerFolder(folder));
  try {
    const before = new Map<string, OperationEvent['kind'][]>();
    for (const { operation, event } of exportEvents(database, 0, at + 1)) {
      before.set(operation, [...(before.get(operation) ?? []), event.kind]);
    }
    return before;
  } finally {
    database.close();
  }
}

/** Money rules, 6: nothing new until a person has decided; then the terminal is free again. */
async function gateAndPerson(job: Job, operation: Body, call: Call): Promise<string[]> {
  const { id, terminal, kind } = operation;
  const sale = { kind: 'purchase', terminal, amount: 1_000_000 + job.cut };
  const gated = await call('PUT', `/v1/operations/gate-${id}`, sale);
  const findings =
    gated.status === 409 && gated.body.code === 'terminal-unresolved'
      ? []
      : [`the gate of ${terminal} is open, ${id} is unknown: ${gated.status}`];
  const verdict = { verdict: 'failed', name: 'Olena Koval', reason: 'no slip' };
  const resolved = await call('POST', `/v1/operations/${id}/resolve`, verdict);
  if (resolved.status !== 200) {
    findings.push(`a person could not end the ${kind} ${id}: ${JSON.stringify(resolved)}`);
  }
  return findings;
}

/** Tills that have no result ask again, as they must; some that have one do, too. */
async function sendAgain(job: Job, operations: Operations, call: Call): Promise<string[]> {
  const chance = new Prng(job.seed + job.cut);
  const asked = job.book.operations.filter((one) => !wasRefused(one));
  const open = asked.filter((one) => !toldFinal(one));
  const finals = asked.filter(toldFinal);
  const again = [...open, ...finals.slice(-RESENT_FINALS)];
  const answers = await Promise.all(again.map((one) => sendOneAgain(one, operations, call)));
  const known = asked.filter(({ id, body }) => operations.has(id) && body['amount'] !== undefined);
  if (known.length === 0) return answers.flat();
  const { id, body } = chance.pick(known);
  const other = { ...body, amount: Number(body['amount']) + 1 };
  const reused = await call('PUT', `/v1/operations/${id}`, other);
  return reused.status === 409 && reused.body.code === 'id-reused'
    ? answers.flat()
    : [...answers.flat(), `${id} with another sum was answered with ${reused.status}`];
}

async function sendOneAgain(asked: Asked, operations: Operations, call: Call): Promise<string[]> {
  const { status, body } = await call('PUT', `/v1/operations/${asked.id}?wait=20`, asked.body);
  const found = operations.get(asked.id);
  if (status !== 200) return [`${asked.id}, sent again, was answered with ${status}`];
  if (found?.final !== true || isDeepStrictEqual(body, found)) return [];
  // A void that was sent again beside it takes it back.
  if (found.state === 'approved' && body.state === 'reversed') return [];
  return [`${asked.id}, sent again, has changed: ${JSON.stringify(body)}`];
}

async function settingsFindings(book: Book, call: Call): Promise<string[]> {
  const [settings, keys] = [await call('GET', '/v1/settings'), await call('GET', '/v1/keys')];
  const findings = settingsKept(book, settings.body.shop.name, keys.body.keys);
  const newest = book.keys.findLast(({ secret, removal }) => secret !== null && removal === 'none');
  if (typeof newest?.secret === 'string') {
    const { status } = await call('GET', '/v1/terminals', undefined, newest.secret);
    if (status !== 200) findings.push(`lost key: ${newest.name} is answered with ${status}`);
  }
  const removed = book.keys.findLast(({ removal }) => removal === 'done');
  if (typeof removed?.secret === 'string') {
    const { status } = await call('GET', '/v1/terminals', undefined, removed.secret);
    if (status !== 401) findings.push(`lost removal: ${removed.name} is answered with ${status}`);
  }
  return findings;
}

/** Every act that was answered stands in the audit, and its chain is whole. */
function auditFindings(folder: string, book: Book): string[] {
  const accounts = openAccounts(folder);
  try {
    const { audit } = accounts;
    const whole = audit.verify();
    if (whole.kind === 'broken') return [`the audit is broken at ${whole.seq}`];
    const entries = audit.entries({ limit: 1_000_000 });
    const acts = (act: string): number => entries.filter((entry) => entry.act === act).length;
    const told = {
      'settings-change': book.name.told,
      'key-add': book.keys.filter(({ secret }) => secret !== null).length,
      'key-revoke': book.keys.filter(({ removal }) => removal === 'done').length,
    };
    return Object.entries(told)
      .filter(([act, count]) => acts(act) < count)
      .map(([act, count]) => `lost in the audit: ${act} was answered ${count} times`);
  } finally {
    accounts.close();
  }
}

function wholeness(folder: string): string[] {
  const database = openForReading(ledgerFolder(folder));
  try {
    const { broken } = verifyLedger(database);
    return broken === null ? [] : [`the ledger is broken at ${broken.seq}: ${broken.reason}`];
  } finally {
    database.close();
  }
}

/** After its journal was replayed by the mount. */
function fileSystemFaults(image: string): string[] {
  try {
    run('e2fsck', ['-fn', image]);
    return [];
  } catch (error) {
    return [`the file system is damaged: ${String(error)}`];
  }
}

function keep(job: Job, kept: string, findings: readonly string[], log: readonly string[]): void {
  const folder = join(kept, `cut-${job.cut}`);
  mkdirSync(folder, { recursive: true });
  run('cp', ['--sparse=always', job.image, join(folder, 'disk')]);
  for (const terminal of TERMINALS) {
    const name = `${terminal}.journal`;
    copyFileSync(join(job.journals, name), join(folder, name));
  }
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job, null, 1));
  writeFileSync(join(folder, 'findings.txt'), [...findings, '', ...log].join('\n'));
}
