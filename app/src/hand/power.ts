// Restart and power off, and how the parts of the system are.
import { HAND_GRACE_MS } from '../domain/limits.ts';
import type { Handed, PowerAct, UnitState } from '../ports/machine-hand.ts';
import type { RunCommand } from '../system/commands.ts';
import { done, refused } from './answers.ts';
import type { HandMachine } from './machine.ts';
import { paymentsForbid } from './open-payments.ts';

/** Arguments of systemctl. */
const COMMANDS: Readonly<Record<PowerAct, readonly string[]>> = {
  'restart-gateway': ['restart', '--no-block', 'tillgate.service'],
  restart: ['reboot'],
  'power-off': ['poweroff'],
};

/** Without the gateway nothing works; without the others something does not. */
export const UNITS = [
  'tillgate.service',
  'tillgate-console.service',
  'tillgate-confirm.service',
  'tillgate-ports.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
  'nftables.service',
  'var-lib-tillgate.mount',
] as const;

/** Done a moment after the answer, so that the page reaches whoever asked. */
export function power(
  { clock, log, run, folders }: HandMachine,
  act: PowerAct,
  unresolved: readonly string[],
): Handed<null> {
  const forbidden = paymentsForbid(folders.gateway, unresolved);
  if (forbidden !== null) return refused(forbidden);
  log.warn('power', { act, unresolved: unresolved.length });
  const perform = async (): Promise<void> => {
    const result = await run('systemctl', COMMANDS[act]);
    if (!result.ok) log.error('power-failed', { act, reason: result.text });
  };
  clock.after(HAND_GRACE_MS, () => void perform());
  return done(null);
}

export async function units(run: RunCommand): Promise<readonly UnitState[]> {
  const properties = '--property=Id,ActiveState,SubState,NRestarts';
  const { text } = await run('systemctl', ['show', properties, ...UNITS]);
  return text
    .split(/\n\n+/)
    .map((block) => {
      const value = (name: string): string =>
        new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
      return {
        name: value('Id'),
        active: value('ActiveState'),
        sub: value('SubState'),
        restarts: Number(value('NRestarts') || 0),
      };
    })
    .filter(({ name }) => name !== '');
}
