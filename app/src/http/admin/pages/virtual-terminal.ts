// A simulated terminal in the hand: its screen, cards and faults, and what the till sees beside it.
import type { TerminalId } from '../../../domain/ids.ts';
import { SIMULATOR_DELAY_MS_MAX } from '../../../domain/limits.ts';
import type { Operation } from '../../../domain/operation.ts';
import { textOf } from '../../../domain/texts/index.ts';
import type { SimulatorControl, SimulatorState } from '../../../ports/simulators.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';
import { phrase } from '../texts/phrases/index.ts';
import { newPageId, pageId } from './page-id.ts';
import { refusalText } from './refusals.ts';
import { badgeOfLink, badgeOfState, kindWord } from './words.ts';

const PATH = '/admin/terminals/:id/virtual';
/** ISO 9564-1; the digits go to the terminal and nowhere else. */
const PIN = /^\d{4,12}$/;

export function virtualTerminalRoutes(services: Services): PageRoute[] {
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'configure',
      section: 'terminals',
      handle: (visit) =>
        whileOpen(services, (simulators) => virtualPage(services, simulators, visit, {})),
    },
    {
      method: 'POST',
      path: PATH,
      right: 'configure',
      section: 'terminals',
      handle: (visit) => whileOpen(services, (simulators) => turn(services, simulators, visit)),
    },
  ];
}

/** Without simulated terminals the address is none of ours. */
function whileOpen<T>(
  { simulators }: Services,
  handle: (control: SimulatorControl) => T,
): T | Reply {
  const control = simulators();
  return control === null ? { kind: 'refused', status: 404, why: 'noSuchPage' } : handle(control);
}

function stateOf(simulators: SimulatorControl, visit: Visit): SimulatorState | null {
  return simulators.find((visit.params['id'] ?? '') as TerminalId); // an unknown id finds none
}

function virtualPage(
  { gateway, random }: Services,
  simulators: SimulatorControl,
  visit: Visit,
  faults: Faults,
): Reply {
  const state = stateOf(simulators, visit);
  const view = gateway.terminal(visit.who, (visit.params['id'] ?? '') as TerminalId); // as above
  if (state === null || view === null)
    return { kind: 'refused', status: 404, why: 'noSuchTerminal' };
  const { language, f } = visit;
  const typed = visit.form.has('answerAfterMs') ? visit.form : null;
  const id = view.settings.id as TerminalId; // the settings' schema is the brand
  const [latest] = gateway.list(visit.who, { terminal: id, limit: 1 }).operations;
  const model = {
    id,
    name: view.settings.name || id,
    path: `/admin/terminals/${id}/virtual`,
    screen: state.screen,
    busy: state.busy,
    powered: state.powered !== false,
    address: state.address,
    autoCard: typed?.checked('autoCard') ?? state.settings.autoCard,
    answerAfterMs: typed?.text('answerAfterMs') ?? String(state.settings.answerAfterMs),
    defaultCard: typed?.text('defaultCard') ?? state.settings.defaultCard ?? 'good',
    adjust: typed?.checked('adjust') ?? state.settings.adjust === true,
    canAskPin: state.settings.askPin !== undefined,
    askPin: typed?.checked('askPin') ?? state.settings.askPin === true,
    awaitsPin: state.awaitsPin === true,
    cards: simulators.cards(id).map((one) => choiceOf(one, language)),
    faultList: simulators.faults(id).map((one) => choiceOf(one, language)),
    quick: quickFaults(simulators, id, visit),
    armed: state.faults,
    remarks: (state.remarks ?? []).map(({ text, count }) => ({
      text: phrase(text, language),
      count,
    })),
    journal: state.journal.slice(-8).toReversed().map(journalLine),
    link: badgeOfLink(view.link, language),
    till: latest === undefined ? null : tillSide(latest, visit),
    newId: newPageId(random),
    values: visit.form.values(),
    faults,
    updated: f.number(state.journal.length),
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'virtual-terminal.njk', model, status };
}

/** What is tried most has a button of its own; each protocol calls it by another name. */
const QUICK: readonly (readonly [text: TextKey, names: readonly string[]])[] = [
  ['pullCable', ['link-drop-at-9', 'lost-request']],
  ['loseReply', ['reply-lost', 'lost-answer']],
];

function quickFaults(simulators: SimulatorControl, id: TerminalId, { t }: Visit) {
  const known = simulators.faults(id).map(({ name }) => name);
  return QUICK.flatMap(([text, names]) => {
    const name = names.find((one) => known.includes(one));
    return name === undefined ? [] : [{ name, text: t[text] }];
  });
}

function choiceOf(
  { name, description }: { readonly name: string; readonly description: string },
  language: Visit['language'],
) {
  return { value: name, text: `${name}: ${phrase(description, language)}` };
}

/** What a till that asked last is told. */
function tillSide(operation: Operation, { language, f }: Visit) {
  const { request } = operation;
  const { text, remedy } = textOf(operation.message.code, language);
  const amount = 'amount' in request && request.amount !== null ? request.amount : null;
  return {
    href: `/admin/operations/${encodeURIComponent(operation.id)}`,
    id: operation.id,
    kind: kindWord(operation, language),
    amount: amount === null ? null : f.money(amount, request.currency),
    badge: badgeOfState(operation.state, language),
    text,
    remedy,
    json: JSON.stringify(
      {
        id: operation.id,
        state: operation.state,
        amount,
        approvedAmount: operation.approvedAmount,
        rrn: operation.result?.rrn ?? null,
        message: { code: operation.message.code },
      },
      null,
      2,
    ),
  };
}

function journalLine(entry: SimulatorState['journal'][number]): string {
  const wanted = ['invoice', 'type', 'kind', 'amount', 'status', 'responseCode', 'rrn', 'pan'];
  const named = wanted.flatMap((name) =>
    entry[name] === undefined || entry[name] === null ? [] : [`${name} ${String(entry[name])}`],
  );
  return (named.length > 0 ? named : Object.values(entry).map(String).slice(0, 6)).join(' · ');
}

async function turn(
  services: Services,
  simulators: SimulatorControl,
  visit: Visit,
): Promise<Reply> {
  const state = stateOf(simulators, visit);
  if (state === null) return { kind: 'refused', status: 404, why: 'noSuchTerminal' };
  const { form, t } = visit;
  const id = state.terminal;
  const knob = form.text('knob');
  if (knob === 'sell') return sell(services, simulators, visit, id);
  if (knob === 'configure') return configure(services, simulators, visit, id);
  if (knob === 'pin' && state.awaitsPin === true && !PIN.test(form.raw('pin'))) {
    return virtualPage(services, simulators, visit, { pin: t.pinDigits });
  }
  const done = turnKnob(simulators, id, knob, visit);
  if (done === false) return virtualPage(services, simulators, visit, { all: t.knobRefused });
  if (done === null) return { kind: 'refused', status: 400, why: 'badForm' };
  return see(`/admin/terminals/${id}/virtual`);
}

/** Null where there is no such knob; false where the terminal cannot now. */
function turnKnob(
  simulators: SimulatorControl,
  id: TerminalId,
  knob: string,
  { form }: Visit,
): boolean | null {
  switch (knob) {
    case 'card':
      return simulators.presentCard(id, { name: form.text('card') || 'good' });
    case 'pin':
      return simulators.enterPin(id, form.raw('pin'));
    case 'decline':
      return simulators.presentCard(id, { hostCode: '0051' });
    case 'cancel':
      return simulators.pressCancel(id);
    case 'fault':
      return simulators.fault(id, form.text('fault'), 1);
    case 'clear':
      return simulators.clearFaults(id);
    case 'power':
      return simulators.powerCut(id, 5_000);
    case 'reset':
      return simulators.reset(id);
    default:
      return null;
  }
}

function configure(
  services: Services,
  simulators: SimulatorControl,
  visit: Visit,
  id: TerminalId,
): Reply {
  const { form, t } = visit;
  const answerAfterMs = form.whole('answerAfterMs', 0, SIMULATOR_DELAY_MS_MAX);
  if (answerAfterMs === null) {
    return virtualPage(services, simulators, visit, { answerAfterMs: t.notValid });
  }
  const taken = simulators.configure(id, {
    answerAfterMs,
    autoCard: form.checked('autoCard'),
    adjust: form.checked('adjust'),
    askPin: form.checked('askPin'),
    defaultCard: form.text('defaultCard') || 'good',
  });
  if (!taken) return virtualPage(services, simulators, visit, { all: t.knobRefused });
  return see(`/admin/terminals/${id}/virtual`, 'turned');
}

/** A purchase as a till would ask for it. */
async function sell(
  services: Services,
  simulators: SimulatorControl,
  visit: Visit,
  terminal: TerminalId,
): Promise<Reply> {
  const { form, t } = visit;
  const amount = form.money('amount', 'UAH');
  const id = pageId(form.text('id'));
  if (amount === null || id === null) {
    return virtualPage(services, simulators, visit, { amount: t.notASum });
  }
  const body = { kind: 'purchase', amount, terminal } as const;
  const started = await services.gateway.start(visit.who, id, body);
  if (started.kind === 'refused') {
    return virtualPage(services, simulators, visit, { all: refusalText(started.refusal, visit) });
  }
  return see(`/admin/terminals/${terminal}/virtual`);
}
