// Updates of the box: both slots, a bundle from the browser, its installation, and the way back.
import { UPDATE_BUNDLE_BYTES_MAX } from '../../../domain/limits.ts';
import type { MachineHand, SlotState, UpdateState } from '../../../ports/machine-hand.ts';
import type { EventSink } from '../../rest/route.ts';
import type { Faults } from '../form.ts';
import type { UploadRules } from '../multipart.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';
import { handFaults, type HandPage, handRoutes, handSilent } from './hand-answers.ts';
import type { Badge } from './words.ts';

const PATH = '/admin/system/updates';
const PAGE: HandPage = { title: 'updates', plain: 'plainUpdates' };

export function updateRoutes(services: Services): PageRoute[] {
  const route = handRoutes(services, PATH, PAGE);
  const { hand: present } = services;
  return [
    route('GET', '', (hand, visit) => page(hand, visit, {})),
    route('GET', '/live', async (hand) => ({ kind: 'events', run: watch(hand) })),
    {
      ...route('POST', '/upload', handUpload),
      ...(present === null ? {} : { upload: uploadRules(present) }),
    },
    route('POST', '/drop', async (hand, visit) => {
      await hand.dropSpooled();
      visit.audit('update-drop', 'system', null, null);
      return see(PATH, 'removed');
    }),
    route('POST', '/install', handInstall),
    route('POST', '/switch', handSwitch),
  ];
}

async function page(hand: MachineHand, visit: Visit, faults: Faults): Promise<Reply> {
  const answer = await hand.ask('updates', {});
  if (answer.kind !== 'done') return handSilent(answer, visit, PAGE);
  const { value: state } = answer;
  const { t, f } = visit;
  const other = state.slots.find(({ booted }) => !booted);
  const model = {
    slots: state.slots.map((slot) => ({
      name: slot.name,
      version: slot.version ?? t.notKnown,
      badges: badgesOf(slot, visit),
    })),
    running:
      state.running === null
        ? null
        : {
            percent: state.running.percent,
            title: f.fill(t.installing, { percent: f.number(state.running.percent) }),
            text: state.running.text,
          },
    bundle: bundleOf(state, visit),
    last: lastOf(state, visit),
    // Something waits in the other slot for a restart.
    restartNext: other?.next === true && other.good !== false,
    maySwitch: other !== undefined && !other.next && other.good !== false,
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'updates.njk', model, status };
}

function badgesOf(slot: SlotState, { t }: Visit): Badge[] {
  const badges: Badge[] = [];
  if (slot.booted) badges.push({ look: 'good', icon: 'good', word: t.slotRuns });
  else if (slot.good === false) badges.push({ look: 'alarm', icon: 'no', word: t.slotFailed });
  else badges.push({ look: 'off', icon: 'off', word: t.slotWaits });
  if (slot.confirmed) badges.push({ look: 'good', icon: 'shield', word: t.slotConfirmed });
  if (slot.next && slot.good !== false) {
    badges.push({ look: 'working', icon: 'next', word: t.slotNext });
  }
  return badges;
}

function bundleOf({ bundle }: UpdateState, { t, f }: Visit) {
  if (bundle === null) return null;
  const size = f.bytes(bundle.bytes);
  return bundle.version === null
    ? { fits: false, text: f.fill(t.bundleStranger, { detail: bundle.detail ?? '' }) }
    : { fits: true, text: f.fill(t.bundleVersion, { version: bundle.version, size }) };
}

function lastOf({ last, slots }: UpdateState, { t, f }: Visit) {
  if (last === null) return null;
  const { result } = last;
  const told = (good: boolean, text: string) => ({ when: f.when(last.at), good, text });
  switch (result.kind) {
    case 'installed': {
      const { version } = result;
      const [booted, other] = [slots.find((one) => one.booted), slots.find((one) => !one.booted)];
      if (booted?.version === version) return told(true, f.fill(t.updRuns, { version }));
      return other?.good === false
        ? told(false, f.fill(t.updFellBack, { version }))
        : told(true, f.fill(t.updInstalled, { version }));
    }
    case 'refused':
      return told(false, f.fill(t.updRefused, { count: result.count }));
    case 'not-trusted':
      return told(false, f.fill(t.updNotTrusted, { detail: result.detail }));
    case 'too-old':
      return told(false, f.fill(t.updTooOld, { version: result.version }));
    case 'failed':
      return told(false, f.fill(t.handFailed, { detail: result.detail }));
  }
}

const UPLOAD_FAULTS: Readonly<Record<string, TextKey>> = {
  'too-large': 'uploadTooLarge',
  'no-space': 'uploadNoSpace',
  cut: 'uploadCut',
};

function uploadRules(hand: MachineHand): UploadRules {
  return {
    bytesMax: UPDATE_BUNDLE_BYTES_MAX,
    keep: async (chunks) => {
      const kept = await hand.spool(chunks, null);
      return kept.kind === 'spooled' ? null : kept.kind;
    },
  };
}

async function handUpload(hand: MachineHand, visit: Visit): Promise<Reply> {
  const file = visit.form.file('bundle');
  if (file === null) return page(hand, visit, { bundle: visit.t.uploadMissing });
  if (file.fault !== null) {
    // A part of a bundle is none.
    await hand.dropSpooled();
    return page(hand, visit, { bundle: visit.t[UPLOAD_FAULTS[file.fault] ?? 'uploadCut'] });
  }
  visit.audit('update-upload', 'system', null, { name: file.name, bytes: file.size });
  return see(PATH, 'uploaded');
}

async function handInstall(hand: MachineHand, visit: Visit): Promise<Reply> {
  const before = await hand.ask('updates', {});
  const answer = await hand.ask('update-install', {});
  if (answer.kind !== 'done') return page(hand, visit, handFaults(answer, visit));
  const [old, version] =
    before.kind === 'done'
      ? [versionsOf(before.value), before.value.bundle?.version ?? null]
      : [null, null];
  visit.audit('update-install', 'system', old, { version });
  return see(PATH, 'installing');
}

async function handSwitch(hand: MachineHand, visit: Visit): Promise<Reply> {
  const before = await hand.ask('updates', {});
  const answer = await hand.ask('slot-switch', {});
  if (answer.kind !== 'done') return page(hand, visit, handFaults(answer, visit));
  const after = await hand.ask('updates', {});
  visit.audit(
    'slot-switch',
    'system',
    before.kind === 'done' ? versionsOf(before.value) : null,
    after.kind === 'done' ? versionsOf(after.value) : null,
  );
  return see(PATH, 'slotSwitched');
}

function versionsOf({ slots }: UpdateState) {
  return {
    booted: slots.find(({ booted }) => booted)?.name ?? null,
    next: slots.find(({ next }) => next)?.name ?? null,
    versions: Object.fromEntries(slots.map(({ name, version }) => [name, version])),
  };
}

/** Each progress is news of the page; its end is the last. */
function watch(hand: MachineHand): (sink: EventSink) => Promise<void> {
  return async (sink) => {
    const gone = new AbortController();
    void sink.closed.then(() => gone.abort());
    const tell = (): void => void sink.send('event: news\ndata: {}\n\n');
    sink.send('retry: 2000\n\n');
    await hand.watchUpdate(tell, gone.signal);
    tell();
    await sink.closed;
  };
}
