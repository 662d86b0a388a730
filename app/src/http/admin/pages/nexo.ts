// nexo: the port that terminals call, tills that take us for a terminal, terminals that moved.
import type { TerminalId } from '../../../domain/ids.ts';
import type { NexoPairing } from '../../../operations/settings-schema.ts';
import type { NexoControl, NexoPort } from '../../../ports/nexo-control.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { change, type FieldTable } from './change.ts';
import { refusalText } from './refusals.ts';
import { terminalNames } from './terminal-names.ts';
import type { Badge } from './words.ts';

const PATH = '/admin/integration/nexo';
const PORT_MAX = 65_535;
const PORT_FIELDS: FieldTable = {
  'nexo.listenPort': ['listenPort', 'nexoPortWrong'],
  'nexo.facade.port': ['facadePort', 'nexoPortsSame'],
};
/** Of the pairing that is added; its index comes before. */
const PAIRING_FIELDS: FieldTable = {
  saleId: ['saleId', 'nexoNameWrong'],
  poiId: ['poiId', 'nexoNameWrong'],
  terminal: ['pairTerminal', 'noSuchTerminal'],
  address: ['tillAddress', 'nexoAddressOrKey'],
  key: ['pairKey', 'noSuchKey'],
  callBack: ['callBack', 'notAnAddress'],
};

export function nexoPageRoutes(services: Services): PageRoute[] {
  const { nexo } = services;
  if (nexo === null) return [];
  const common = { right: 'configure', section: 'integration' } as const;
  const post = (path: string, act: (visit: Visit) => Promise<Reply | Faults>): PageRoute => ({
    ...common,
    method: 'POST',
    path: `${PATH}/${path}`,
    handle: async (visit) => {
      const result = await act(visit);
      // No form has a field of this name.
      return 'kind' in result ? (result as Reply) : nexoPage(services, nexo, visit, result);
    },
  });
  return [
    {
      ...common,
      method: 'GET',
      path: PATH,
      handle: (visit) => nexoPage(services, nexo, visit, {}),
    },
    post('ports', (visit) => handPorts(services, visit)),
    post('pairings', (visit) => handPairing(services, visit)),
    post('pairings/remove', (visit) => handUnpair(services, visit)),
    post('move', (visit) => handMove(services, nexo, visit)),
  ];
}

function nexoPage(services: Services, nexo: NexoControl, visit: Visit, faults: Faults): Reply {
  const { t, f } = visit;
  const { listenPort, facade } = services.settings.current().nexo;
  const typed = visit.form.has('facadePort') ? visit.form : null;
  const views = services.gateway.terminals(visit.who);
  const nameOf = terminalNames(views);
  const model = {
    path: PATH,
    base: visit.base,
    listener: badgeOfPort(nexo.listener(), visit),
    listenPort: typed?.text('listenPort') ?? String(listenPort ?? ''),
    facade: badgeOfPort(nexo.facade(), visit),
    facadeEnabled: typed?.checked('facadeEnabled') ?? facade.enabled,
    facadePort: typed?.text('facadePort') ?? String(facade.port),
    tills: nexo.tills().map(({ saleId, poiId, style }) => `${saleId} · ${poiId} · ${style}`),
    moved: nexo.announced().map(({ terminal, address }) => ({
      terminal,
      address,
      text: f.fill(t.nexoMovedText, { terminal: nameOf(terminal), address }),
    })),
    pairings: facade.pairings.map((one) => ({
      ...one,
      mark: markOf(one),
      terminalName: nameOf(one.terminal),
    })),
    terminals: views.map(({ settings }) => ({
      value: settings.id,
      text: settings.name || settings.id,
    })),
    keys: [
      { value: '', text: t.nexoNoKey },
      ...services.secrets.current().keys.map(({ name }) => ({ value: name, text: name })),
    ],
    unfinished: ['Busy', 'InProgress'].map((word) => ({ value: word, text: word })),
    values: visit.form.values(),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'nexo.njk', model, status };
}

function badgeOfPort(state: NexoPort, { t, f }: Visit): Badge {
  switch (state.kind) {
    case 'off':
      return { word: t.nexoPortOff, icon: 'off', look: 'off' };
    case 'idle':
      return { word: f.fill(t.nexoPortIdle, state), icon: 'off', look: 'off' };
    case 'open':
      return { word: f.fill(t.nexoPortOpen, state), icon: 'good', look: 'good' };
    case 'failed':
      return { word: f.fill(t.nexoPortFailed, state), icon: 'alarm', look: 'alarm' };
  }
}

/** Names one of several pairings of a till; none has two of the same. */
function markOf({ saleId, poiId, address, key }: NexoPairing): string {
  return JSON.stringify([saleId, poiId, address ?? null, key ?? null]);
}

async function handPorts(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form, t } = visit;
  const before = portsOf(services);
  const facadePort = form.whole('facadePort', 1, PORT_MAX);
  const listenPort = form.text('listenPort') === '' ? null : form.whole('listenPort', 1, PORT_MAX);
  const faults: Record<string, string> = {};
  if (facadePort === null) faults['facadePort'] = t.nexoPortWrong;
  if (listenPort === null && form.text('listenPort') !== '') {
    faults['listenPort'] = t.nexoPortWrong;
  }
  if (facadePort === null || Object.keys(faults).length > 0) return faults;
  const facade = { enabled: form.checked('facadeEnabled'), port: facadePort };
  const wrong = await change(services, visit, { nexo: { listenPort, facade } }, PORT_FIELDS);
  if (wrong !== null) return wrong;
  visit.audit('nexo-change', 'nexo', before, portsOf(services));
  return see(PATH, 'saved');
}

function portsOf({ settings }: Services) {
  const { listenPort, facade } = settings.current().nexo;
  return { listenPort, facadeEnabled: facade.enabled, facadePort: facade.port };
}

async function handPairing(services: Services, visit: Visit): Promise<Reply | Faults> {
  const { form, t } = visit;
  const given = (name: string): string | undefined => form.text(name) || undefined;
  const { pairings } = services.settings.current().nexo.facade;
  const pairing = withoutGaps({
    saleId: form.text('saleId'),
    poiId: form.text('poiId'),
    terminal: form.text('pairTerminal'),
    address: given('tillAddress'),
    key: given('pairKey'),
    callBack: given('callBack'),
    unfinished: form.text('unfinished') === 'InProgress' ? 'InProgress' : 'Busy',
  });
  if (pairings.some((one) => markOf(one) === markOf(pairing))) return { saleId: t.nameTaken };
  if (pairing.address === undefined && pairing.key === undefined) {
    return { tillAddress: t.nexoAddressOrKey };
  }
  const prefix = `nexo.facade.pairings.${pairings.length}`;
  const fields = Object.fromEntries(
    Object.entries(PAIRING_FIELDS).map(([name, field]) => [`${prefix}.${name}`, field]),
  );
  const patch = { nexo: { facade: { pairings: [...pairings, pairing] } } };
  const faults = await change(services, visit, patch, fields);
  if (faults !== null) return faults;
  visit.audit('nexo-pair', `till ${pairing.saleId}`, null, { ...pairing });
  return see(PATH, 'saved');
}

function withoutGaps(given: { [K in keyof NexoPairing]: NexoPairing[K] | undefined }): NexoPairing {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as NexoPairing; // every required member is in the call
}

async function handUnpair(services: Services, visit: Visit): Promise<Reply | Faults> {
  const mark = visit.form.text('mark');
  const { pairings } = services.settings.current().nexo.facade;
  const gone = pairings.find((one) => markOf(one) === mark);
  if (gone === undefined) return { all: visit.t.noSuchKey };
  const rest = pairings.filter((one) => one !== gone);
  const faults = await change(services, visit, { nexo: { facade: { pairings: rest } } }, {});
  if (faults !== null) return faults;
  visit.audit('nexo-unpair', `till ${gone.saleId}`, { ...gone }, null);
  return see(PATH, 'removed');
}

/** Only what the terminal still says: a form may be as old as its window. */
async function handMove(
  services: Services,
  nexo: NexoControl,
  visit: Visit,
): Promise<Reply | Faults> {
  const { form, t, who } = visit;
  const terminal = form.text('terminal');
  const address = form.text('address');
  const announced = nexo
    .announced()
    .some((one) => one.terminal === terminal && one.address === address);
  const view = services.gateway.terminal(who, terminal as TerminalId); // unknown: none
  if (!announced || view === null) return { all: t.nexoNotAnnounced };
  const next = { ...structuredClone(view.settings), address };
  const changed = await services.gateway.putTerminal(who, next);
  if (changed.kind === 'refused') return { all: refusalText(changed.refusal, visit) };
  const before = { address: view.settings.address };
  visit.audit('nexo-move', `terminal ${terminal}`, before, { address });
  return see(PATH, 'saved');
}
