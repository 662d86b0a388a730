// Who the terminal is, by its answer to the login, and which optional messages it knows.
import type { Instant } from '../../domain/ids.ts';
import type { TerminalIdentity, TerminalSetup } from '../../ports/terminal-driver.ts';
import { at, type NexoMessage, textOf, value } from '../../xml/nexo/envelope.ts';
import type { NexoNode } from '../../xml/nexo/write.ts';
import type { Core } from './core.ts';
import { type Category, diagnosis, getTotals, reconciliation } from './messages.ts';

/** SPEC 4.1: what a serial number begins with. */
const MODELS: readonly (readonly [prefix: string, model: string])[] = [
  ['171', 'A30'],
  ['229', 'A35'],
  ['185', 'A920'],
];

export function identityOf(message: NexoMessage, setup: TerminalSetup): TerminalIdentity {
  const system = at(message.body, 'POISystemData');
  const software = at(system, 'POISoftware');
  const serial = value(at(system, 'POITerminalData'), 'POISerialNumber');
  const model = MODELS.find(([prefix]) => serial?.startsWith(prefix) === true)?.[1] ?? null;
  return {
    // Version 3.0 of the standard calls it ManufacturerID.
    vendor: value(software, 'ProviderIdentification') ?? value(software, 'ManufacturerID'),
    model: model ?? value(software, 'ApplicationName'),
    firmware: value(software, 'SoftwareVersion'),
    terminalId: serial,
    merchants: Object.fromEntries(setup.merchants.map(({ index, name }) => [index, name])),
    merchantTerminalIds: {},
  };
}

/** Its clock minus ours; null where the login tells no time. */
export function skewOf(message: NexoMessage, now: Instant): number | null {
  const told = Date.parse(textOf(at(message.body, 'POISystemData', 'DateTime')) ?? '');
  return Number.isNaN(told) ? null : told - now;
}

/** Questions that change nothing; a terminal that knows the message may still have no answer. */
const PROBES: readonly (readonly [Category, () => NexoNode])[] = [
  ['Diagnosis', () => diagnosis(false)],
  ['GetTotals', () => getTotals()],
  ['Reconciliation', () => reconciliation('PreviousReconciliation')],
];

/** The turn must be ours. Ends early where the terminal is silent or busy: it is tried again. */
export async function probe(core: Core): Promise<void> {
  for (const [category, body] of PROBES) {
    if (core.known.has(category)) continue;
    const timeoutMs = core.options.queryTimeoutMs;
    const ending = await core.link.ask({ category, body: body(), timeoutMs });
    if (ending.kind !== 'answered') return;
    const { result, condition } = ending.response;
    if (condition === 'Busy') return;
    if (result !== 'Failure' || condition === 'NotFound') core.known.add(category);
  }
  core.probed = true;
}
