// Network of the box: how it is, another address on trial, and its name.
import type { MachineHand, NetworkPlan, NetworkState } from '../../../ports/machine-hand.ts';
import type { AuditValue } from '../../../ports/accounts.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import {
  handFaults,
  type HandFields,
  type HandPage,
  handRoutes,
  handSilent,
} from './hand-answers.ts';

const PATH = '/admin/system/network';
const PAGE: HandPage = { title: 'network', plain: 'plainNetwork' };
const PLAN_FIELDS: HandFields = {
  link: ['link', 'badLink'],
  address: ['address', 'badAddress'],
  gateway: ['gateway', 'badGateway'],
  dns: ['dns', 'badDns'],
};

export function networkRoutes(services: Services): PageRoute[] {
  const route = handRoutes(services, PATH, PAGE);
  return [
    route('GET', '', (hand, visit) => page(hand, visit, {})),
    route('POST', '/try', handTry),
    route('POST', '/keep', handKeep),
    route('POST', '/back', async (hand, visit) => {
      const answer = await hand.ask('network-back', {});
      if (answer.kind !== 'done') return page(hand, visit, handFaults(answer, visit));
      visit.audit('network-back', 'network', null, null);
      return see(PATH, 'networkBack');
    }),
    route('POST', '/name', handName),
  ];
}

async function page(hand: MachineHand, visit: Visit, faults: Faults): Promise<Reply> {
  const answer = await hand.ask('network', {});
  if (answer.kind !== 'done') return handSilent(answer, visit, PAGE);
  const { value: state } = answer;
  const { form, t, f } = visit;
  const typed = Object.keys(faults).length > 0;
  const { plan } = state;
  const stored = plan.kind === 'fixed' ? plan : { link: '', address: '', gateway: '', dns: '' };
  const value = (name: keyof typeof stored): string =>
    typed && form.has(name) ? form.text(name) : stored[name];
  const model = {
    trial: trialOf(state, visit),
    returned: state.ended === 'returned' && state.trial === null,
    facts: factsOf(state, visit),
    hostName: state.hostName,
    nameHint: f.fill(t.boxNameHint, { name: state.hostName }),
    values: {
      kind: typed && form.has('kind') ? form.text('kind') : plan.kind,
      link: value('link'),
      address: value('address'),
      gateway: value('gateway'),
      dns: value('dns'),
      name: typed && form.has('name') ? form.text('name') : state.hostName,
    },
    kinds: [
      { value: 'dhcp', text: t.byDhcp },
      { value: 'fixed', text: t.byHand },
    ],
    links: state.links.map(({ name, up }) => ({
      value: name,
      text: up ? name : `${name} (${t.linkDown})`,
    })),
    faults,
  };
  return { kind: 'page', template: 'network.njk', model, status: typed ? 422 : 200 };
}

function factsOf({ links, gateway, dns }: NetworkState, { t }: Visit) {
  return [
    ...links.map(({ name, up, addresses }) => ({
      label: name,
      value: [up ? t.linkUp : t.linkDown, ...addresses].join(' · '),
    })),
    { label: t.gatewayAddress, value: gateway ?? t.nothing },
    { label: t.dnsServer, value: dns.join(', ') || t.nothing },
  ];
}

/** Where the box will answer, and until when somebody must say so. */
function trialOf({ trial, hostName }: NetworkState, visit: Visit) {
  if (trial === null) return null;
  const { t, f } = visit;
  const host = trial.plan.kind === 'fixed' ? hostOf(trial.plan) : `${hostName}.local`;
  return {
    left: f.fill(t.trialLeft, { left: minutes(trial.leftMs) }),
    text: trial.plan.kind === 'fixed' ? t.trialFixed : t.trialDhcp,
    url: urlAt(visit, host),
  };
}

/** `1:45` */
function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function hostOf(plan: Extract<NetworkPlan, { kind: 'fixed' }>): string {
  const [address = ''] = plan.address.split('/');
  return address.includes(':') ? `[${address}]` : address;
}

function urlAt({ base }: Visit, host: string): string {
  const url = new URL(`${base}${PATH}`);
  url.hostname = host;
  return url.href;
}

async function handTry(hand: MachineHand, visit: Visit): Promise<Reply> {
  const { form } = visit;
  const plan: NetworkPlan =
    form.text('kind') === 'dhcp'
      ? { kind: 'dhcp' }
      : {
          kind: 'fixed',
          link: form.text('link'),
          address: form.text('address'),
          gateway: form.text('gateway'),
          dns: form.text('dns'),
        };
  const before = await hand.ask('network', {});
  const answer = await hand.ask('network-try', { plan });
  if (answer.kind !== 'done') return page(hand, visit, handFaults(answer, visit, PLAN_FIELDS));
  visit.audit('network-try', 'network', beforeOf(before), { ...plan });
  return see(PATH);
}

async function handKeep(hand: MachineHand, visit: Visit): Promise<Reply> {
  const before = await hand.ask('network', {});
  const answer = await hand.ask('network-keep', { reached: visit.reached });
  if (answer.kind === 'done') {
    const kept = before.kind === 'done' ? (before.value.trial?.plan ?? null) : null;
    visit.audit('network-keep', 'network', beforeOf(before), kept === null ? null : { ...kept });
    return see(PATH, 'networkKept');
  }
  const elsewhere = answer.kind === 'refused' && answer.refusal.code === 'invalid';
  if (!elsewhere || before.kind !== 'done') return page(hand, visit, handFaults(answer, visit));
  const url = trialOf(before.value, visit)?.url ?? '';
  return page(hand, visit, { all: visit.f.fill(visit.t.wrongAddress, { url }) });
}

function beforeOf(state: Awaited<ReturnType<MachineHand['ask']>>): AuditValue {
  const plan = state.kind === 'done' ? (state.value as NetworkState).plan : null; // of `network`
  return plan === null ? null : { ...plan };
}

async function handName(hand: MachineHand, visit: Visit): Promise<Reply> {
  const name = visit.form.text('name').toLowerCase();
  const before = await hand.ask('network', {});
  const answer = await hand.ask('name', { name });
  if (answer.kind !== 'done') {
    return page(hand, visit, handFaults(answer, visit, { name: ['name', 'badName'] }));
  }
  const old = before.kind === 'done' ? { name: before.value.hostName } : null;
  visit.audit('name-change', 'box', old, { name });
  return see(PATH, 'saved');
}
