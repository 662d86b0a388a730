// Services of the box, restart and power off. Money goes first: what runs is never cut, and what is
// unresolved needs a person who types that they know.
import type { Operation, OperationState } from '../../../domain/operation.ts';
import type { MachineHand, PowerAct, UnitState } from '../../../ports/machine-hand.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { handFaults, type HandPage, handRoutes, handSilent } from './hand-answers.ts';
import { terminalNames } from './terminal-names.ts';
import { type Badge, rowOf } from './words.ts';

const PATH = '/admin/system/power';
const PAGE: HandPage = { title: 'power', plain: 'plainPower' };
const ACTS = ['restart-gateway', 'restart', 'power-off'] as const satisfies readonly PowerAct[];
const RUNNING: readonly OperationState[] = ['accepted', 'queued', 'running', 'confirming'];
/** More of them are not shown; then nobody may say that they know them all. */
const KNOWN_MAX = 100;

export function powerRoutes(services: Services): PageRoute[] {
  const route = handRoutes(services, PATH, PAGE);
  return [
    route('GET', '', (hand, visit) => page(services, hand, visit, {})),
    route('GET', '/going', async (_hand, visit) => going(services, visit)),
    route('POST', '', (hand, visit) => handAct(services, hand, visit)),
  ];
}

interface OpenNow {
  readonly running: readonly Operation[];
  readonly unresolved: readonly Operation[];
}

/** The gateway's view; the hand asks the ledger itself once more. */
function openNow({ gateway }: Services, { who }: Visit): OpenNow {
  return {
    running: RUNNING.flatMap((state) => gateway.list(who, { state, limit: KNOWN_MAX }).operations),
    unresolved: gateway.list(who, { state: 'unknown', limit: KNOWN_MAX }).operations,
  };
}

async function page(
  services: Services,
  hand: MachineHand,
  visit: Visit,
  faults: Faults,
): Promise<Reply> {
  const units = await hand.ask('units', {});
  if (units.kind !== 'done') return handSilent(units, visit, PAGE);
  const network = await hand.ask('network', {});
  if (network.kind !== 'done') return handSilent(network, visit, PAGE);
  const { t, f } = visit;
  const { running, unresolved } = openNow(services, visit);
  const nameOf = terminalNames(services.gateway.terminals(visit.who));
  const { hostName } = network.value;
  const model = {
    units: units.value.map((unit) => ({
      name: unit.name,
      badge: badgeOf(unit),
      restarts: f.number(unit.restarts),
    })),
    running: running.map((operation) => rowOf(operation, visit, nameOf)),
    unresolved: unresolved.map((operation) => rowOf(operation, visit, nameOf)),
    hostName,
    typeName: f.fill(t.typeName, { name: hostName }),
    acts: [
      { act: ACTS[0], title: t.restartGateway, text: t.restartGatewayText },
      { act: ACTS[1], title: t.restartBox, text: t.restartBoxText },
      { act: ACTS[2], title: t.powerOff, text: t.powerOffText },
    ],
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'power.njk', model, status };
}

/** systemd's own words: they are what whoever helps from afar asks for. */
function badgeOf({ active, sub }: UnitState): Badge {
  const word = `${active} (${sub})`;
  if (active === 'active') return { look: 'good', icon: 'good', word };
  if (active === 'failed') return { look: 'alarm', icon: 'alarm', word };
  return { look: 'off', icon: 'off', word };
}

async function handAct(services: Services, hand: MachineHand, visit: Visit): Promise<Reply> {
  const { form, t } = visit;
  const act = ACTS.find((one) => one === form.text('act'));
  if (act === undefined) return { kind: 'refused', status: 400, why: 'badForm' };
  const shown = form.all('unresolved').slice(0, KNOWN_MAX);
  if (shown.length > 0) {
    const network = await hand.ask('network', {});
    if (network.kind !== 'done') return page(services, hand, visit, handFaults(network, visit));
    if (form.text('typed').toLowerCase() !== network.value.hostName.toLowerCase()) {
      return page(services, hand, visit, { [`typed-${act}`]: t.typedWrong });
    }
  }
  const answer = await hand.ask('power', { act, unresolved: shown });
  if (answer.kind !== 'done') return page(services, hand, visit, handFaults(answer, visit));
  visit.audit(act, 'box', { unresolved: shown }, null);
  const since = services.machine.startedAt;
  return see(`${PATH}/going?${act === 'power-off' ? 'off=1' : `since=${since}`}`);
}

/** Until another process answers: a restart of the gateway, or of the box with it. */
function going({ machine }: Services, { query }: Visit): Reply {
  const kind =
    query.get('off') === '1'
      ? 'off'
      : query.get('since') === String(machine.startedAt)
        ? 'restart'
        : 'back';
  return { kind: 'page', template: 'power-going.njk', model: { kind } };
}
