// The knobs of simulated terminals: only where the product runs with them.
import type { TerminalId } from '../../domain/ids.ts';
import { seesTerminal } from '../../operations/access.ts';
import type { Principal } from '../../operations/gateway.ts';
import type { SimulatorControl, SimulatorState } from '../../ports/simulators.ts';
import type { z } from 'zod';
import { problem } from '../errors.ts';
import { invalid } from '../validation.ts';
import { type Reply, type Route, route } from './route.ts';
import { nothing, type SchemaName, terminalPath } from './schemas.ts';
import {
  cardBody,
  faultBody,
  pinBody,
  powerCutBody,
  simulatorSettingsBody,
  standaloneSaleBody,
} from './simulator-schemas.ts';

const common = { tag: 'Simulators', query: nothing } as const;

export function simulatorRoutes(control: SimulatorControl | null): Route[] {
  if (control === null) return [];
  return [...readRoutes(control), ...plainKnobs(control), ...knobsWithBody(control)];
}

function readRoutes(control: SimulatorControl): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/v1/simulators',
      name: 'listSimulators',
      summary: 'The simulated terminals, the faults that can be armed, the cards',
      access: 'read',
      params: nothing,
      body: null,
      replies: { 200: { description: 'All of them', schema: 'SimulatorList' } },
      problems: [],
      handle: ({ who }) => {
        const simulators = control.list().filter(({ terminal }) => seesTerminal(who, terminal));
        return {
          kind: 'json',
          status: 200,
          body: { simulators, faults: control.faults(), cards: control.cards() },
        };
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/v1/simulators/{id}',
      name: 'readSimulator',
      summary: 'What a simulated terminal shows and believes',
      access: 'read',
      params: terminalPath,
      body: null,
      replies: { 200: { description: 'The simulator', schema: 'Simulator' } },
      problems: ['unknown-terminal'],
      handle: ({ who, params }) => stateReply(find(control, who, params.id), params.id),
    }),
  ];
}

/** Knobs that take nothing. */
function plainKnobs(control: SimulatorControl): Route[] {
  const knobs = [
    ['clear', 'clearSimulatorFaults', 'Disarm all faults', (id) => control.clearFaults(id)],
    ['cancel', 'pressSimulatorCancel', 'Press the red button', (id) => control.pressCancel(id)],
    ['reset', 'resetSimulator', 'Back to idle, without faults', (id) => control.reset(id)],
  ] as const satisfies readonly [string, string, string, (id: TerminalId) => boolean][];
  return knobs.map(([last, name, summary, turn]) =>
    route({
      ...common,
      method: 'POST',
      path: `/v1/simulators/{id}/${last}`,
      name,
      summary,
      access: 'configure',
      params: terminalPath,
      body: null,
      replies: { 200: { description: 'The simulator after it', schema: 'Simulator' } },
      problems: ['unknown-terminal'],
      handle: ({ who, params }) => turned(control, who, params.id, turn),
    }),
  );
}

function knobsWithBody(control: SimulatorControl): Route[] {
  return [
    knob(control, 'fault', 'armSimulatorFault', 'Arm a fault for the next exchanges', {
      schema: faultBody,
      name: 'SimulatorFault',
      example: { name: 'silence', times: 1 },
      turn: (id, { name, times }) => control.fault(id, name, times),
      refused: { path: 'name', message: 'not one of the faults of GET /v1/simulators' },
    }),
    knob(control, 'card', 'presentSimulatorCard', 'Present a card; null is a good one', {
      schema: cardBody,
      name: 'SimulatorCard',
      example: { card: { hostCode: '0051' } },
      turn: (id, { card }) => control.presentCard(id, card === null ? null : defined(card)),
      refused: { path: 'card', message: 'no such card, or the terminal does not wait for one' },
    }),
    knob(control, 'pin', 'enterSimulatorPin', 'Type a PIN where `askPin` makes it wait for one', {
      schema: pinBody,
      name: 'SimulatorPin',
      example: { pin: '1234' },
      turn: (id, { pin }) => control.enterPin(id, pin),
      refused: { path: 'pin', message: 'the terminal does not wait for a PIN' },
    }),
    knob(control, 'standalone-sale', 'simulatorStandaloneSale', 'A sale without a till', {
      schema: standaloneSaleBody,
      name: 'StandaloneSale',
      example: { amount: 5_000 },
      turn: (id, { amount }) => control.standaloneSale(id, amount),
      refused: { path: 'amount', message: 'the terminal is busy' },
    }),
    knob(control, 'power-cut', 'simulatorPowerCut', 'Cut its power; its journal survives', {
      schema: powerCutBody,
      name: 'PowerCut',
      example: { offMs: 3_000 },
      turn: (id, { offMs }) => control.powerCut(id, offMs),
      refused: { path: 'offMs', message: 'the terminal has no power' },
    }),
    knob(control, 'settings', 'configureSimulator', 'How it answers by itself', {
      schema: simulatorSettingsBody,
      name: 'SimulatorSettings',
      example: { answerAfterMs: 1_500, autoCard: true },
      turn: (id, settings) => control.configure(id, defined(settings)),
      refused: { path: 'defaultCard', message: 'not a card of GET /v1/simulators' },
    }),
  ];
}

function knob<B>(
  control: SimulatorControl,
  path: string,
  name: string,
  summary: string,
  spec: {
    readonly schema: z.ZodType<B>;
    readonly name: SchemaName;
    readonly example: unknown;
    readonly turn: (id: TerminalId, body: B) => boolean;
    readonly refused: { readonly path: string; readonly message: string };
  },
): Route {
  return route({
    ...common,
    method: 'POST',
    path: `/v1/simulators/{id}/${path}`,
    name,
    summary,
    access: 'configure',
    params: terminalPath,
    body: { schema: spec.schema, name: spec.name, example: spec.example },
    replies: { 200: { description: 'The simulator after it', schema: 'Simulator' } },
    problems: ['unknown-terminal'],
    handle: ({ who, params, body }) => {
      const turn = (id: TerminalId): boolean => spec.turn(id, body);
      return turned(control, who, params.id, turn, spec.refused);
    },
  });
}

function turned(
  control: SimulatorControl,
  who: Principal,
  id: string,
  turn: (id: TerminalId) => boolean,
  refused?: { readonly path: string; readonly message: string },
): Reply {
  const before = find(control, who, id);
  if (before === null) return stateReply(null, id);
  if (!turn(before.terminal) && refused !== undefined) {
    return { kind: 'problem', problem: invalid([refused]) };
  }
  return stateReply(find(control, who, id), id);
}

function find(control: SimulatorControl, who: Principal, id: string): SimulatorState | null {
  return seesTerminal(who, id) ? control.find(id as TerminalId) : null; // the path's schema
}

function stateReply(state: SimulatorState | null, id: string): Reply {
  if (state !== null) return { kind: 'json', status: 200, body: state };
  const detail = `no simulated terminal ${id}`;
  return { kind: 'problem', problem: problem('unknown-terminal', detail) };
}

/** Without members that are undefined: «not named» and «undefined» are two things to a port. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
