// System: how the box stands, its name and time, backup, log, and what only the appliance has.
import { LANGUAGES } from '../../../operations/settings-schema.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { change, type FieldTable } from './change.ts';
import { partWord } from './words.ts';
import { phrase } from '../texts/phrases/index.ts';
import { LANGUAGE_NAMES } from '../texts/index.ts';

const PATH = '/admin/system';
const LINES_SHOWN = 200;
const SHOP_FIELDS: FieldTable = {
  'shop.name': ['shop', 'tooLong'],
  'shop.language': ['language', 'notValid'],
  'shop.timeZone': ['timeZone', 'notValid'],
};

export function systemRoutes(services: Services): PageRoute[] {
  const section = 'system' as const;
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'configure',
      section,
      handle: (visit) => page(services, visit, {}),
    },
    {
      method: 'POST',
      path: PATH,
      right: 'configure',
      section,
      handle: (visit) => handShop(services, visit),
    },
    {
      method: 'POST',
      path: `${PATH}/backup`,
      right: 'configure',
      section,
      handle: async (visit) => {
        visit.audit('backup', 'ledger', null, null);
        const chunks = await services.machine.backup();
        return {
          kind: 'file',
          type: 'application/vnd.sqlite3',
          name: 'tillgate-ledger.db',
          chunks,
        };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/support`,
      right: 'configure',
      section,
      handle: (visit) => {
        visit.audit('support-bundle', 'system', null, null);
        const chunks = bundle(services, visit);
        return {
          kind: 'file',
          type: 'application/json; charset=utf-8',
          name: 'tillgate-support.json',
          chunks,
        };
      },
    },
  ];
}

function page(services: Services, visit: Visit, faults: Faults): Reply {
  const { settings, machine, gateway, version, clock } = services;
  const { f, t, form } = visit;
  const { shop } = settings.current();
  const typed = Object.keys(faults).length > 0;
  const health = gateway.health();
  const filter = (visit.query.get('log') ?? '').trim().toLowerCase();
  const lines = machine
    .logLines()
    .filter((line) => filter === '' || line.toLowerCase().includes(filter))
    .slice(-LINES_SHOWN)
    .toReversed();
  const model = {
    values: {
      shop: typed ? form.text('shop') : shop.name,
      language: typed ? form.text('language') : shop.language,
      timeZone: typed ? form.text('timeZone') : shop.timeZone,
    },
    languages: LANGUAGES.map((code) => ({ value: code, text: LANGUAGE_NAMES[code] })),
    zones: [...new Set([shop.timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])].map(
      (zone) => ({
        value: zone,
        text: zone.replaceAll('_', ' '),
      }),
    ),
    parts: health.parts.map(({ name, ok, reason }) => ({
      name: partWord(name, visit),
      badge:
        ok && reason === null
          ? { look: 'good', icon: 'good', word: t.works }
          : { look: 'alarm', icon: 'alarm', word: phrase(reason ?? t.doesNotWork, visit.language) },
    })),
    facts: [
      { label: t.version, value: version },
      { label: t.runsSince, value: f.when(machine.startedAt) },
      { label: t.now, value: f.when(clock.now()) },
      ...machineFacts(services, visit),
    ],
    fingerprint: machine.certificate?.fingerprint ?? null,
    isAppliance: machine.isAppliance,
    filter,
    lines: lines.map((line) => lineText(line, visit)),
    faults,
  };
  return { kind: 'page', template: 'system.njk', model, status: typed ? 422 : 200 };
}

/** `05:34:28 info ready port=8080` */
function lineText(line: string, { f }: Visit): string {
  const { time, level, event, ...fields } = JSON.parse(line) as Record<string, unknown>; // our own
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [f.time(Date.parse(String(time))), level, event, ...rest].join(' ');
}

function machineFacts({ machine }: Services, { f, t }: Visit) {
  const facts = machine.facts();
  if (facts === null) return [];
  const share = (part: { readonly used: number; readonly total: number }): string =>
    `${f.bytes(part.used)} / ${f.bytes(part.total)}`;
  const rows: [string, string | null][] = [
    [t.operatingSystem, facts.system],
    [t.load, facts.load === null ? null : `${f.number(Math.round(facts.load * 100))} %`],
    [t.memory, facts.memory === null ? null : share(facts.memory)],
    [t.disk, facts.disk === null ? null : share(facts.disk)],
    [
      t.temperature,
      facts.temperature === null ? null : `${f.number(Math.round(facts.temperature))} °C`,
    ],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

async function handShop(services: Services, visit: Visit): Promise<Reply> {
  const { form } = visit;
  const before = services.settings.current().shop;
  const shop = {
    name: form.text('shop'),
    language: form.text('language'),
    timeZone: form.text('timeZone'),
  };
  const faults = await change(services, visit, { shop }, SHOP_FIELDS);
  if (faults !== null) return page(services, visit, faults);
  visit.audit('shop-change', 'shop', before, shop);
  return see(PATH, 'saved');
}

/** For whoever helps from afar: settings without secrets, states, the newest log. No card data. */
function* bundle(
  { settings, gateway, machine, version, clock }: Services,
  visit: Visit,
): Generator<string> {
  const terminals = gateway.terminals(visit.who).map((view) => ({
    id: view.settings.id,
    driver: view.settings.driver,
    link: view.link,
    reason: view.reason,
    firmware: view.identity?.firmware ?? null,
    clockSkewMs: view.clockSkewMs,
  }));
  const open = gateway.list(visit.who, { state: 'unknown', limit: 50 }).operations;
  yield JSON.stringify(
    {
      at: new Date(clock.now()).toISOString(),
      version,
      health: gateway.health(),
      counters: gateway.counters(),
      machine: machine.facts(),
      terminals,
      unresolved: open.map(({ id, message, createdAt }) => ({ id, code: message.code, createdAt })),
      settings: {
        ...settings.current(),
        registration: { enabled: settings.current().registration.enabled },
      },
      log: machine.logLines(),
    },
    null,
    1,
  );
}
