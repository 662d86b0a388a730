// Address, name and SSH. Written to the data partition first, then put to work at once.
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { writeDurable } from '../../storage/durable-file.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { withStick } from './stick.ts';
import { outcome } from './outcome.ts';

const STATIC_FILE = '50-fixed.network';

export async function networkMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const action = await dialog.choose(say('menuNetwork'), [
    { label: say('netShow'), value: showNetwork },
    { label: say('netDhcp'), value: useDhcp },
    { label: say('netStatic'), value: useFixed },
    { label: say('netName'), value: rename },
    { label: say('netSsh'), value: sshMenu },
  ]);
  await action?.(dialog, machine);
}

async function showNetwork(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const addresses = await machine.run('ip', ['-brief', 'address', 'show', 'up']);
  const route = await machine.run('ip', ['-4', 'route', 'show', 'default']);
  dialog.show(...addresses.text.split('\n'), '');
  const gateway = /\bvia (\S+)/.exec(route.text)?.[1];
  if (gateway === undefined) dialog.show(say('netNoGateway'));
  else {
    const answer = await machine.run('ping', ['-c', '2', '-W', '2', gateway]);
    dialog.show(say(answer.ok ? 'netGatewayOk' : 'netGatewayBad', { address: gateway }));
  }
  await dialog.pause();
}

async function useDhcp(dialog: Dialog, machine: Machine): Promise<void> {
  for (const folder of [join(machine.folders.state, 'network'), machine.folders.networkRuntime]) {
    await rm(join(folder, STATIC_FILE), { force: true });
  }
  await apply(dialog, machine);
}

async function useFixed(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const links = await wiredLinks(machine);
  const link = await dialog.choose(
    say('netLink'),
    links.map((name) => ({ label: name, value: name })),
  );
  if (link === null) return;
  const address = await dialog.ask(say('netAskAddress'));
  const gateway = await dialog.ask(say('netAskGateway'));
  const dns = await dialog.ask(say('netAskDns'));
  const text = fixedNetwork({ link, address, gateway, dns });
  if (text === null) {
    dialog.show(say('netBadAddress'));
    return dialog.pause();
  }
  const folder = join(machine.folders.state, 'network');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeDurable(join(folder, STATIC_FILE), text);
  await mkdir(machine.folders.networkRuntime, { recursive: true });
  await copyFile(join(folder, STATIC_FILE), join(machine.folders.networkRuntime, STATIC_FILE));
  // networkd reads as its own user.
  await machine.run('chmod', ['0644', join(machine.folders.networkRuntime, STATIC_FILE)]);
  await apply(dialog, machine);
}

export interface FixedNetwork {
  readonly link: string;
  readonly address: string;
  readonly gateway: string;
  readonly dns: string;
}

/** The text of a `.network` file; null where an address is none. */
export function fixedNetwork({ link, address, gateway, dns }: FixedNetwork): string | null {
  const [ip = '', prefix = '', ...more] = address.split('/');
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  const fits = (isIPv4(ip) && bits >= 1 && bits <= 32) || (isIPv6(ip) && bits >= 1 && bits <= 128);
  if (!fits || more.length > 0) return null;
  if (gateway !== '' && isIP(gateway) !== isIP(ip)) return null;
  if (dns !== '' && isIP(dns) === 0) return null;
  return [
    '[Match]',
    `Name=${link}`,
    '',
    '[Network]',
    `Address=${address}`,
    ...(gateway === '' ? [] : [`Gateway=${gateway}`]),
    ...(dns === '' ? [] : [`DNS=${dns}`]),
    'MulticastDNS=yes',
    '',
  ].join('\n');
}

async function wiredLinks(machine: Machine): Promise<string[]> {
  const { text } = await machine.run('ip', ['-brief', 'link', 'show']);
  return text
    .split('\n')
    .map((line) => /^(\S+?)(@\S+)?\s/.exec(line)?.[1] ?? '')
    .filter((name) => /^(en|eth)/.test(name));
}

async function apply(dialog: Dialog, machine: Machine): Promise<void> {
  const reloaded = await machine.run('networkctl', ['reload']);
  await outcome(dialog, reloaded);
}

async function rename(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const name = (await dialog.ask(say('netAskName'))).toLowerCase();
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    dialog.show(say('netBadName'));
    return dialog.pause();
  }
  await writeDurable(join(machine.folders.state, 'hostname'), `${name}\n`);
  const set = await machine.run('hostname', [name]);
  // mDNS tells the new name.
  if (set.ok) await machine.run('systemctl', ['restart', 'systemd-resolved.service']);
  await outcome(dialog, set);
}

async function sshMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const file = join(machine.folders.state, 'ssh', 'authorized_keys');
  const action = await dialog.choose(say(existsSync(file) ? 'sshIsOn' : 'sshIsOff'), [
    { label: say('sshOnType'), value: 'type' as const },
    { label: say('sshOnStick'), value: 'stick' as const },
    { label: say('sshOff'), value: 'off' as const },
  ]);
  switch (action) {
    case null:
      return;
    case 'type':
      return sshOn(dialog, machine, await dialog.ask(say('sshAskKey')));
    case 'stick':
      return withStick(dialog, machine, 'ro', async (folder) => {
        const names = await readdir(folder);
        const text = names.includes('authorized_keys')
          ? await readFile(join(folder, 'authorized_keys'), 'utf8')
          : '';
        await sshOn(dialog, machine, text);
      });
    case 'off':
      await rm(file, { force: true });
      return outcome(dialog, await machine.run('systemctl', ['stop', 'ssh.service']));
  }
}

async function sshOn(dialog: Dialog, machine: Machine, text: string): Promise<void> {
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter(isPublicKey);
  if (keys.length === 0) {
    dialog.show(dialog.say('sshBadKey'));
    return dialog.pause();
  }
  await mkdir(join(machine.folders.state, 'ssh'), { recursive: true, mode: 0o700 });
  await writeDurable(join(machine.folders.state, 'ssh', 'authorized_keys'), `${keys.join('\n')}\n`);
  await outcome(dialog, await machine.run('systemctl', ['restart', 'ssh.service']));
}

export function isPublicKey(line: string): boolean {
  return /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-\S+@openssh\.com) [A-Za-z0-9+/]{60,}={0,3}( .*)?$/.test(
    line,
  );
}
