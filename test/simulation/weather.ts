// What goes wrong around the gateway until the story is calm.
import { terminalId } from '../../app/src/domain/ids.ts';
import { KINDS } from '../../app/src/domain/operation.ts';
import { CARDS } from '../../app/src/simulator/privat-json/cards.ts';
import { FAULTS } from '../../app/src/simulator/privat-json/faults.ts';
import type { PrivatJsonTerminal } from '../../app/src/simulator/privat-json/terminal.ts';
import { ADMINISTRATOR } from '../kit/world.ts';
import { personDecides } from './person.ts';
import { addressOf } from './life.ts';
import type { Story } from './story.ts';

const EVENTS = {
  fault: 10,
  card: 4,
  'link-cut': 2,
  'link-mute': 0.7,
  'connect-refused': 0.5,
  'terminal-power-cut': 1.2,
  'gateway-power-cut': 1.5,
  'gateway-power-cut-at-step': 3,
  'gateway-restart': 0.7,
  'settings-change': 0.8,
  'disk-full': 0.8,
  'disk-error': 1.5,
  'standalone-sale': 0.7,
  person: 2,
  nothing: 3,
} as const;
type WeatherEvent = keyof typeof EVENTS;

/** What goes wrong in one story: a few things often show more than everything seldom. */
interface Climate {
  readonly weights: Readonly<Record<WeatherEvent, number>>;
  readonly faults: readonly string[];
  readonly pauseMs: number;
}

function climateOf({ random }: Story): Climate {
  const weights = Object.fromEntries(
    Object.entries(EVENTS).map(([event, weight]) => [event, random.chance(0.35) ? 0 : weight]),
  ) as Record<WeatherEvent, number>; // the keys of the table
  weights.nothing = EVENTS.nothing;
  const all = Object.keys(FAULTS);
  const few = Array.from({ length: random.between(1, 5) }, () => random.pick(all));
  return {
    weights,
    faults: random.chance(0.4) ? all : few,
    pauseMs: random.pick([2_000, 6_000, 15_000]),
  };
}

/** Runs until the story is calm. */
export async function rage(story: Story): Promise<void> {
  const { random, clock } = story;
  const climate = climateOf(story);
  while (!story.calm) {
    await strike(story, climate, random.weighted(climate.weights));
    await clock.sleep(random.between(0, 2 * climate.pauseMs));
  }
}

async function strike(story: Story, climate: Climate, event: WeatherEvent): Promise<void> {
  const { random } = story;
  const [id, terminal] = random.pick([...story.terminals]);
  if (event !== 'nothing') story.trace(() => `weather ${event} ${id}`);
  switch (event) {
    case 'nothing':
      return;
    case 'fault':
      return armFault(story, climate, terminal);
    case 'card': {
      const defaultCard = random.chance(0.6) ? 'good' : random.pick(Object.keys(CARDS));
      return terminal.configure({ defaultCard });
    }
    case 'link-cut':
      return story.network.cut(addressOf(id));
    case 'link-mute':
      story.network.mute(addressOf(id));
      // The keepalive of the kernel finds out.
      story.clock.after(random.between(5_000, 60_000), () => story.network.cut(addressOf(id)));
      return;
    case 'connect-refused':
      story.network.refuse(addressOf(id), true);
      story.clock.after(random.between(1_000, 30_000), () =>
        story.network.refuse(addressOf(id), false),
      );
      return;
    case 'terminal-power-cut':
      return terminal.powerCut(random.between(0, 30_000));
    case 'gateway-power-cut':
      return story.life?.cut();
    case 'gateway-power-cut-at-step':
      if (story.life !== null) story.life.cutAfterSteps = random.between(0, 120);
      return;
    case 'gateway-restart':
      return restart(story);
    case 'settings-change':
      return changeSettings(story, id);
    case 'disk-full':
      story.disk.full = true;
      story.clock.after(random.between(500, 30_000), () => {
        story.disk.full = false;
      });
      return;
    case 'disk-error':
      story.disk.failing = random.between(1, 3);
      return;
    case 'standalone-sale':
      terminal.standaloneSale(random.between(1, 900));
      return;
    case 'person':
      return somebodyDecides(story);
  }
}

/** As an update does it: a graceful stop, then the process ends. */
async function restart(story: Story): Promise<void> {
  const { life } = story;
  await story.ask((gateway) => gateway.stop(story.random.between(0, 20_000)));
  story.trace(() => 'the gateway has stopped');
  life?.cut();
}

/** Some changes keep the lane, some build a new driver, all may be refused. */
async function changeSettings(story: Story, id: string): Promise<void> {
  const { random } = story;
  const before = story.settings.current().terminals.find((terminal) => terminal.id === id);
  if (before === undefined) return;
  const next = random.chance(0.5)
    ? { ...before, name: `renamed ${random.below(100)}` }
    : { ...before, options: { ...before.options, statusPollMs: random.pick([500, 1_000, 2_000]) } };
  const changed = await story.ask((gateway) => gateway.putTerminal(ADMINISTRATOR, next));
  story.trace(() => `settings of ${id} → ${changed === 'gone' ? changed : changed.kind}`);
  // Taking a terminal in use away must be refused; where it is not, nothing of it may be open.
  if (!random.chance(0.2)) return;
  const removed = await story.ask((gateway) =>
    gateway.removeTerminal(ADMINISTRATOR, terminalId(id)),
  );
  story.trace(() => `removal of ${id} → ${removed === 'gone' ? removed : removed.kind}`);
  const open =
    story
      .open()
      ?.filter(({ request, startedAt }) => request.terminal === id && startedAt !== null)
      // A report that an earlier life left on a full disk moved no money and holds nothing.
      .filter(({ request }) => KINDS[request.kind].whenLost === 'unknown') ?? [];
  if (removed !== 'gone' && removed.kind === 'removed' && open.length > 0) {
    story.fail(`${id} was removed while ${open[0]?.id} is ${open[0]?.state}`);
  }
  while (!story.settings.current().terminals.some((terminal) => terminal.id === id)) {
    await story.ask((gateway) => gateway.putTerminal(ADMINISTRATOR, next));
    await story.clock.sleep(1_000);
  }
}

function armFault(story: Story, climate: Climate, terminal: PrivatJsonTerminal): void {
  const name = story.random.pick(climate.faults);
  story.trace(() => `weather arms ${name}`);
  terminal.fault(name);
}

/** A person may decide while the story goes on, of what the journal left ambiguous. */
async function somebodyDecides(story: Story): Promise<void> {
  const ambiguous = story
    .open()
    ?.find(({ state, evidence }) => state === 'unknown' && evidence !== null);
  if (ambiguous === undefined) return;
  const device = story.terminals.get(ambiguous.request.terminal)?.device;
  // Nobody reads a slip from a terminal that works or is dark.
  if (device?.powered !== true || device.running !== null) return;
  await personDecides(story, ambiguous);
}
