// Time of the box: whether it can be believed, its servers and zone, and setting it by hand.
import { momentOf, parseDate } from '../../../domain/days.ts';
import type { Instant } from '../../../domain/ids.ts';
import type { HandVerb, HandVerbs, MachineHand, TimeState } from '../../../ports/machine-hand.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import {
  handFaults,
  type HandFields,
  type HandPage,
  handRoutes,
  handSilent,
} from './hand-answers.ts';

const PATH = '/admin/system/time';
const PAGE: HandPage = { title: 'timePage', plain: 'plainTime' };
const FIELDS: HandFields = {
  at: ['at', 'badTime'],
  servers: ['servers', 'badServers'],
  zone: ['zone', 'notValid'],
};

export function timeRoutes(services: Services): PageRoute[] {
  const route = handRoutes(services, PATH, PAGE);
  return [
    route('GET', '', (hand, visit) => page(hand, visit, {})),
    route('POST', '/trust', (hand, visit) =>
      perform(hand, visit, { verb: 'time-trust', ask: {}, act: 'time-trust', done: 'timeTrusted' }),
    ),
    route('POST', '/set', async (hand, visit) => {
      const at = instantOf(visit.form.text('at'), visit.zone);
      if (at === null) return page(hand, visit, { at: visit.t.badTime });
      return perform(hand, visit, {
        verb: 'time-set',
        ask: { at },
        act: 'time-set',
        done: 'saved',
      });
    }),
    route('POST', '/servers', (hand, visit) => {
      const servers = visit.form
        .text('servers')
        .split(/[\s,]+/)
        .filter((name) => name !== '');
      const asked = { verb: 'time-servers', ask: { servers } } as const;
      return perform(hand, visit, { ...asked, act: 'time-servers-change', done: 'saved' });
    }),
    route('POST', '/zone', (hand, visit) => {
      const asked = { verb: 'time-zone', ask: { zone: visit.form.text('zone') } } as const;
      return perform(hand, visit, { ...asked, act: 'time-zone-change', done: 'saved' });
    }),
  ];
}

interface Act<V extends HandVerb> {
  readonly verb: V;
  readonly ask: HandVerbs[V]['ask'];
  readonly act: string;
  readonly done: string;
}

async function perform<V extends HandVerb>(
  hand: MachineHand,
  visit: Visit,
  { verb, ask, act, done }: Act<V>,
): Promise<Reply> {
  const before = await hand.ask('time', {});
  const answer = await hand.ask(verb, ask);
  if (answer.kind !== 'done') return page(hand, visit, handFaults(answer, visit, FIELDS));
  const old = before.kind === 'done' ? { ...before.value } : null;
  const after = await hand.ask('time', {});
  visit.audit(act, 'time', old, after.kind === 'done' ? { ...after.value } : { ...ask });
  return see(PATH, done);
}

async function page(hand: MachineHand, visit: Visit, faults: Faults): Promise<Reply> {
  const answer = await hand.ask('time', {});
  if (answer.kind !== 'done') return handSilent(answer, visit, PAGE);
  const { value: state } = answer;
  const { form, t, f } = visit;
  const typed = Object.keys(faults).length > 0;
  const value = (name: string, stored: string): string =>
    typed && form.has(name) ? form.text(name) : stored;
  const model = {
    trusted: state.trusted,
    badge: state.trusted
      ? { look: 'good', icon: 'good', word: t.clockTrusted }
      : { look: 'alarm', icon: 'alarm', word: t.clockUntrusted },
    facts: [
      { label: t.now, value: f.when(state.now) },
      { label: t.follows, value: state.server ?? t.noServer },
      { label: t.boxZone, value: state.zone ?? t.notKnown },
    ],
    values: {
      at: value('at', ''),
      servers: value('servers', state.servers.join(' ')),
      zone: value('zone', state.zone ?? ''),
    },
    zones: zonesOf(state).map((zone) => ({ value: zone, text: zone.replaceAll('_', ' ') })),
    faults,
  };
  return { kind: 'page', template: 'time.njk', model, status: typed ? 422 : 200 };
}

/** Names without digits: the hand takes no others. */
function zonesOf({ zone }: TimeState): string[] {
  const known = Intl.supportedValuesOf('timeZone').filter((name) => /^[A-Za-z/_+-]+$/.test(name));
  return [...new Set([...(zone === null ? [] : [zone]), 'UTC', ...known])];
}

/** `2026-03-01T14:30`, with or without seconds, as clocks of the zone show it. */
export function instantOf(text: string, zone: string): Instant | null {
  const match = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,3})?)?$/.exec(
    text,
  );
  const date = parseDate(match?.[1] ?? '');
  if (match === null || date === null) return null;
  const seconds = Number(match[4] ?? 0);
  return momentOf(date, `${match[2]}:${match[3]}`, zone) + seconds * 1_000;
}
