// For a shop that lost its way in: passwords of people, and keys.
import { addKey, revokeKey, rightsOf } from '../../operations/keys.ts';
import { keep, logins, resetPassword, withSecrets } from '../administrators.ts';
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';

export async function administratorMenu(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const action = await dialog.choose(say('menuAdministrator'), [
    { label: say('admPassword'), value: newPassword },
    { label: say('admNewKey'), value: newKey },
    { label: say('admKeys'), value: showKeys },
    { label: say('admRevoke'), value: revoke },
  ]);
  await action?.(dialog, machine);
}

async function newPassword(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const people = await logins(machine);
  if (people.length === 0) {
    dialog.show(say('admNobody'));
    return dialog.pause();
  }
  const login = await dialog.choose(
    say('admWhoseWhich'),
    people.map((name) => ({ label: name, value: name })),
  );
  if (login === null) return;
  const password = await resetPassword(machine, login);
  machine.log.warn('console-password-reset', { login });
  if (password !== null) dialog.show('', say('admShown', { name: login, secret: password }));
  await dialog.pause();
}

async function newKey(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const name = `console-${new Date(machine.clock.now()).toISOString().slice(0, 19).replaceAll(':', '')}`;
  const limits = { terminals: null, kinds: null, amountMax: null };
  const key = { name, role: 'administrator', limits } as const;
  const added = await withSecrets(machine, (secrets) => addKey(secrets, machine, key));
  if (added.kind === 'added') {
    const object = `key ${name}`;
    await keep(machine, { act: 'key-add', object, before: null, after: rightsOf(key) });
  }
  machine.log.warn('console-new-key', { name });
  dialog.show(
    '',
    added.kind === 'added'
      ? say('admShown', { name, secret: added.secret })
      : say('failed', { reason: added.kind }),
  );
  await dialog.pause();
}

async function showKeys(dialog: Dialog, machine: Machine): Promise<void> {
  const keys = await withSecrets(machine, async (secrets) => secrets.current().keys);
  if (keys.length === 0) dialog.show(dialog.say('admNoKeys'));
  for (const { name, role, createdAt } of keys) {
    dialog.show(`${name}  ${role}  ${new Date(createdAt).toISOString().slice(0, 16)}`);
  }
  await dialog.pause();
}

async function revoke(dialog: Dialog, machine: Machine): Promise<void> {
  const { say } = dialog;
  const keys = await withSecrets(machine, async (secrets) => secrets.current().keys);
  const name = await dialog.choose(
    say('admWhich'),
    keys.map((key) => ({ label: `${key.name} (${key.role})`, value: key.name })),
  );
  if (name === null) return;
  await withSecrets(machine, (secrets) => revokeKey(secrets, name));
  const gone = keys.find((key) => key.name === name);
  const before = gone === undefined ? null : rightsOf(gone);
  await keep(machine, { act: 'key-revoke', object: `key ${name}`, before, after: null });
  machine.log.warn('console-key-revoked', { name });
  dialog.show(say('done'));
  await dialog.pause();
}
