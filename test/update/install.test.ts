import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Permission } from '../../app/src/update/guard.ts';
import { install, type InstallParts, parseInfo } from '../../app/src/update/install.ts';

const OPEN: Permission = {
  kind: 'open-operations',
  operations: [
    { id: 'sale-1', terminal: 'till-1', kind: 'purchase', state: 'unknown', createdAt: 0 },
  ],
};
const INFO = JSON.stringify({
  update: { compatible: 'tillgate-amd64', version: '1.2.3', build: 'ledger-schema-3' },
});

function parts(changes: Partial<InstallParts> = {}): InstallParts & { commands: string[] } {
  const commands: string[] = [];
  return {
    commands,
    run: async (program, args) => {
      commands.push([program, args[0]].join(' '));
      return { ok: true, text: args[0] === 'info' ? INFO : '' };
    },
    permission: () => ({ kind: 'allowed' }),
    ledgerNeeds: () => 3,
    remember: async () => undefined,
    ...changes,
  };
}

test('installs a bundle that fits', async () => {
  const given = parts();
  assert.deepEqual(await install(given, 'x.raucb'), { kind: 'installed', version: '1.2.3' });
  assert.deepEqual(given.commands, ['rauc info', 'rauc install']);
});

test('refuses while a payment is open, before it looks at the file', async () => {
  const given = parts({ permission: () => OPEN });
  assert.deepEqual(await install(given, 'x.raucb'), { kind: 'refused', permission: OPEN });
  assert.deepEqual(given.commands, []);
});

test('refuses a bundle whose program cannot read this ledger', async () => {
  const given = parts({ ledgerNeeds: () => 4 });
  assert.equal((await install(given, 'x.raucb')).kind, 'too-old');
  assert.deepEqual(given.commands, ['rauc info']);
});

test('refuses a bundle that RAUC does not trust', async () => {
  const given = parts({ run: async () => ({ ok: false, text: 'signature verification failed' }) });
  assert.deepEqual(await install(given, 'x.raucb'), {
    kind: 'not-trusted',
    detail: 'signature verification failed',
  });
});

test('says so where a payment began while the bundle was being installed', async () => {
  let asked = 0;
  const given = parts({
    permission: () => {
      asked += 1;
      return asked === 1 ? { kind: 'allowed' } : OPEN;
    },
    run: async (_program, args) => ({ ok: args[0] === 'info', text: INFO }),
  });
  assert.equal((await install(given, 'x.raucb')).kind, 'refused');
});

test('a bundle that names no schema counts as the first one', () => {
  const text = JSON.stringify({ update: { compatible: 'x', version: '1' } });
  assert.deepEqual(parseInfo(`rauc-Message: {hello}\n${text}`), { version: '1', schema: 1 });
  assert.equal(parseInfo('no json'), null);
});
