// Every verb as a table: what is asked, what is done, what is answered.
import { TIME_SERVERS_MAX } from '../domain/limits.ts';
import type { Handed, HandVerb, HandVerbs, UpdateProgress } from '../ports/machine-hand.ts';
import { done, ofCommand, refused } from './answers.ts';
import {
  confirmTime,
  isPossibleTime,
  isTimeServer,
  isZone,
  setServers,
  setTime,
  setZone,
  timeState,
} from './clock-setting.ts';
import { isHostName, rename } from './host-name.ts';
import type { HandMachine } from './machine.ts';
import { Network } from './network.ts';
import { runningForbid } from './open-payments.ts';
import { power, units } from './power.ts';
import type { HandRequest } from './requests.ts';
import { openUpdates } from './updates.ts';

export interface Asking {
  readonly tell: (progress: UpdateProgress) => void;
  /** The asker is gone. */
  readonly gone: AbortSignal;
}

export interface Hand {
  perform(request: HandRequest, asking: Asking): Promise<Handed<unknown>>;
  /** Something goes on that would be lost with this process. */
  busy(): boolean;
}

type Verbs = {
  readonly [V in HandVerb]: (
    ask: HandVerbs[V]['ask'],
    asking: Asking,
  ) => Promise<Handed<HandVerbs[V]['answer']>>;
};

export async function openHand(machine: HandMachine): Promise<Hand> {
  const { run, folders, log } = machine;
  const network = new Network(machine);
  await network.recover();
  const updates = await openUpdates(machine);
  const verbs: Verbs = {
    network: async () => done(await network.state()),
    'network-try': ({ plan }) => network.tryPlan(plan),
    'network-keep': ({ reached }) => network.keep(reached),
    'network-back': async () => network.back(),
    name: async ({ name }) => {
      if (!isHostName(name)) return refused({ code: 'invalid', field: 'name' });
      return ofCommand(await rename(machine, name));
    },
    time: async () => done(await timeState(machine)),
    'time-set': async ({ at }) => {
      if (!isPossibleTime(at)) return refused({ code: 'invalid', field: 'at' });
      // Evidence compares times; a clock that jumps in the middle of a payment spoils it.
      const forbidden = runningForbid(folders.gateway);
      if (forbidden !== null) return refused(forbidden);
      return ofCommand(await setTime(machine, `@${(at / 1_000).toFixed(3)}`));
    },
    'time-trust': async () => {
      await confirmTime(machine);
      return done(null);
    },
    'time-zone': async ({ zone }) => {
      if (!isZone(zone, folders.zones)) return refused({ code: 'invalid', field: 'zone' });
      return ofCommand(await setZone(machine, zone, folders));
    },
    'time-servers': async ({ servers }) => {
      if (servers.length > TIME_SERVERS_MAX || !servers.every(isTimeServer)) {
        return refused({ code: 'invalid', field: 'servers' });
      }
      return ofCommand(await setServers(machine, servers));
    },
    updates: async () => done(await updates.state()),
    'update-install': () => updates.install(),
    'update-watch': async (_ask, { tell, gone }) => {
      await updates.watch(tell, gone);
      return done(null);
    },
    'slot-switch': () => updates.switchSlot(),
    power: async ({ act, unresolved }) =>
      updates.installing() ? refused({ code: 'busy' }) : power(machine, act, unresolved),
    units: async () => done(await units(run)),
  };
  return {
    busy: () => network.trying() || updates.installing(),
    perform: async ({ verb, ask }, asking) => {
      try {
        // The schema of the verb made `ask`.
        return await (verbs[verb] as (ask: unknown, asking: Asking) => Promise<Handed<unknown>>)(
          ask,
          asking,
        );
      } catch (error) {
        log.error('verb-failed', { verb }, error);
        return refused({
          code: 'failed',
          detail: error instanceof Error ? error.message : String(error),
        });
      }
    },
  };
}
