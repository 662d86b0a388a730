// The start page: what this box is, how it stands, where to read on.
import { LINK_WORDS } from '../../domain/texts/states.ts';
import type { Health, LinkName, TerminalView } from '../../operations/gateway.ts';
import type { Language } from '../../operations/settings-schema.ts';
import { WATCHER } from '../rest/machines.ts';
import type { Services } from '../rest/services.ts';

/** State is told by word and shape; colour only repeats it. */
const LOOK: Readonly<Record<LinkName, 'good' | 'working' | 'alarm' | 'off'>> = {
  ready: 'good',
  busy: 'working',
  connecting: 'working',
  unresolved: 'alarm',
  offline: 'alarm',
  disabled: 'off',
};

export interface StartModel {
  readonly shop: string;
  readonly demonstration: boolean;
  readonly version: string;
  readonly asOf: string;
  readonly health: { readonly ok: boolean; readonly reasons: readonly string[] };
  readonly terminals: readonly {
    readonly id: string;
    readonly name: string;
    readonly look: string;
    readonly word: string;
    readonly reason: string | null;
    readonly current: string | null;
    readonly unresolved: string | null;
    readonly queued: number;
    readonly lastSeen: string | null;
  }[];
}

export function startModel(services: Services, language: Language): StartModel {
  const { gateway, settings, clock, version, mode } = services;
  const { shop } = settings.current();
  const when = timeFormat(language, shop.timeZone);
  return {
    shop: shop.name,
    demonstration: mode === 'demonstration',
    version,
    asOf: when(clock.now()),
    health: healthModel(gateway.health()),
    terminals: gateway.terminals(WATCHER).map((view) => terminalModel(view, language, when)),
  };
}

function healthModel(health: Health): StartModel['health'] {
  const reasons = health.parts
    .filter((part) => part.reason !== null)
    .map(({ name, reason }) => `${name}: ${reason}`);
  return { ok: health.ok, reasons };
}

function terminalModel(
  view: TerminalView,
  language: Language,
  when: (at: number) => string,
): StartModel['terminals'][number] {
  const { settings, link } = view;
  return {
    id: settings.id,
    name: settings.name === '' ? settings.id : settings.name,
    look: LOOK[link],
    word: LINK_WORDS[language][link],
    reason: view.reason,
    current: view.current,
    unresolved: view.unresolved,
    queued: view.queued,
    lastSeen: view.lastSeen === null ? null : when(view.lastSeen),
  };
}

function timeFormat(language: Language, timeZone: string): (at: number) => string {
  const options = { dateStyle: 'short', timeStyle: 'medium' } as const;
  const locale = { uk: 'uk-UA', en: 'en-GB', ru: 'ru-UA' }[language];
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
  } catch (error) {
    // The zone is free text in the settings; a page must not fail over it.
    if (!(error instanceof RangeError)) throw error;
    format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  }
  return (at) => format.format(at);
}
