// Who the terminal is: read once a connection, and not guessed from less than was read before.
import type { TerminalIdentity } from '../../ports/terminal-driver.ts';
import type { Core } from './core.ts';
import { type Params, text } from './fields.ts';
import type { Session } from './session.ts';

/** Lists of merchants and what `identify` told; service messages only, so allowed at any time. */
export async function readLists(core: Core, session: Session, identified: Params): Promise<void> {
  const masks = await readList(core, session, 'getMaskList');
  const names = await readList(core, session, 'getMerchantList');
  core.identified = identified;
  core.identityComplete = false;
  core.identity = {
    vendor: text(identified, 'vendor') ?? text(identified, 'manufacturer'),
    model: text(identified, 'model') ?? text(identified, 'terminalModel'),
    firmware: core.identity?.firmware ?? null,
    terminalId: core.identity?.terminalId ?? null,
    merchants: names,
    merchantTerminalIds: masks,
  };
}

/**
 * Firmware and terminal id (GetTerminalInfo). A terminal that is busy is asked again later; only
 * one that lacks the method is known by its serial number or its first merchant.
 */
export async function completeIdentity(core: Core, session: Session): Promise<void> {
  const { identity } = core;
  if (core.identityComplete || identity === null) return;
  const version = await readVersion(core, session);
  if (version.kind === 'later') return;
  const told = version.kind === 'told' ? version.version.split(/\s+/) : [];
  const [firmware = null, ...device] = told;
  const serial = text(core.identified, 'serialNumber');
  const fallback = serial ?? Object.values(identity.merchantTerminalIds)[0] ?? null;
  const complete: TerminalIdentity = {
    ...identity,
    firmware,
    terminalId: device.length === 0 ? fallback : device.join(' '),
  };
  core.identity = complete;
  core.identityComplete = true;
}

type Version = { kind: 'told'; version: string } | { kind: 'lacking' } | { kind: 'later' };

async function readVersion(core: Core, session: Session): Promise<Version> {
  if (core.unanswered.has('GetTerminalInfo')) return { kind: 'lacking' };
  const timeoutMs = core.options.queryTimeoutMs;
  const request = { method: 'GetTerminalInfo', params: {}, signal: null, timeoutMs } as const;
  const ending = await session.exchange(request);
  if (ending.kind === 'answered') {
    const version = text(ending.answer.params, 'version');
    return version === null ? { kind: 'lacking' } : { kind: 'told', version };
  }
  const mute = ending.kind === 'lost' && ending.code === 'deadline-passed';
  // A silent answer costs the connection: it must not cost every connection.
  if (mute || ending.kind === 'not-implemented') core.unanswered.add('GetTerminalInfo');
  return { kind: ending.kind === 'not-implemented' ? 'lacking' : 'later' };
}

async function readList(
  core: Core,
  session: Session,
  msgType: 'getMaskList' | 'getMerchantList',
): Promise<Readonly<Record<string, string>>> {
  if (core.unanswered.has(msgType)) return {};
  const ending = await session.service(msgType, {}, core.options.pingTimeoutMs);
  if (ending.kind !== 'answered') {
    if (ending.kind !== 'cut') core.unanswered.add(msgType);
    return {};
  }
  return Object.fromEntries(
    Object.entries(ending.params)
      .filter(([index]) => /^\d{1,2}$/.test(index))
      .map(([index, value]) => [String(Number(index)), value.trim()]),
  );
}
