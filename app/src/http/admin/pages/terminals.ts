// Terminals: the list, one terminal with its settings, adding, testing, removing.
import type { TerminalId } from '../../../domain/ids.ts';
import { TERMINAL_TEST_DEADLINE_MS } from '../../../domain/limits.ts';
import type { MinorUnits } from '../../../domain/money.ts';
import type { TerminalView } from '../../../operations/gateway.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { phrase } from '../texts/phrases/index.ts';
import { newPageId, pageId } from './page-id.ts';
import { refusalFaults, refusalText } from './refusals.ts';
import { merchantName } from './terminal-names.ts';
import { readTerminal, terminalForm } from './terminal-form.ts';
import { keepTest, shownTest, takeTest, type Tested } from './terminal-test.ts';
import { badgeOfLink } from './words.ts';

const PATH = '/admin/terminals';

export function terminalPageRoutes(services: Services): PageRoute[] {
  const section = 'terminals' as const;
  const change = (path: string, handle: (visit: Visit) => Reply | Promise<Reply>): PageRoute => ({
    method: 'POST',
    path,
    right: 'configure',
    section,
    handle,
  });
  return [
    { method: 'GET', path: PATH, right: 'look', section, handle: (v) => listPage(services, v) },
    {
      method: 'GET',
      path: `${PATH}/new`,
      right: 'configure',
      section,
      handle: (visit) => formPage(services, visit, null, {}),
    },
    change(`${PATH}/new`, (visit) => handPut(services, visit, null)),
    {
      method: 'GET',
      path: `${PATH}/:id`,
      right: 'look',
      section,
      handle: (visit) =>
        onePage(services, visit, takeTest(services, visit, visit.params['id'] ?? '')),
    },
    {
      method: 'GET',
      path: `${PATH}/:id/edit`,
      right: 'configure',
      section,
      handle: (visit) => {
        const view = find(services, visit);
        return view === null ? noSuch() : formPage(services, visit, view, {});
      },
    },
    change(`${PATH}/:id/edit`, (visit) => {
      const view = find(services, visit);
      return view === null ? noSuch() : handPut(services, visit, view);
    }),
    change(`${PATH}/:id/test`, (visit) => handTest(services, visit)),
    change(`${PATH}/:id/switch`, (visit) => handSwitch(services, visit)),
    change(`${PATH}/:id/remove`, (visit) => handRemove(services, visit)),
    change(`${PATH}/:id/penny`, (visit) => handPenny(services, visit)),
  ];
}

function find({ gateway }: Services, visit: Visit): TerminalView | null {
  return gateway.terminal(visit.who, (visit.params['id'] ?? '') as TerminalId); // unknown: none
}

function noSuch(): Reply {
  return { kind: 'refused', status: 404, why: 'noSuchTerminal' };
}

function listPage(services: Services, visit: Visit): Reply {
  const { gateway } = services;
  const { f, t, language } = visit;
  const terminals = gateway.terminals(visit.who).map((view) => ({
    href: `${PATH}/${view.settings.id}`,
    name: view.settings.name || view.settings.id,
    badge: badgeOfLink(view.link, language),
    since: f.fill(t.since, { when: f.when(view.since) }),
    reason: view.reason === null ? null : phrase(view.reason, language),
    model: modelText(services, view, language),
  }));
  return { kind: 'page', template: 'terminals.njk', model: { terminals } };
}

/** What the terminal tells of itself; until it does, what it is driven as. */
function modelText(
  services: Services,
  { identity, settings }: TerminalView,
  language: Visit['language'],
): string {
  const known = [identity?.vendor, identity?.model, identity?.firmware].filter(
    (part) => part !== null && part !== undefined,
  );
  return known.length === 0 ? driverTitle(services, settings.driver, language) : known.join(' · ');
}

function onePage(services: Services, visit: Visit, test: Tested | null): Reply {
  const view = find(services, visit);
  if (view === null) return noSuch();
  const { settings } = view;
  const simulated = services.simulators() !== null && settings.address.startsWith('sim:');
  const model = {
    id: settings.id,
    path: `${PATH}/${settings.id}`,
    name: settings.name || settings.id,
    badge: badgeOfLink(view.link, visit.language),
    since: visit.f.fill(visit.t.since, { when: visit.f.when(view.since) }),
    reason: view.reason === null ? null : phrase(view.reason, visit.language),
    unresolved: view.unresolved,
    current: view.current,
    facts: factsOf(services, view, visit),
    merchants: merchantsOf(view),
    kinds: view.capabilities.kinds,
    disabled: settings.disabled,
    hasJournal: services.drivers.find(({ name }) => name === settings.driver)?.hasJournal ?? true,
    simulated,
    pennyId: newPageId(services.random),
    test: shownTest(test, visit),
  };
  return { kind: 'page', template: 'terminal.njk', model };
}

function driverTitle({ drivers }: Services, name: string, language: Visit['language']): string {
  const title = drivers.find((driver) => driver.name === name)?.title ?? name;
  return phrase(title, language);
}

function merchantsOf(view: TerminalView) {
  const { settings, identity } = view;
  const named = settings.merchants.map((merchant) => merchant.index);
  const told = Object.keys(identity?.merchants ?? {}).map(Number);
  return [...new Set([...named, ...told])]
    .sort((a, b) => a - b)
    .map((index) => ({
      index,
      name: merchantName(view, index) ?? '',
      taxCode: settings.merchants.find((merchant) => merchant.index === index)?.taxCode ?? '',
      terminalId: identity?.merchantTerminalIds[String(index)] ?? '–',
    }));
}

function factsOf(services: Services, view: TerminalView, visit: Visit) {
  const { t, f, language } = visit;
  const { settings, identity } = view;
  const facts: [string, string | null][] = [
    [t.terminalName, settings.id],
    [t.driver, driverTitle(services, settings.driver, language)],
    [t.address, visit.may('configure') ? settings.address : null],
    [t.model, identity === null ? null : modelText(services, view, language)],
    [t.terminalIdLabel, identity?.terminalId ?? null],
    [t.lastAnswer, view.lastSeen === null ? null : f.when(view.lastSeen)],
    [
      t.clockSkew,
      view.clockSkewMs === null
        ? null
        : // Plus nothing: less than half a second is no negative one.
          f.fill(t.seconds, { n: f.number(Math.round(view.clockSkewMs / 1_000) + 0) }),
    ],
    [t.currency, settings.currency],
    [t.defaultMerchant, String(settings.defaultMerchant)],
    [t.loyaltyAnswer, loyaltyText(view, visit)],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

function loyaltyText({ settings }: TerminalView, { t, f }: Visit): string {
  switch (settings.loyalty.answer) {
    case 'ask-till':
      return t.loyaltyAskTill;
    case 'keep-sum':
      return t.loyaltyKeepSum;
    case 'percent':
      return f.fill(t.loyaltyPercentOf, { n: f.number(settings.loyalty.basisPoints / 100) });
  }
}

function formPage(
  services: Services,
  visit: Visit,
  view: TerminalView | null,
  faults: Faults,
): Reply | Promise<Reply> {
  return terminalForm(services, visit, view?.settings ?? null, faults);
}

async function handPut(
  services: Services,
  visit: Visit,
  view: TerminalView | null,
): Promise<Reply> {
  const read = readTerminal(services, visit, view?.settings ?? null);
  if (read.kind === 'faults') return formPage(services, visit, view, read.faults);
  const taken =
    view === null && services.gateway.terminal(visit.who, read.settings.id as TerminalId);
  if (taken) return formPage(services, visit, view, { id: visit.t.idTaken });
  const changed = await services.gateway.putTerminal(visit.who, read.settings);
  if (changed.kind === 'refused') {
    return formPage(services, visit, view, refusalFaults(changed.refusal, visit));
  }
  const object = `terminal ${read.settings.id}`;
  const act = view === null ? 'terminal-add' : 'terminal-change';
  const after = changed.kind === 'terminal' ? changed.terminal.settings : null;
  visit.audit(act, object, view?.settings ?? null, after);
  if (view === null && visit.form.text('first') === '1')
    return see('/admin/first-terminal', 'terminalAdded');
  return see(`${PATH}/${read.settings.id}`, view === null ? 'terminalAdded' : 'saved');
}

async function handTest(services: Services, visit: Visit): Promise<Reply> {
  const view = find(services, visit);
  if (view === null) return noSuch();
  const late = new AbortController();
  const forget = services.clock.after(TERMINAL_TEST_DEADLINE_MS, () => late.abort());
  const signal = AbortSignal.any([late.signal, visit.gone]);
  try {
    const id = view.settings.id as TerminalId; // the settings' schema is the brand
    const result = await services.gateway.testTerminal(visit.who, id, signal);
    visit.audit('terminal-test', `terminal ${id}`, null, { ok: 'ok' in result && result.ok });
    const shown: Tested = 'steps' in result ? result : { fault: refusalText(result, visit) };
    keepTest(services, visit, id, shown);
    // The first steps of a new box go on where they were.
    const first = visit.form.text('back') === 'first';
    return see(first ? '/admin/first-terminal' : `${PATH}/${id}`);
  } finally {
    forget();
  }
}

async function handSwitch(services: Services, visit: Visit): Promise<Reply> {
  const view = find(services, visit);
  if (view === null) return noSuch();
  const next = { ...structuredClone(view.settings), disabled: !view.settings.disabled };
  const changed = await services.gateway.putTerminal(visit.who, next);
  if (changed.kind === 'refused') {
    return onePage(services, visit, { fault: refusalText(changed.refusal, visit) });
  }
  const before = { disabled: view.settings.disabled };
  visit.audit('terminal-switch', `terminal ${next.id}`, before, { disabled: next.disabled });
  return see(`${PATH}/${next.id}`, 'saved');
}

async function handRemove(services: Services, visit: Visit): Promise<Reply> {
  const view = find(services, visit);
  if (view === null) return noSuch();
  const id = view.settings.id as TerminalId; // the settings' schema is the brand
  const changed = await services.gateway.removeTerminal(visit.who, id);
  if (changed.kind === 'refused') {
    return onePage(services, visit, { fault: refusalText(changed.refusal, visit) });
  }
  visit.audit('terminal-remove', `terminal ${id}`, view.settings, null);
  return see(PATH, 'removed');
}

/** A purchase of one minor unit, to see that everything works: simulated terminals only. */
async function handPenny(services: Services, visit: Visit): Promise<Reply> {
  const view = find(services, visit);
  if (view === null) return noSuch();
  const id = pageId(visit.form.text('id'));
  if (id === null || !view.settings.address.startsWith('sim:')) {
    return { kind: 'refused', status: 400, why: 'badForm' };
  }
  const amount = 1 as MinorUnits; // one is a sum
  const body = { kind: 'purchase', amount, terminal: view.settings.id, reference: 'test' } as const;
  const started = await services.gateway.start(visit.who, id, body);
  if (started.kind === 'refused') {
    return onePage(services, visit, { fault: refusalText(started.refusal, visit) });
  }
  return see(`/admin/operations/${id}`, 'started');
}
