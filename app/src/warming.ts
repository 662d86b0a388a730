// What the first payment of a process would have to wait for: data of the time zone, schemas that
// compile themselves at their first use, a library. All of it is made once nobody waits for the box
// any more, a piece a turn. Nothing here reaches a terminal, and nothing is written.
import { get } from 'node:http';
import { localDate } from './domain/days.ts';
import { operationId } from './domain/ids.ts';
import { WARMING_AFTER_MS, WARMING_PAUSE_MS, WARMING_WAIT_MS } from './domain/limits.ts';
import { REQUEST_EXAMPLE } from './http/rest/examples.ts';
import { WATCHER } from './http/rest/machines.ts';
import { waitQuery } from './http/rest/operations.ts';
import { operationPath } from './http/rest/schemas.ts';
import { parseStrictJson } from './http/strict-json.ts';
import { nearHost } from './nexo.ts';
import type { Gateway } from './operations/gateway.ts';
import { bodyHash, operationBodySchema } from './operations/request-schema.ts';
import type { Settings } from './operations/settings-schema.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { SettingsStore } from './ports/settings-store.ts';
import { instantOf } from './terminals/wire/local-time.ts';
import { prepareXml } from './xml/read.ts';

export interface WarmingParts {
  /** Only what reads. */
  readonly gateway: Pick<Gateway, 'find' | 'list'>;
  /** Whether its thread lives; writes nothing. */
  readonly pingLedger: (signal: AbortSignal) => Promise<void>;
  readonly settings: Pick<SettingsStore<Settings>, 'current'>;
  /** Where our own plain HTTP listens. */
  readonly door: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly log: Log;
}

type Step = readonly [name: string, run: () => unknown];

/** Begins a moment after the box is ready; what it returns ends it. */
export function warmUp(parts: WarmingParts): () => void {
  const end = new AbortController();
  void warmAll(parts, end.signal);
  return () => end.abort();
}

async function warmAll(parts: WarmingParts, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts;
  try {
    await clock.sleep(WARMING_AFTER_MS, signal);
    for (const step of stepsOf(parts)) {
      await warm(step, clock, log);
      await clock.sleep(WARMING_PAUSE_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Whatever goes wrong here goes wrong again where it matters, and is told there. */
async function warm([name, run]: Step, clock: Clock, log: Log): Promise<void> {
  const began = clock.monotonic();
  try {
    await run();
    log.debug('warmed', { name, ms: Math.round(clock.monotonic() - began) });
  } catch (error) {
    log.warn('not-warmed', {
      name,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

function stepsOf({ gateway, pingLedger, settings, clock, door }: WarmingParts): readonly Step[] {
  const { shop } = settings.current();
  return [
    ['local time of a terminal', () => instantOf(TERMINAL_TIME, shop.timeZone)],
    ['local time of the shop', () => localDate(clock.now(), shop.timeZone)],
    ['door', () => knock(door)],
    ['request', readExample],
    ['ledger', () => [gateway.find(WATCHER, NO_OPERATION), gateway.list(WATCHER, { limit: 1 })]],
    ['thread of the ledger', () => pingLedger(AbortSignal.timeout(WARMING_WAIT_MS))],
    ...(readsXml(settings.current()) ? [XML] : []),
  ];
}

/** From bytes to the hash that names it: what a till's request goes through. */
function readExample(): string {
  const parsed = parseStrictJson(Buffer.from(JSON.stringify(REQUEST_EXAMPLE)));
  if (parsed.kind === 'fault') throw new Error(parsed.detail);
  operationPath.parse({ id: NO_OPERATION });
  waitQuery.parse({ wait: '20' });
  return bodyHash(operationBodySchema.parse(parsed.value));
}

/** A till without a key, which is told so: all that a request passes before anything of it is read. */
function knock({ host, port }: WarmingParts['door']): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = `/v1/operations/${NO_OPERATION}`;
    const to = { host: nearHost(host), port, path, agent: false, timeout: WARMING_WAIT_MS };
    const asked = get(to, (response) => {
      response.resume();
      response.once('close', resolve);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', reject);
  });
}

const TERMINAL_TIME = { year: 2026, month: 1, day: 5, hour: 12, minute: 0, second: 13 } as const;
const NO_OPERATION = operationId('warming');
const XML: Step = ['XML', prepareXml];

/** A megabyte of WebAssembly, which a shop without 1C and nexo tills never needs. */
function readsXml({ soap, registration, nexo }: Settings): boolean {
  const called = soap.defaultTerminal !== undefined || soap.publicAddress !== undefined;
  return (soap.enabled && called) || registration.enabled || nexo.facade.enabled;
}
