// The status screen: who I am, how to reach me, and whether payments can be taken.
import type { Facts } from './facts.ts';
import { besides, fitLines, SCREEN } from './layout.ts';
import { qrLines } from './qr.ts';
import type { Say } from './texts/say.ts';

/** Below this an old log should go, or a larger disk come. */
const LITTLE_SPACE_MB = 32;

export function statusScreen(facts: Facts, say: Say, others: readonly string[]): string[] {
  const url = adminUrl(facts);
  const left = ['TILLGATE', '', ...identity(facts, say, url), '', ...condition(facts, say)];
  const right = facts.slot === null || url === null ? [] : qrLines(url);
  const lines = besides(left, right).slice(0, SCREEN.rows - 2);
  const last = [say('enterForMenu'), ...others].join('   ');
  return [...lines, '', ...fitLines([last], SCREEN.columns - 1)];
}

/** By address: not every telephone finds `.local` names. */
export function adminUrl(facts: Facts): string | null {
  const address = facts.addresses[0];
  if (address === undefined) return null;
  return `https://${address.includes(':') ? `[${address}]` : address}:8443/`;
}

function identity(facts: Facts, say: Say, url: string | null): string[] {
  if (facts.slot === null) return [say('live')];
  const lines = [
    say('version', { version: facts.version, slot: facts.slot }),
    say('name', { name: `${facts.hostName}.local` }),
  ];
  if (url === null) lines.push(say('noAddress'));
  else lines.push(say('addresses', { list: facts.addresses.join(', ') }), say('open', { url }));
  if (facts.fingerprint !== null) lines.push(say('fingerprint'), ...halves(facts.fingerprint));
  if (facts.firstCode !== null) {
    lines.push(say('firstCode', { url: url ?? '', code: facts.firstCode }));
  }
  return lines;
}

function halves(fingerprint: string): string[] {
  const middle = Math.ceil(fingerprint.length / 2);
  return [fingerprint.slice(0, middle), fingerprint.slice(middle)].map((part) => ` ${part}`);
}

function condition(facts: Facts, say: Say): string[] {
  if (facts.slot === null) return [];
  return [gatewayLine(facts, say), ...problems(facts, say)].filter((line) => line !== '');
}

function gatewayLine(facts: Facts, say: Say): string {
  switch (facts.gateway.kind) {
    case 'answers':
      return facts.gateway.health.ok ? say('ready') : '';
    case 'starting':
      return say('starting');
    case 'down':
      return say('down', { state: facts.gateway.state, restarts: facts.gateway.restarts });
  }
}

function problems(facts: Facts, say: Say): string[] {
  const lines: string[] = [];
  if (facts.data.kind === 'missing') lines.push(say('dataMissing'));
  if (facts.data.kind === 'read-only') lines.push(say('dataReadOnly'));
  if (facts.data.kind === 'ok' && facts.data.freeMb < LITTLE_SPACE_MB) {
    lines.push(say('dataFull', { free: facts.data.freeMb }));
  }
  if (facts.gateway.kind === 'answers') {
    for (const part of facts.gateway.health.parts.filter(({ ok }) => !ok)) {
      lines.push(say('part', { name: part.name, reason: part.reason ?? '?' }));
    }
    // The part is well, yet somebody should know: the log of the service says what it is.
    const unused = facts.gateway.health.parts.some(
      ({ name, ok, reason }) => name === 'settings' && ok && reason !== null,
    );
    if (unused) lines.push(say('settingsUnused'));
  }
  if (facts.openOperations > 0) lines.push(say('unresolved', { count: facts.openOperations }));
  if (!facts.confirmed) lines.push(say('slotNotConfirmed'));
  // The day only: a screen that changes by itself is never quiet on a serial line.
  const time = new Date(facts.now).toISOString().slice(0, 10);
  if (!facts.clockTrusted) lines.push(say('clockNotTrusted', { time }));
  return lines;
}
