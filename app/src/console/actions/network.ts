// Address, name and SSH. Written to the data partition first, then put to work at once.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isHostName, rename } from '../../hand/host-name.ts';
import { useDhcp, useFixed, wiredLinks } from '../../hand/network-files.ts';
import { writeDurable } from '../../storage/durable-file.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import { withStick } from './stick.ts';
import { outcome } from './outcome.ts';

export async function networkMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const action = await dialog.choose(say('menuNetwork'), [
    { label: say('netShow'), value: showNetwork },
    { label: say('netDhcp'), value: dhcp },
    { label: say('netStatic'), value: fixed },
    { label: say('netName'), value: nameMenu },
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

async function dhcp(dialog: Dialog, machine: Machine): Promise<void> {
  await outcome(dialog, await useDhcp(machine));
}

async function fixed(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const links = await wiredLinks(machine.run);
  const link = await dialog.choose(
    say('netLink'),
    links.map((name) => ({ label: name, value: name })),
  );
  if (link === null) return;
  const address = await dialog.ask(say('netAskAddress'));
  const gateway = await dialog.ask(say('netAskGateway'));
  const dns = await dialog.ask(say('netAskDns'));
  const applied = await useFixed(machine, { link, address, gateway, dns });
  if (applied === null) {
    dialog.show(say('netBadAddress'));
    return dialog.pause();
  }
  await outcome(dialog, applied);
}

async function nameMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const name = (await dialog.ask(say('netAskName'))).toLowerCase();
  if (!isHostName(name)) {
    dialog.show(say('netBadName'));
    return dialog.pause();
  }
  await outcome(dialog, await rename(machine, name));
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
