// Names of terminals and merchants for people; an id where there is no name any more.
import type { TerminalView } from '../../../operations/gateway.ts';

export function terminalNames(views: readonly TerminalView[]): (id: string) => string {
  const names = new Map(
    views.map(({ settings }) => [settings.id, settings.name === '' ? settings.id : settings.name]),
  );
  return (id) => names.get(id) ?? id;
}

/** The name that an administrator gave, else the terminal's own; null where there is none. */
export function merchantName(view: TerminalView | undefined, index: number): string | null {
  const given = view?.settings.merchants.find((merchant) => merchant.index === index)?.name;
  return given ?? view?.identity?.merchants[String(index)] ?? null;
}
