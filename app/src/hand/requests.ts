// A request of the gateway: one line of JSON, checked again on this side of the door.
import { z } from 'zod';
import { TIME_SERVERS_MAX } from '../domain/limits.ts';
import type { HandVerb, HandVerbs } from '../ports/machine-hand.ts';

const text = (max: number) => z.string().max(max);

const planSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dhcp') }),
  z.strictObject({
    kind: z.literal('fixed'),
    link: text(15),
    address: text(64),
    gateway: text(64),
    dns: text(64),
  }),
]);

const nothing = z.strictObject({});

/** What each verb takes; what a value means is checked by the verb itself. */
const ASKS: { readonly [V in HandVerb]: z.ZodType<HandVerbs[V]['ask']> } = {
  network: nothing,
  'network-try': z.strictObject({ plan: planSchema }),
  'network-keep': z.strictObject({ reached: text(64) }),
  'network-back': nothing,
  name: z.strictObject({ name: text(63) }),
  time: nothing,
  'time-set': z.strictObject({ at: z.int() }),
  'time-trust': nothing,
  'time-zone': z.strictObject({ zone: text(64) }),
  'time-servers': z.strictObject({ servers: z.array(text(253)).max(TIME_SERVERS_MAX) }),
  updates: nothing,
  'update-install': nothing,
  'update-watch': nothing,
  'slot-switch': nothing,
  power: z.strictObject({
    act: z.enum(['restart-gateway', 'restart', 'power-off']),
    unresolved: z.array(text(64)).max(100),
  }),
  units: nothing,
};

export type HandRequest = {
  [V in HandVerb]: { readonly verb: V; readonly ask: HandVerbs[V]['ask'] };
}[HandVerb];

/** Null where the line is no request of this version. */
export function parseRequest(line: string): HandRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const outer = z.strictObject({ verb: z.string(), ask: z.unknown() }).safeParse(value);
  if (!outer.success || !Object.hasOwn(ASKS, outer.data.verb)) return null;
  const verb = outer.data.verb as HandVerb; // the line above asked
  const ask = ASKS[verb].safeParse(outer.data.ask);
  return ask.success ? ({ verb, ask: ask.data } as HandRequest) : null; // by the table above
}
