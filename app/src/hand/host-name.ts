// The name of the box in the LAN.
import { join } from 'node:path';
import { writeDurable } from '../storage/durable-file.ts';
import type { CommandResult, RunCommand } from '../system/commands.ts';

/** SPEC RFC 1123, 2.1: a label of letters, digits and hyphens. */
export function isHostName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

export async function rename(
  { run, folders }: { readonly run: RunCommand; readonly folders: { readonly state: string } },
  name: string,
): Promise<CommandResult> {
  await writeDurable(join(folders.state, 'hostname'), `${name}\n`);
  const set = await run('hostname', [name]);
  // mDNS tells the new name.
  if (set.ok) await run('systemctl', ['restart', 'systemd-resolved.service']);
  return set;
}
